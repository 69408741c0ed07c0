"""The paper's curves by formula, at its ridge and at the optimal one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ...network import Problem
from ...theory.limit import coordinates
from ..paper import figures
from .best_ridge import at_both_ridges

PANELS: Mapping[str, Sequence[float]] = {
    "fig1a": (300, 700, 1000, 1500, 3000),
    "fig1b": (0.0, 0.25, 0.5, 0.75, 1.0),
    "fig1c": (0.0, 0.3, 0.6, 0.85),
    "fig2a": (-0.9, -0.5, 0.0, 0.5, 0.9),
    "fig5a": (0.0, 0.3, 0.6, 0.85),
    "fig5c": (0.0, 0.3, 0.6, 0.85),
}
"""Points of each figure at which the curves are computed."""


def trends(activations: Sequence[str] = ("relu", "tanh"), scale: float = 1.0) -> pd.DataFrame:
    """Generalization errors at both ridges.

    Parameters
    ----------
    activations
        Students.
    scale
        Of all sizes; 1 for those of the paper.

    Returns
    -------
    pandas.DataFrame
        Columns ``figure``, ``axis``, ``x``, ``activation``, ``published`` and ``optimal``; and
        ``unexplained``, the last one over half the variance of the labels.

    Examples
    --------
    >>> found = trends(["relu"], scale=0.1)
    >>> bool((found.optimal <= 1.001 * found.published).all())
    True
    """
    rows = []
    for name, points in PANELS.items():
        figure = figures.FIGURES[name]
        for activation in activations:
            for x in points:
                problem, _ = figure.at({figure.axis: x, "activation": activation}, 0)
                sizes = {each: max(round(scale * getattr(problem, each)), 2) for each in "nmk"}
                problem = replace(problem, **sizes)
                own, best = at_both_ridges(problem, "scalar")
                share = best / (0.5 * label_variance(problem))
                rows.append((name, figure.axis, x, activation, own, best, share))
    columns = ["figure", "axis", "x", "activation", "published", "optimal", "unexplained"]
    return pd.DataFrame(rows, columns=columns)


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


def ranges(found: pd.DataFrame) -> pd.DataFrame:
    """Largest over smallest along each curve: how much of a trend is left.

    Examples
    --------
    >>> found = ranges(trends(["relu"], scale=0.1))
    >>> bool(found.loc[("fig1a", "relu"), "optimal"] < found.loc[("fig1a", "relu"), "published"])
    True
    """
    columns = ["published", "optimal", "unexplained"]
    grouped = found.groupby(["figure", "activation"])[columns]
    return grouped.agg(lambda column: float(np.max(column) / np.min(column))).round(2)
