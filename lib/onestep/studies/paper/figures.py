"""The paper's synthetic figures as declared sweeps: Figures 1, 2, 4, 5 and 6.

Each is a grid with the published protocol, except that every trial redraws everything: structure,
direction, samples and network. Where the published points share one draw of the data among their
trials, the scatter that this causes is measured with *students*: several networks that learn from
the data of one trial. Figure 5b is 1c and Figure 6 is the pair of errors of 1a, here as there.

``python -m onestep.studies sweep fig1b`` computes the results of one figure, resumably; with
``--profile full``, those that come with the package.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ..._support import check
from ..._support.version import __version__
from ...experiment import Study, fill, grid
from ...experiment import compute as compute_cells
from ...network import Problem, TrainedLayer
from ...theory import predict
from .. import archive
from .grids import ACTIVATIONS, FIGURES, Figure

__all__ = [
    "ACTIVATIONS",
    "FIGURES",
    "PROFILES",
    "Figure",
    "any_cell",
    "compute",
    "formula",
    "part_of",
    "recompute",
    "stored",
    "studies",
]

PROFILES = ("quick", "full")
"""A few points and trials, or all that the paper has."""

_QUICK_TRIALS = 4


def studies(name: str, *, profile: str = "quick", trials: int | None = None) -> dict[str, Study]:
    """A figure as studies: its results and, where they are needed, students of shared draws.

    Parameters
    ----------
    name
        One of `FIGURES`.
    profile
        ``"full"``: the published points and trials. ``"quick"``: some points, 4 trials.
    trials
        None takes those of the profile, else >= 1. Fewer at first lose nothing: more are added
        later.

    Returns
    -------
    dict
        ``"results"``, and ``"students"`` where the published trials share draws.

    Examples
    --------
    >>> study = studies("fig1b")["results"]
    >>> study.repeats["trial"], list(study.points)
    (4, ['alpha', 'activation'])
    """
    figure = FIGURES[check.choice("name", name, FIGURES)]
    full = check.choice("profile", profile, PROFILES) == "full"
    over = figure.over if full else {**figure.over, **figure.quick}
    count = (figure.trials if full else _QUICK_TRIALS) if trials is None else trials
    options: dict[str, Any] = {"models": figure.models, "trials": count, "fields": figure.fields}
    found = {"results": grid(figure.problem, over, **options)}
    if figure.shared:
        # The published test sample, 5 m inputs, belongs to the draw that the trials share.
        options |= {"students": 2, "test_size": 5 * figure.problem.m}
        found["students"] = grid(figure.problem, {**figure.over, **figure.shared}, **options)
    return found


def compute(
    name: str,
    store: str | Path,
    *,
    profile: str = "quick",
    trials: int | None = None,
    **options: Any,
) -> xr.Dataset:
    """Results of a figure, computed where the store does not have them yet.

    Parameters
    ----------
    name, profile, trials
        As for `studies`.
    store
        netCDF file; students of the shared draws go to a second one, ``NAME-students.nc``.
    options
        ``processes``, ``client``, ``progress`` and ``missing_only`` of `onestep.sweep`.

    Returns
    -------
    xarray.Dataset
        As from `onestep.sweep`, without the students.
    """
    parts = studies(name, profile=profile, trials=trials)
    results = fill(parts["results"], store, **options)
    if "students" in parts:
        fill(parts["students"], part_of(store, "students"), **options)
    return results.isel(student=0, drop=True).transpose(..., "model", "trial")


def formula(name: str) -> xr.Dataset:
    """The errors of a figure's networks by formula: the curve that the simulation is compared with.

    Parameters
    ----------
    name
        One of `FIGURES`.

    Returns
    -------
    xarray.Dataset
        ``training_error`` and ``generalization_error`` with the dimensions of the figure. NaN where
        a solver did not converge. The method is ``"scalar"``; ``"scalar-conditional"`` for
        ``beta > 0.85``; and, where there are too many spikes for these, ``"equivalent"`` over some
        layers, with the power of the labels in the trials as a control variate.
    """
    figure = FIGURES[check.choice("name", name, FIGURES)]
    over = figure.over
    shape = tuple(map(len, over.values()))
    found = {error: np.full(shape, np.nan) for error in ("training_error", "generalization_error")}
    for position in np.ndindex(shape):
        point = {axis: values[i] for (axis, values), i in zip(over.items(), position, strict=True)}
        errors = _by_formula(figure, point)
        for error, array in found.items():
            array[position] = errors[error].mean().item()
    return xr.Dataset(
        {error: (tuple(over), array) for error, array in found.items()},
        coords={axis: list(values) for axis, values in over.items()},
        attrs={"onestep_version": __version__},
    )


def _by_formula(figure: Figure, point: Mapping[str, Any]) -> xr.Dataset:
    """Predictions at one point: the limit, where it holds, else over a few trained layers."""
    problem, degree = figure.at(point, 0)
    only: dict[str, Any] = {"models": ["network"], "degree": degree}
    if figure.layers:
        # Every layer has its own problem: the strengths are drawn anew. Errors follow the power of
        # the labels, which is known at once for as many draws as are simulated: a control variate.
        at = [figure.at(point, trial)[0] for trial in range(figure.trials)]
        few = at[: figure.layers]
        found = xr.concat(
            [predict(each, method="equivalent", guarded=False, **only) for each in few], "trial"
        )
        power = [_label_power(each) for each in at]
        return found.mean("trial") * (np.mean(power) / np.mean(power[: figure.layers]))
    if problem.beta > _FULL:
        return predict(problem, method="scalar-conditional", guarded=False, **only)
    return predict(problem, method="scalar", guarded=False, **only)


def _label_power(problem: Problem) -> float:
    """``E y^2`` of one draw of the structure and the direction, the same at every size m and k."""
    layer = TrainedLayer.train(replace(problem, m=2, k=1))
    return layer.labels.second_moment(layer.inputs)


_FULL = 0.85
"""Strength beyond which features are conditioned on the coordinates of the spikes."""


def part_of(store: str | Path, part: str) -> Path:
    """The store of a part, ``"students"`` or ``"formula"``, beside that of a figure.

    Examples
    --------
    >>> str(part_of("mine.nc", "students"))
    'mine-students.nc'
    """
    path = Path(store)
    return path.with_name(f"{path.stem}-{part}{path.suffix}")


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
    onestep.experiment.DamagedStore
        If the file was changed.

    Examples
    --------
    >>> stored("fig1a").generalization_error.dims
    ('k', 'activation', 'student', 'model', 'trial')
    """
    name = check.choice("name", name, FIGURES)
    part = check.choice("part", part, ("results", "students", "formula"))
    return archive.stored(f"figures/{name}" + ("" if part == "results" else f"-{part}"))


def any_cell(rng: np.random.Generator) -> tuple[str, str, dict[str, Any], int]:
    """A stored cell, uniformly among figures and parts, of width at most 1500, for `recompute`.

    The last trial of a point is left out, so that every cell has a following one.

    Examples
    --------
    >>> name, part, point, trial = any_cell(np.random.default_rng(0))
    >>> name in FIGURES, stored(name, part).sizes["trial"] > trial + 1
    (True, True)
    """
    name = str(rng.choice(list(FIGURES)))
    figure = FIGURES[name]
    part = "students" if figure.shared and rng.integers(2) else "results"
    there = stored(name, part)
    point = {}
    for axis in figure.over:
        values = [value for value in there[axis].values.tolist() if axis != "k" or value <= 1500]
        point[axis] = values[rng.integers(len(values))]
    return name, part, point, int(rng.integers(there.sizes["trial"] - 1))


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

    Examples
    --------
    >>> at = {"k": 300, "activation": "relu"}
    >>> both = recompute("fig1a", "results", at, trial=0).training_error
    >>> bool(abs(both[1] / both[0] - 1).max() < 1e-6)
    True
    """
    part = check.choice("part", part, ("results", "students"))
    there = stored(name, part).drop_vars("first_cell").sel({**point, "trial": trial}, drop=True)
    study = studies(name, profile="full")[part]
    every = [{**point, "trial": trial, "student": s} for s in there.student.values.tolist()]
    cells = [cell for at in every if (cell := study.cell(at)) is not None]
    numbers = [each for cell in cells for each in compute_cells([cell])]
    anew = xr.Dataset(
        {
            error: (("student", "model"), [each[str(error)] for each in numbers])
            for error in there.data_vars
        },
        coords=there.coords,
    )
    return xr.concat([there, anew], "origin").assign_coords(origin=["stored", "recomputed"])
