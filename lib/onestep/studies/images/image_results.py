"""Stored results on real images: Figures 3, 7 and 8, and spreads.

``python -m onestep.studies sweep NAME`` computes one of `STUDIES` anew, resumably.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any, Self

import numpy as np
import xarray as xr

from ... import claims
from ..._support import check
from ..._support.version import __version__
from ...experiment import At, Cell, Numbers, Study, listed
from ...inputs import ImageMixture, fashion
from ...network import Problem
from .. import archive
from ..paper.grids import ACTIVATIONS
from . import comparison

__all__ = ["SAMPLES", "STEPS", "STUDIES", "WIDTHS", "averaged", "stored", "together"]

SAMPLES = 500
"""m of all figures."""

SEED = 0
DEGREE = 4
WIDTHS = (0.01, 0.1, 0.3, 0.4, 0.5, 0.7, 0.9, 1.0, 1.1, 1.5, 2.0, 3.0, 4.0, 5.0)
"""The published k/m."""

STEPS = (*np.linspace(0, 1, 10).tolist(), 1.125, 1.25)
"""The published exponents of eta, and two beyond."""


@dataclass(frozen=True)
class ImageStudy:
    """Networks on images at several points of one setting, options as in `comparison`.

    The abscissa is ``"width"``, k/m; ``"spread"``, log theta / log n; or ``"step"``, log eta over
    log n.
    """

    abscissa: str
    values: Sequence[float]
    trials: int
    classes: tuple[int, int] = (0, 1)
    centring: str = "class"
    offsets: str = "published"
    stretch: float = 1.0
    ridge: float = 1e-4
    activations: Sequence[str] = ACTIVATIONS
    method: str = "equivalent"

    def study(self) -> Study:
        """All points, activations and trials, as a study."""

        def cell(at: At) -> ImageCell:
            return ImageCell(self, at[self.abscissa], at["activation"], at["trial"])

        return Study(
            cell,
            {self.abscissa: self.values, "activation": self.activations},
            {"trial": self.trials},
            ("curve", comparison.CURVES),
            comparison.VARIABLES,
            {"definition": self.definition(), "onestep_version": __version__},
        )

    def definition(self) -> str:
        """What two stores must share to be parts of one: all but points and trials."""
        constants = asdict(self)
        for name in ("values", "trials", "activations"):
            del constants[name]
        constants |= {"m": SAMPLES, "seed": SEED, "degree": DEGREE, "version": __version__}
        return json.dumps(constants, sort_keys=True)

    def mixture(self, value: float) -> ImageMixture:
        """The inputs at one point."""
        spread = fashion.PIXELS ** (value if self.abscissa == "spread" else 1.0)
        return mixture(self.classes, spread, self.centring, self.offsets, self.stretch)

    def problem(self, mixture: ImageMixture, value: float, activation: str) -> Problem:
        """The setting at one point."""
        return comparison.problem(
            mixture,
            m=SAMPLES,
            k=round(SAMPLES * (value if self.abscissa == "width" else 1.0)),
            activation=activation,
            ridge=self.ridge,
            step=fashion.PIXELS ** (value if self.abscissa == "step" else 0.0),
        )


@lru_cache(maxsize=1)
def _data() -> fashion.FashionMNIST:
    return fashion.load()


@lru_cache(maxsize=2)
def mixture(
    classes: tuple[int, int],
    spread: float,
    centring: str = "class",
    offsets: str = "published",
    stretch: float = 1.0,
) -> ImageMixture:
    """Two classes of Fashion-MNIST as a mixture, made once for the points that share it."""
    return ImageMixture.of(_data(), classes, spread, centring, offsets, stretch)


@dataclass(frozen=True)
class ImageCell(Cell):
    """One trial of one activation at one point of a study: all its curves."""

    study: ImageStudy
    value: float
    activation: str
    trial: int

    @property
    def content(self) -> Mapping[str, Any]:
        """See `Cell`."""
        return {
            "definition": self.study.definition(),
            "value": self.value,
            "activation": self.activation,
            "trial": self.trial,
        }

    @property
    def together(self) -> str:
        """Activations of one trial share its draws."""
        return replace(self, activation="").identity

    @classmethod
    def compute(cls, cells: Sequence[Self]) -> list[Numbers]:
        """See `Cell`."""
        study, value, trial = cells[0].study, cells[0].value, cells[0].trial
        mixture = study.mixture(value)
        drawn = comparison.draws(
            study.problem(mixture, value, ACTIVATIONS[0]), mixture, trial, SEED
        )
        numbers: list[Numbers] = []
        for cell in cells:
            problem = study.problem(mixture, value, cell.activation)
            found = comparison.errors(problem, drawn, degree=DEGREE, method=study.method)
            rows = [found[curve] for curve in comparison.CURVES]
            numbers.append(
                {each: listed(getattr(row, each) for row in rows) for each in comparison.VARIABLES}
            )
        return numbers


STUDIES = {
    "fig3a": ImageStudy("width", WIDTHS, 20),
    "spread": ImageStudy("spread", (0.0, 0.25, 0.5, 0.625, 0.75, 0.875, 1.0), 20),
    "spread-common": ImageStudy(
        "spread", (0.0, 0.25, 0.5, 0.625, 0.75, 0.875, 1.0), 20, centring="common", ridge=1e-5
    ),
    "fig8a": ImageStudy("width", WIDTHS[5:], 20, centring="common", ridge=1e-5),
    "fig8a-consistent": ImageStudy(
        "width", WIDTHS[5:11], 20, centring="common", ridge=1e-5, offsets="consistent"
    ),
    "fig8a-stretched": ImageStudy(
        "width", WIDTHS[5:], 20, centring="common", ridge=1e-5, stretch=1.25
    ),
    "fig7": ImageStudy("step", STEPS, 20),
    "fig7-conditional": ImageStudy(
        "step", (1.0, 1.25), 20, activations=("relu",), method="conditional"
    ),
    "fig3b": ImageStudy("width", WIDTHS, 20, classes=(5, 9)),
    "fig8b": ImageStudy("width", WIDTHS[5:], 20, classes=(5, 9), centring="common", ridge=1e-5),
}
"""Studies by name, in the order of computation."""


def stored(name: str) -> xr.Dataset:
    """Results of one of `STUDIES` that come with the package.

    `comparison.VARIABLES` over the study's abscissa, ``activation``, ``trial`` and ``curve``; the
    formula has no accuracy (NaN), and no errors (NaN) where it did not converge.
    """
    name = check.choice("name", name, STUDIES)
    return archive.stored(f"images/{name}")


def averaged(results: Sequence[xr.Dataset], one: str, other: str) -> claims.Estimate:
    """Relative difference of two curves, averaged over the abscissa within each trial.

    An entry for every activation of each of the results; degrees of freedom are those of the one
    with the fewest trials.
    """
    found = []
    for each in results:
        gap = comparison.difference(each, one, other)
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
