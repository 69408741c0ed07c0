"""Stored results on real images: Figures 3, 7 and 8, spreads, and all pairs of classes.

``python -m onestep.image_results NAME ...`` computes what the stores of the package lack, one point
at a time; it may be stopped and started again at will. Without names, everything.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import platform
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from threadpoolctl import threadpool_limits

from . import __version__, check, fashion, images, stores
from .fashion import PIXELS, FashionMNIST

SAMPLES = 500
"""m of all figures."""

SEED = 0
WIDTHS = (0.1, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)
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
    classes, centring, offsets, ridge
        As in `onestep.images`.
    activations
        Of the student.
    method
        Of the formula.
    """

    abscissa: str
    values: tuple[float, ...]
    trials: int = 4
    classes: tuple[int, int] = (0, 1)
    centring: str = "class"
    offsets: str = "published"
    ridge: float = 1e-4
    activations: tuple[str, ...] = field(default=ACTIVATIONS)
    method: str = "equivalent"


STUDIES = {
    "fig3a": Study("width", WIDTHS),
    "spread": Study("spread", (0.0, 0.25, 0.5, 0.625, 0.75, 0.875, 1.0)),
    "pairs": Study("pair", tuple(map(float, range(45))), trials=2, activations=("relu",)),
    "fig8a": Study("width", WIDTHS[3:], centring="common", ridge=1e-5),
    "fig7": Study("step", (0.0, 0.25, 0.5, 0.75, 1.0, 1.25), trials=2),
    "fig8a-consistent": Study(
        "width", WIDTHS[3:], centring="common", ridge=1e-5, offsets="consistent", trials=2
    ),
    "fig3b": Study("width", WIDTHS, classes=(5, 9)),
    "fig8b": Study("width", WIDTHS[3:], classes=(5, 9), centring="common", ridge=1e-5),
}
"""Studies by name, in the order of computation."""


def point(
    data: FashionMNIST,
    name: str,
    activation: str,
    value: float,
    *,
    first_trial: int = 0,
    trials: int | None = None,
    curves: tuple[str, ...] = images.CURVES,
) -> xr.Dataset:
    """Trials of one point of a study, from scratch.

    Parameters
    ----------
    data
        Fashion-MNIST.
    name
        One of `STUDIES`.
    activation, value
        A point of the study.
    first_trial, trials, curves
        As for `onestep.images.compare`; None takes the study's number of trials.

    Returns
    -------
    xarray.Dataset
        As from `onestep.images.compare`.
    """
    study = STUDIES[check.choice("name", name, STUDIES)]
    at = dict.fromkeys(("width", "spread", "step"), 1.0) | {"step": 0.0, study.abscissa: value}
    classes = PAIRS[int(value)] if study.abscissa == "pair" else study.classes
    mixture = images.ImageMixture.of(
        data, classes, PIXELS ** at["spread"], study.centring, study.offsets
    )
    problem = images.problem(
        mixture,
        m=SAMPLES,
        k=round(at["width"] * SAMPLES),
        activation=activation,
        ridge=study.ridge,
        step=PIXELS ** at["step"],
    )
    return images.compare(
        problem,
        mixture,
        trials=study.trials if trials is None else trials,
        seed=SEED,
        curves=curves,
        first_trial=first_trial,
        method=study.method,
    )


def stored(name: str) -> xr.Dataset:
    """Results that come with the package.

    Parameters
    ----------
    name
        One of `STUDIES`.

    Returns
    -------
    xarray.Dataset
        As from `onestep.images.compare` with the further dimensions ``activation`` and the study's
        abscissa; NaN at points that were not computed.

    Raises
    ------
    FileNotFoundError
        If the study was never computed.
    """
    check.choice("name", name, STUDIES)
    with resources.as_file(resources.files(__package__).joinpath("data/images")) as directory:
        return stores.load(directory / f"{name}.nc")


def available() -> list[str]:
    """Names of the studies of which results come with the package."""
    directory = resources.files(__package__).joinpath("data/images")
    return [name for name in STUDIES if directory.joinpath(f"{name}.nc").is_file()]


def _empty(study: Study) -> xr.Dataset:
    coords: dict[str, Any] = {
        "activation": list(study.activations),
        study.abscissa: list(study.values),
        "curve": list(images.CURVES),
        "trial": np.arange(study.trials),
    }
    blank = np.full([len(values) for values in coords.values()], np.nan)
    names = ("training_error", "generalization_error", "accuracy")
    return xr.Dataset({name: (list(coords), blank.copy()) for name in names}, coords=coords)


def compute(data: FashionMNIST, name: str, path: Path) -> xr.Dataset:
    """Compute the points of a study that the store at `path` lacks; it is kept after each."""
    study = STUDIES[check.choice("name", name, STUDIES)]
    provenance = {
        "study": repr(study),
        "samples": SAMPLES,
        "seed": SEED,
        "onestep_version": __version__,
        "machine": f"{platform.system()} {platform.machine()}",
    }
    results = _empty(study)
    if path.exists():
        results = stores.load(path)
        if results.attrs["study"] != repr(study):
            raise ValueError(f"{path} holds another study: {results.attrs['study']}")
    for value, activation in itertools.product(study.values, study.activations):
        where = {"activation": activation, study.abscissa: value}
        if not results.generalization_error.sel(where | {"curve": "network"}).isnull().any():
            continue
        found = point(data, name, activation, value)
        for variable in found:
            order = results[variable].sel(where).dims
            results[variable].loc[where] = found[variable].transpose(*order).values
        created = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        stores.save(results.assign_attrs(provenance, created=created), path)
        print(name, value, activation, flush=True)
    return results


def main(arguments: list[str] | None = None) -> None:
    """Compute what the package's stores lack."""
    parser = argparse.ArgumentParser(prog="python -m onestep.image_results", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(STUDIES)}; all by default")
    parser.add_argument("--directory", type=Path, default=Path(__file__).parent / "data" / "images")
    options = parser.parse_args(arguments)
    data = fashion.load()
    with threadpool_limits(1):
        for name in options.names or STUDIES:
            compute(data, name, options.directory / f"{name}.nc")


if __name__ == "__main__":
    main()
