"""The paper's curves by formula, at its ridge and at the optimal one.

``python -m onestep.studies sweep trends`` computes them, resumably.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ...experiment import Numbers, Study
from ...network import Network, Prediction, Problem, TrainedLayer
from ...theory import Landscape, Spectrum
from ...theory.limit import coordinates
from ..images import comparison
from ..images.image_results import STUDIES
from ..paper import figures
from .best_ridge import both


@dataclass(frozen=True)
class Panel:
    """A curve of a figure: its axis, five points, what is held, and the method.

    Examples
    --------
    >>> PANELS["fig4, beta"].axis
    'beta'
    """

    figure: str
    axis: str
    points: tuple[float, ...]
    held: Mapping[str, Any] = field(default_factory=dict)
    method: str = "scalar"


_STRENGTHS, _LESS = (0.0, 0.3, 0.6, 0.75, 0.85), (0.1, 0.3, 0.5, 0.7, 0.9)
_WEIGHTINGS = (0.0, 0.25, 0.5, 0.75, 1.0)

PANELS: Mapping[str, Panel] = {
    "fig1a": Panel("fig1a", "k", (300, 700, 1000, 1500, 3000)),
    "fig1b": Panel("fig1b", "alpha", _WEIGHTINGS),
    "fig1c": Panel("fig1c", "beta", _STRENGTHS),
    "fig2a": Panel("fig2a", "alignment", (-0.9, -0.5, 0.0, 0.5, 0.9)),
    "fig2b": Panel("fig2b", "rho", _LESS),
    # Too many spikes for the limit's quadrature: one drawn layer.
    "fig2c": Panel("fig2c", "rank", (1, 3, 5, 7, 10), method="equivalent"),
    "fig3a": Panel("fig3a", "width", (0.1, 0.5, 1.0, 2.0, 4.0), method="equivalent"),
    "fig3b": Panel("fig3b", "width", (0.1, 0.5, 1.0, 2.0, 4.0), method="equivalent"),
    "fig4, alpha": Panel("fig4", "alpha", _WEIGHTINGS, {"beta": 0.7}),
    "fig4, beta": Panel("fig4", "beta", _STRENGTHS, {"alpha": 0.5}),
    "fig5a": Panel("fig5a", "beta", _STRENGTHS),
    "fig5c": Panel("fig5c", "beta", _STRENGTHS),
}
"""What is computed of each figure; images at the moments of Fashion-MNIST."""


def trend_row(panel: str, activation: str, trial: int) -> Numbers:
    """Generalization errors at both ridges along a curve, and the variance of the labels.

    Examples
    --------
    >>> found = trend_row("fig4, beta", "tanh", trial=0)
    >>> all(own >= best for own, best in zip(found["published"], found["optimal"]))
    True
    """
    at = PANELS[panel]
    rows = [_errors(at, activation, x, trial) for x in at.points]
    own, best, variance = (list(each) for each in zip(*rows, strict=True))
    return {
        "x": list(map(float, at.points)),
        "published": own,
        "optimal": best,
        "variance": variance,
    }


STUDY = Study.of_function(
    trend_row,
    {"panel": list(PANELS), "activation": ["relu", "tanh"]},
    {"trial": 2},
    ("point", list(range(5))),
    ["x", "published", "optimal", "variance"],
)
"""All of them, at the sizes of the paper; trials differ where a layer is drawn."""


def _errors(at: Panel, activation: str, x: float, trial: int) -> tuple[float, float, float]:
    if at.figure in STUDIES:
        images = STUDIES[at.figure]
        mixture = images.mixture(x)
        problem = images.problem(mixture, x, activation)
        layer = TrainedLayer.of(problem, comparison.draws(problem, mixture, trial, 0)[1])
        solver = Spectrum.of(layer, layer.feature_map(Network(), 1))
        return (*both(lambda ridge: solver.errors(problem.m, ridge), problem.ridge), 1.0)
    problem, _ = figures.FIGURES[at.figure].at(
        {at.axis: x, **at.held, "activation": activation}, trial
    )
    landscape = Landscape(problem, at.method, trial=trial)

    def errors(ridge: float) -> Prediction:
        return landscape.errors({"ridge": ridge}, guarded=False)

    return (*both(errors, problem.ridge), label_variance(problem))


def label_variance(problem: Problem) -> float:
    """Variance of a label with one output, in the limit.

    Examples
    --------
    >>> round(label_variance(Problem(spread=0.0, target="z", noise=0.5)), 9)
    1.25
    """
    special = coordinates(problem)
    inputs, labels = special.inputs, special.labels
    means = [float(labels.coefficients(inputs, c, 0)[0]) for c in range(inputs.weights.size)]
    return labels.second_moment(inputs) - float(inputs.weights @ means) ** 2


def trends(stored: xr.Dataset) -> pd.DataFrame:
    """The results of `STUDY` as a table.

    Returns
    -------
    pandas.DataFrame
        Columns ``figure``, ``axis``, ``activation``, ``x``, ``published`` and ``optimal``; and
        ``unexplained``, the last one over half the variance of the labels.
    """
    found = stored.mean("trial").to_dataframe().reset_index()
    found = found.rename(columns={"panel": "figure"})
    found["axis"] = [PANELS[each].axis for each in found.figure]
    found["unexplained"] = found.optimal / (0.5 * found.variance)
    columns = ["figure", "axis", "activation", "x", "published", "optimal", "unexplained"]
    return found[columns]


def ranges(found: pd.DataFrame) -> pd.DataFrame:
    """Largest over smallest along each curve: how much of a trend is left."""
    columns = ["published", "optimal", "unexplained"]
    grouped = found.groupby(["figure", "activation"])[columns]
    return grouped.agg(lambda column: float(np.max(column) / np.min(column))).round(2)


def survival(found: pd.DataFrame, column: str = "optimal", least: float = 1.1) -> pd.Series:
    """Slope of the logarithm of a curve in that of the published one: 1 if it runs parallel.

    Only of curves that vary by the factor `least` at the paper's ridge: others have no trend.

    Examples
    --------
    >>> curve = {"published": [1.0, 2.0, 4.0], "optimal": [1.0, 1.4, 2.0]}
    >>> rows = pd.DataFrame({"figure": "a", "activation": "relu", **curve})
    >>> round(survival(rows).item(), 1)
    0.5
    """
    slopes = {}
    for name, part in found.groupby(["figure", "activation"]):
        own, best = np.log(part.published), np.log(part[column])
        if np.ptp(own) > np.log(least):
            slopes[name] = float(np.polyfit(own, best, 1)[0])
    return pd.Series(slopes)
