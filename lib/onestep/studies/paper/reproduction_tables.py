"""Tables of how published points lie, and what is claimed of them; see `reproduction`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import special

from . import digitized, figures, prediction_intervals, reproduction

_DRAWS = ("fig1b", "fig1c", "fig2a", "fig2b", "fig5a")
"""Figures in which every point has a draw of its own."""

_ONE_DRAW = ("fig1a", "fig5c")
"""Figures with one draw of the data for all points."""


def shares() -> pd.DataFrame:
    """Variance of data and test sample over that of a trial, of the generalization error.

    Examples
    --------
    >>> table = shares()
    >>> table.index.tolist(), table.shape
    (['fig1a', 'fig1b', 'fig1c', 'fig2a', 'fig2b', 'fig5a', 'fig5c'], (7, 6))
    """
    rows = {}
    for name in reproduction.SERIES:
        found = prediction_intervals.shares(
            figures.stored(name).generalization_error.isel(student=0, drop=True),
            figures.stored(name, "students").generalization_error,
        )
        for activation in figures.ACTIVATIONS:
            at = {"model": "network", "activation": activation}
            rows[name, activation] = {
                "data": float(found.data.sel(at)),
                "test sample": float(found.test.sel(at)),
            }
    return pd.DataFrame(rows).T.unstack()


def shown() -> pd.DataFrame:
    """The reproduction table as the book shows it, in per cent.

    Examples
    --------
    >>> shown().columns.tolist()
    ['points', 'inside', 'largest', 'where', 'verdict']
    """
    table = reproduction.table()
    largest = [
        f"{100 * value:+.1f} %" if figure != "fig4b" else f"{value:+.1f} points"
        for value, figure in zip(table.largest, table.figure, strict=True)
    ]
    inside = (100 * table.inside).round().astype(int).astype(str) + " %"
    return table.assign(inside=inside, largest=largest).set_index(
        ["figure", "error", "series", "activation"]
    )


def one_event() -> pd.DataFrame:
    """Published networks in standard deviations from our mean, where one draw serves a figure.

    Examples
    --------
    >>> table = one_event()
    >>> table.columns.tolist(), table.loc["fig5c"].shape
    (['mean', 'min', 'max'], (3, 3))
    """
    points = _networks(_ONE_DRAW)
    trials = points.figure.map(lambda name: figures.stored(name).sizes["trial"])
    quantile = special.stdtrit(trials - 1, 1 - prediction_intervals.LEVEL / 2)
    points = points.assign(deviations=quantile * (points.y - points["mean"]) / points.half_width)
    return points.groupby(["figure", "error", "activation"]).deviations.agg(["mean", "min", "max"])


def _networks(names: Sequence[str]) -> pd.DataFrame:
    """Published networks of some figures beside their prediction intervals."""
    found = [reproduction.points(name).assign(figure=name) for name in names]
    return pd.concat(found).query("series == 'network'")


def draw_deviations() -> pd.Series:
    """Relative deviations of published networks from our means, averaged over every draw.

    Points that the picture does not give to 2 % are left out, and Figures 1a and 5c, which are one
    draw each.

    Examples
    --------
    >>> draw_deviations().index.names
    FrozenList(['figure', 'x'])
    """
    points = _networks(_DRAWS)
    points = points[points.y_uncertainty < 0.02 * points.y]
    return points.groupby(["figure", "x"]).deviation.mean()


def swapped_deviations() -> pd.Series:
    """The same of Figure 5a from our means at another weighting, that of Figure 1c: false.

    Examples
    --------
    >>> bool((swapped_deviations() < -0.1).all())
    True
    """
    points = digitized.published("fig5a").query("series == 'network' and 0 < x < 1").copy()
    there = reproduction.intervals("fig1c", "generalization")["mean"].sel(model="network")
    points["deviation"] = [
        y / float(there.sel(activation=a).sel(beta=x, method="nearest")) - 1
        for y, a, x in zip(points.y, points.activation, points.x, strict=True)
    ]
    return points.groupby("x").deviation.mean()


def recomputed(count: int, seed: int) -> pd.DataFrame:
    """Stored cells chosen at random, computed anew.

    With ``difference``, the largest relative one from the stored numbers, and ``next trial``, that
    of the next trial's stored numbers.

    Examples
    --------
    >>> bool((recomputed(1, seed=0).difference < 1e-6).all())
    True
    """
    rng, rows = np.random.default_rng(seed), []
    for _ in range(count):
        name, part, point, trial = figures.any_cell(rng)
        both = figures.recompute(name, part, point, trial).to_array()
        stored, anew = both.sel(origin="stored"), both.sel(origin="recomputed")
        there = figures.stored(name, part).drop_vars("first_cell")
        following = there.sel({**point, "trial": trial + 1}).to_array()
        rows.append(
            {
                "figure": name,
                "part": part,
                "point": ", ".join(
                    f"{axis} {value if isinstance(value, str) else round(value, 3)}"
                    for axis, value in point.items()
                ),
                "trial": trial,
                "difference": float(np.abs(anew / stored - 1).max()),
                "next trial": float(np.abs(following / stored - 1).max()),
            }
        )
    return pd.DataFrame(rows)
