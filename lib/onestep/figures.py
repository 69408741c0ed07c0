"""The paper's synthetic figures as declared sweeps: Figures 1, 2, 4, 5 and 6.

Each is a grid with the published protocol, except that every trial redraws everything: structure,
direction, samples and network. Where the published points share one draw of the data among their
trials, the scatter that this causes is measured with *students*: several networks that learn from
the data of one trial. Figure 5b is 1c and Figure 6 is the pair of errors of 1a, here as there.

``python -m onestep.figures fig1b`` computes the results of one figure, resumably; with
``--profile full``, those that come with the package.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from . import __version__, bench, check, stores, streams
from ._cells import Cell
from ._cells import compute as compute_cells
from ._predict import predict
from ._problem import Problem
from ._simulate import default_degree, named_models
from ._sweep import Fields, sweep
from .models import HermiteModel, Model

ACTIVATIONS = ("relu", "tanh", "sigmoid")
_TENTHS = tuple(np.linspace(0, 1, 10).tolist())


@dataclass(frozen=True)
class Figure:
    """One published figure as a sweep.

    Attributes
    ----------
    problem, over, models, fields
        As for `sweep`, at the size of the paper.
    trials
        Trials of the full profile; the paper's number.
    axis
        The dimension that the figure shows.
    one_draw
        Whether the published trials of a point share one draw of structure, direction and samples.
    shared
        Coordinates at which students measure the scatter of such a draw; empty if it is not needed.
    quick
        Coordinates of the quick profile.
    layers
        Trained layers that the formula averages over; 0 takes the limit, which draws nothing.
    """

    problem: Problem
    over: Mapping[str, Sequence[Any]]
    axis: str
    quick: Mapping[str, Sequence[Any]]
    one_draw: bool = False
    shared: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    models: tuple[str | Model, ...] = ("network", "hermite")
    trials: int = 20
    fields: Fields | None = None
    layers: int = 0

    def at(self, point: Mapping[str, Any], trial: int) -> tuple[Problem, int | None]:
        """Problem and degree of one trial at one point."""
        own = dict(point if self.fields is None else self.fields(point, trial))
        degree = own.pop("degree", None)
        return replace(self.problem, **own), degree


def published_degree(beta: float) -> int:
    """Degree of the published experiments: ``ceil(beta / (1 - beta + 1e-6))`` within 1 and 4.

    It differs from `onestep.degree` where beta is on a boundary: at ``beta = 2/3`` it gives 2.
    """
    check.number("beta", beta, 0.0, 1.0)
    return min(4, max(1, math.ceil(beta / (1 - beta + 1e-6))))


def _degree_three(point: Mapping[str, Any], trial: int) -> dict[str, Any]:
    return {**point, "degree": 3}


def _degree_of_beta(point: Mapping[str, Any], trial: int) -> dict[str, Any]:
    return {**point, "degree": published_degree(point["beta"])}


def _mixture_ratio(point: Mapping[str, Any], trial: int) -> dict[str, Any]:
    rho = point["rho"]
    return {"activation": point["activation"], "weights": (rho, 1 - rho), "degree": 3}


def _random_strengths(point: Mapping[str, Any], trial: int) -> dict[str, Any]:
    """Strengths theta * U(0, 1), those of the second cluster rescaled to the sum of the first's."""
    rank = point["rank"]
    one, two = streams.generator("strengths of Figure 2c", rank, trial).uniform(size=(2, rank))
    two *= one.sum() / two.sum()
    return {**point, "strengths": (tuple(one.tolist()), tuple(two.tolist())), "degree": 3}


_BASE = Problem()
_MAP = tuple(np.linspace(0, 1, 30).tolist())
_BY_BETA: dict[str, Any] = {
    "over": {"beta": _TENTHS, "activation": ACTIVATIONS},
    "axis": "beta",
    "quick": {"beta": _TENTHS[::3]},
    "one_draw": True,
    "shared": {"beta": _TENTHS[1::3]},
    "fields": _degree_of_beta,
}

FIGURES: Mapping[str, Figure] = {
    "fig1a": Figure(
        problem=_BASE,
        over={"k": tuple(round(1000 * w) for w in bench.WIDTHS), "activation": ACTIVATIONS},
        axis="k",
        quick={"k": (100, 500, 1000, 2000)},
        one_draw=True,
        shared={"k": (300, 700, 1500)},
        fields=_degree_three,
    ),
    "fig1b": Figure(
        problem=_BASE,
        over={"alpha": tuple(np.linspace(0, 1, 20).tolist()), "activation": ACTIVATIONS},
        axis="alpha",
        quick={"alpha": tuple(np.linspace(0, 1, 20)[::6].tolist())},
        one_draw=True,
        shared={"alpha": tuple(np.linspace(0, 1, 20)[2::6].tolist())},
        fields=_degree_three,
    ),
    "fig1c": Figure(problem=_BASE, **_BY_BETA),
    "fig2a": Figure(
        problem=_BASE,
        over={
            "construction": ("published", "exact"),
            "alignment": tuple(np.linspace(-1, 1, 20).tolist()),
            "activation": ACTIVATIONS,
        },
        axis="alignment",
        quick={"alignment": tuple(np.linspace(-1, 1, 20)[::6].tolist())},
        shared={
            "construction": ("published",),
            "alignment": tuple(np.linspace(-1, 1, 20)[3::6].tolist()),
        },
        fields=_degree_three,
    ),
    "fig2b": Figure(
        problem=replace(_BASE, target="class"),
        over={"rho": _TENTHS, "activation": ACTIVATIONS},
        axis="rho",
        quick={"rho": _TENTHS[::3]},
        one_draw=True,
        shared={"rho": _TENTHS[1::3]},
        fields=_mixture_ratio,
    ),
    "fig2c": Figure(
        problem=replace(_BASE, construction="published"),
        over={"rank": tuple(range(1, 11)), "activation": ACTIVATIONS},
        axis="rank",
        quick={"rank": (1, 4, 7, 10)},
        trials=100,
        fields=_random_strengths,
        # The limit's quadrature is a product rule: it cannot carry twenty spikes.
        layers=6,
    ),
    # One sweep serves both heat maps: 4a shows the network, 4b what degree 1 is off.
    "fig4": Figure(
        problem=replace(_BASE, n=400, m=500, k=500, direction="aligned", construction="published"),
        over={"alpha": _MAP, "beta": _MAP},
        axis="beta",
        quick={"alpha": _MAP[::7], "beta": _MAP[::7]},
        one_draw=True,
        shared={"alpha": _MAP[4::10], "beta": _MAP[4::10]},
        models=("network", HermiteModel(degree=1)),
    ),
    "fig5a": Figure(problem=replace(_BASE, alpha=0.0), **_BY_BETA),
    "fig5c": Figure(problem=replace(_BASE, alpha=1.0), **_BY_BETA),
}
"""Published figures by name."""

PROFILES = ("quick", "full")
_QUICK_TRIALS = 4


def compute(name: str, store: str | Path, *, profile: str = "quick", **options: Any) -> xr.Dataset:
    """Results of a figure, computed where the store does not have them yet.

    Parameters
    ----------
    name
        One of `FIGURES`.
    store
        netCDF file; students of the shared draws go to a second one, ``NAME-students.nc``.
    profile
        ``"full"``: the published points and trials. ``"quick"``: some points, 4 trials.
    options
        ``processes``, ``client``, ``progress`` and ``missing_only`` of `sweep`.

    Returns
    -------
    xarray.Dataset
        As from `sweep`; the students' results are read by `scatter`.
    """
    figure = FIGURES[check.choice("name", name, FIGURES)]
    full = check.choice("profile", profile, PROFILES) == "full"
    options |= {
        "models": figure.models,
        "trials": figure.trials if full else _QUICK_TRIALS,
        "fields": figure.fields,
    }
    over = dict(figure.over) if full else {**figure.over, **figure.quick}
    results = sweep(figure.problem, over, store=store, **options)
    if figure.shared:
        shared = {**figure.over, **figure.shared}
        # The published test sample, 5 m inputs, belongs to the draw that the trials share.
        options["test_size"] = 5 * figure.problem.m
        sweep(figure.problem, shared, students=2, store=students_of(store), **options)
    return results


def formula(name: str) -> xr.Dataset:
    """The errors of a figure's networks by formula: the curve that the simulation is compared with.

    Parameters
    ----------
    name
        One of `FIGURES`.

    Returns
    -------
    xarray.Dataset
        ``training_error`` and ``generalization_error`` with the dimensions of the figure, except
        ``construction``: the formula knows the exact one. NaN where a solver did not converge.
    """
    figure = FIGURES[check.choice("name", name, FIGURES)]
    over = {axis: values for axis, values in figure.over.items() if axis != "construction"}
    shape = tuple(map(len, over.values()))
    found = {error: np.full(shape, np.nan) for error in ("training_error", "generalization_error")}
    for position in np.ndindex(shape):
        point = {axis: values[i] for (axis, values), i in zip(over.items(), position, strict=True)}
        cells = []
        for trial in range(max(1, figure.layers)):
            problem, degree = figure.at(point, trial)
            method = "equivalent" if figure.layers else "scalar"
            # One layer of its own for every trial's problem.
            cells.append(predict(problem, method, models=["network"], degree=degree, seed=trial))
        for error, array in found.items():
            array[position] = np.mean([cell[error].item() for cell in cells])
    return xr.Dataset(
        {error: (tuple(over), array) for error, array in found.items()},
        coords={axis: list(values) for axis, values in over.items()},
        attrs={
            "onestep_version": __version__,
            "method": f"equivalent, {figure.layers} layers" if figure.layers else "scalar",
        },
    )


def students_of(store: str | Path) -> Path:
    """The store of the students beside that of a figure."""
    path = Path(store)
    return path.with_name(f"{path.stem}-students{path.suffix}")


def formula_of(store: str | Path) -> Path:
    """The store of the formula's curve beside that of a figure."""
    path = Path(store)
    return path.with_name(f"{path.stem}-formula{path.suffix}")


def stored(name: str, part: str = "results") -> xr.Dataset:
    """Full results that come with the package, with their provenance in ``attrs``.

    Parameters
    ----------
    name
        One of `FIGURES`.
    part
        ``"results"``; ``"students"``, with the dimension ``student``; or ``"formula"``.

    Raises
    ------
    onestep.stores.DamagedStore
        If the file was changed.
    """
    check.choice("name", name, FIGURES)
    file = {
        "results": f"{name}.nc",
        "students": f"{name}-students.nc",
        "formula": f"{name}-formula.nc",
    }[check.choice("part", part, ("results", "students", "formula"))]
    with resources.as_file(resources.files(__package__) / "data" / "figures" / file) as path:
        return stores.load(path)


def recompute(name: str, part: str, point: Mapping[str, Any], trial: int) -> xr.Dataset:
    """One cell of the stored results, computed anew, beside what the store has.

    Parameters
    ----------
    name, part
        As for `stored`; ``"results"`` or ``"students"``.
    point
        Coordinates of the figure's dimensions, as stored.
    trial
        Stored trial.

    Returns
    -------
    xarray.Dataset
        Every variable of the store with the dimensions ``origin`` ("stored", "recomputed"),
        ``student`` and ``model``.
    """
    figure = FIGURES[check.choice("name", name, FIGURES)]
    check.choice("part", part, ("results", "students"))
    there = stored(name, part).drop_vars("first_cell").sel({**point, "trial": trial}, drop=True)
    problem, degree = figure.at(point, trial)
    cells = [
        Cell(
            problem,
            tuple(named_models(figure.models)),
            default_degree(problem) if degree is None else degree,
            5 * figure.problem.m if part == "students" else None,
            there.attrs["seed"],
            trial,
            student,
        )
        for student in there.student.values.tolist()
    ]
    values = [cell_values for cell in cells for cell_values in compute_cells([cell])]
    anew = xr.Dataset(
        {
            error: (("student", "model"), [each[str(error)] for each in values])
            for error in there.data_vars
        },
        coords=there.coords,
    )
    return xr.concat([there, anew], "origin").assign_coords(origin=["stored", "recomputed"])


def main() -> None:
    """Compute a figure from the command line."""
    parser = argparse.ArgumentParser(prog="python -m onestep.figures", description=__doc__)
    parser.add_argument("figure", choices=FIGURES)
    parser.add_argument("--profile", choices=PROFILES, default="quick")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--formula", action="store_true", help="the curve by formula instead")
    parser.add_argument("--folder", type=Path, default=Path("_build/figures"))
    given = parser.parse_args()
    store = given.folder / given.profile / f"{given.figure}.nc"
    if given.formula:
        store = formula_of(store)
        stores.save(formula(given.figure), store)
        print(f"formula in {store}")
        return
    compute(given.figure, store, profile=given.profile, processes=given.processes, progress=True)
    print(f"results in {store}")


if __name__ == "__main__":
    main()
