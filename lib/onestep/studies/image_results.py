"""Stored results on real images: Figures 3, 7 and 8, spreads, and all pairs of classes.

``python -m onestep.studies.image_results NAME ...`` computes what the stores of the package lack,
cell by cell; it may be killed and started again at will. Without names, everything.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from threadpoolctl import threadpool_limits

from .. import claims
from .._support import check, streams
from .._support.version import __version__
from ..experiment import Journal, stores
from ..inputs import ImageMixture, fashion
from ..network import Problem
from . import images

SAMPLES = 500
"""m of all figures."""

SEED = 0
DEGREE = 4
WIDTHS = (0.01, 0.1, 0.3, 0.4, 0.5, 0.7, 0.9, 1.0, 1.1, 1.5, 2.0, 3.0, 4.0, 5.0)
"""The published k/m."""

STEPS = (*np.linspace(0, 1, 10).tolist(), 1.125, 1.25)
"""The published exponents of eta, and two beyond."""

PAIRS = tuple(itertools.combinations(range(10), 2))
ACTIVATIONS = ("relu", "tanh", "sigmoid")


@dataclass(frozen=True)
class Study:
    """What one store holds.

    Attributes
    ----------
    abscissa
        ``"width"``: k/m; ``"spread"``: log theta / log n; ``"step"``: log eta / log n; ``"pair"``:
        index into `PAIRS`.
    values
        Of the abscissa.
    trials
        Independent draws of everything.
    classes, centring, offsets, stretch, ridge
        As in `onestep.studies.images`.
    activations
        Of the student.
    method
        Of the formula.
    """

    abscissa: str
    values: tuple[float, ...]
    trials: int
    classes: tuple[int, int] = (0, 1)
    centring: str = "class"
    offsets: str = "published"
    stretch: float = 1.0
    ridge: float = 1e-4
    activations: tuple[str, ...] = ACTIVATIONS
    method: str = "equivalent"

    def definition(self) -> str:
        """What two stores must share to be parts of one: all but points and trials."""
        constants = asdict(self)
        for name in ("values", "trials"):
            del constants[name]
        constants |= {"m": SAMPLES, "seed": SEED, "degree": DEGREE, "version": __version__}
        return json.dumps(constants, sort_keys=True)

    def mixture(self, data: fashion.FashionMNIST, value: float) -> ImageMixture:
        """The inputs at one point."""
        classes = PAIRS[int(value)] if self.abscissa == "pair" else self.classes
        spread = fashion.PIXELS ** (value if self.abscissa == "spread" else 1.0)
        return ImageMixture.of(data, classes, spread, self.centring, self.offsets, self.stretch)

    def problem(self, mixture: ImageMixture, value: float, activation: str) -> Problem:
        """The setting at one point."""
        return images.problem(
            mixture,
            m=SAMPLES,
            k=round(SAMPLES * (value if self.abscissa == "width" else 1.0)),
            activation=activation,
            ridge=self.ridge,
            step=fashion.PIXELS ** (value if self.abscissa == "step" else 0.0),
        )


STUDIES = {
    "fig3a": Study("width", WIDTHS, 20),
    "spread": Study("spread", (0.0, 0.25, 0.5, 0.625, 0.75, 0.875, 1.0), 20),
    "spread-common": Study(
        "spread", (0.0, 0.25, 0.5, 0.625, 0.75, 0.875, 1.0), 20, centring="common", ridge=1e-5
    ),
    "pairs": Study("pair", tuple(map(float, range(45))), 10, activations=("relu", "tanh")),
    "fig8a": Study("width", WIDTHS[5:], 20, centring="common", ridge=1e-5),
    "fig8a-consistent": Study(
        "width", WIDTHS[5:11], 20, centring="common", ridge=1e-5, offsets="consistent"
    ),
    "fig8a-stretched": Study("width", WIDTHS[5:], 20, centring="common", ridge=1e-5, stretch=1.25),
    "fig7": Study("step", STEPS, 20),
    "fig7-conditional": Study("step", (1.0, 1.25), 20, activations=("relu",), method="conditional"),
    "fig3b": Study("width", WIDTHS, 20, classes=(5, 9)),
    "fig8b": Study("width", WIDTHS[5:], 20, classes=(5, 9), centring="common", ridge=1e-5),
}
"""Studies by name, in the order of computation."""

Cell = tuple[float, str, int]
"""Abscissa, activation and trial."""

Values = dict[str, list[float | None]]
"""A cell's numbers by variable, in the order of `images.CURVES`; None where there is none."""


def cells(
    data: fashion.FashionMNIST, name: str, wanted: list[Cell]
) -> Iterator[tuple[Cell, Values]]:
    """Cells of a study, computed from scratch; neighbours in the list share their draws.

    Parameters
    ----------
    data
        Fashion-MNIST.
    name
        One of `STUDIES`.
    wanted
        Which cells.
    """
    study = STUDIES[check.choice("name", name, STUDIES)]
    for value, at_value in itertools.groupby(wanted, key=lambda cell: cell[0]):
        mixture = study.mixture(data, value)
        for trial, together in itertools.groupby(at_value, key=lambda cell: cell[2]):
            drawn = images.draws(
                study.problem(mixture, value, ACTIVATIONS[0]), mixture, trial, SEED
            )
            for cell in together:
                found = images.errors(
                    study.problem(mixture, value, cell[1]),
                    drawn,
                    degree=DEGREE,
                    method=study.method,
                )
                rows = [found[curve] for curve in images.CURVES]
                values = {
                    name: [_number(getattr(each, name)) for each in rows]
                    for name in images.VARIABLES
                }
                yield cell, values


def _number(value: float | None) -> float | None:
    """A Python float for the journal; None for what is missing, as JSON has no NaN."""
    return None if value is None or np.isnan(value) else float(value)


def stored(name: str) -> xr.Dataset:
    """Results that come with the package.

    Parameters
    ----------
    name
        One of `STUDIES`.

    Returns
    -------
    xarray.Dataset
        ``training_error``, ``generalization_error`` and ``accuracy`` with the dimensions of the
        study's abscissa, ``activation``, ``trial`` and ``curve``; the formula has no accuracy
        (NaN), and no errors (NaN) where its solver did not converge.

    Raises
    ------
    FileNotFoundError
        If the study was never computed.
    """
    check.choice("name", name, STUDIES)
    with resources.as_file(resources.files(__package__).joinpath("data/images")) as directory:
        return stores.load(directory / f"{name}.nc")


def averaged(results: Sequence[xr.Dataset], one: str, other: str) -> claims.Estimate:
    """Relative difference of two curves, averaged over the abscissa within each trial.

    Parameters
    ----------
    results
        From `stored`; degrees of freedom are those of the one with the fewest trials.
    one, other
        As for `onestep.studies.images.difference`.

    Returns
    -------
    onestep.claims.Estimate
        An entry for every activation of each of the results.
    """
    found = []
    for each in results:
        gap = images.difference(each, one, other)
        found.append(claims.sample(gap.mean(str(gap.dims[0])).transpose("activation", "trial")))
    return claims.estimate(
        np.concatenate([each.value for each in found]),
        np.concatenate([each.standard_error for each in found]),
        min(float(np.min(each.degrees_of_freedom)) for each in found),
    )


def together(each: claims.Estimate, figures: int) -> claims.Estimate:
    """Mean over figures of what `averaged` found: an entry for every activation.

    Degrees of freedom stay those of the figure with the fewest trials, which is on the safe side.
    """
    errors = each.standard_error.reshape(figures, -1)
    return claims.estimate(
        each.value.reshape(figures, -1).mean(axis=0),
        np.sqrt(np.sum(errors**2, axis=0)) / figures,
        float(np.min(each.degrees_of_freedom)),
    )


def compute(
    data: fashion.FashionMNIST,
    name: str,
    path: Path,
    trials: int | None = None,
    progress: bool = False,
) -> xr.Dataset:
    """Compute the cells of a study that the store at `path` lacks.

    Every cell is on the disk before the next is begun, in a journal beside the store; the store is
    written when all are done.

    Parameters
    ----------
    data
        Fashion-MNIST.
    name
        One of `STUDIES`.
    path
        The store, which need not exist. Its further trials are kept.
    trials
        None takes the study's.
    progress
        Print every cell that is done.

    Raises
    ------
    ValueError
        If the store is of another definition.
    onestep.experiment.DamagedStore
        If store or journal were cut or edited.
    BlockingIOError
        If another process is computing for the same store.
    """
    study = STUDIES[check.choice("name", name, STUDIES)]
    count = check.integer("trials", study.trials if trials is None else trials, 1)
    values = study.values
    path.parent.mkdir(parents=True, exist_ok=True)
    with Journal(path.with_name(f"{path.name}.journal")) as journal:
        if path.exists():
            old = stores.load(path)
            if old.attrs["definition"] != study.definition():
                raise ValueError(f"{path} holds another study: {old.attrs['definition']}")
            count = max(count, old.sizes["trial"])
            journal.finished.update(_known(study, old))
        every = list(itertools.product(values, range(count), study.activations))
        wanted = [(value, activation, trial) for value, trial, activation in every]
        missing = [cell for cell in wanted if _identity(study, cell) not in journal.finished]
        for cell, found in cells(data, name, missing):
            journal.append({_identity(study, cell): found})  # type: ignore[dict-item]
            if progress:
                print(name, *cell, flush=True)
        results = _dataset(study, count, journal.finished)
        stores.save(results, path)
        journal.clear()
    return results


def _identity(study: Study, cell: Cell) -> str:
    return streams.digest([study.definition(), *cell])[:32]


def _dims(study: Study) -> tuple[str, ...]:
    return (study.abscissa, "activation", "trial", "curve")


def _known(study: Study, old: xr.Dataset) -> dict[str, Any]:
    """Finished cells of a store, by identity."""
    known = {}
    arrays = {name: old[name].transpose(*_dims(study)).values for name in images.VARIABLES}
    axes = (old[axis].values.tolist() for axis in _dims(study)[:3])
    shape = arrays["accuracy"].shape[:3]
    for position, cell in zip(np.ndindex(shape), itertools.product(*axes), strict=True):
        rows = {name: [_number(each) for each in array[position]] for name, array in arrays.items()}
        # The network always has its errors: without them the cell is a gap.
        if rows["generalization_error"][0] is not None:
            known[_identity(study, cell)] = rows
    return known


def _dataset(study: Study, trials: int, finished: Mapping[str, Any]) -> xr.Dataset:
    coords: dict[str, Any] = {
        study.abscissa: list(study.values),
        "activation": list(study.activations),
        "trial": list(range(trials)),
    }
    shape = (*(len(values) for values in coords.values()), len(images.CURVES))
    arrays = {name: np.full(shape, np.nan) for name in images.VARIABLES}
    for position, cell in zip(
        np.ndindex(shape[:-1]), itertools.product(*coords.values()), strict=True
    ):
        for name, row in finished.get(_identity(study, cell), {}).items():
            arrays[name][position] = np.array(row, dtype=float)
    return xr.Dataset(
        {name: (_dims(study), array) for name, array in arrays.items()},
        coords=coords | {"curve": list(images.CURVES)},
        attrs={
            "definition": study.definition(),
            "onestep_version": __version__,
            "created": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
            "machine": f"{platform.system()} {platform.machine()}, "
            f"Python {platform.python_version()}, numpy {np.__version__}",
        },
    )


def main(arguments: list[str] | None = None) -> None:
    """Compute what the package's stores lack."""
    parser = argparse.ArgumentParser(
        prog="python -m onestep.studies.image_results", description=__doc__
    )
    parser.add_argument("names", nargs="*", help=f"of {', '.join(STUDIES)}; all by default")
    parser.add_argument("--directory", type=Path, default=Path(__file__).parent / "data" / "images")
    parser.add_argument("--trials", type=int, help="by default, those of the study")
    options = parser.parse_args(arguments)
    data = fashion.load()
    with threadpool_limits(1):
        for name in options.names or STUDIES:
            compute(data, name, options.directory / f"{name}.nc", options.trials, progress=True)


if __name__ == "__main__":
    main()
