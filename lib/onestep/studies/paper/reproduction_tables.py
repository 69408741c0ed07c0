"""Tables of how published points lie, and what is claimed of them; see `reproduction`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy import special

from ... import claims
from ...experiment import compute
from .. import archive, tables
from . import digitized, figures, prediction_intervals, reproduction
from .grids import FIGURES

_DRAWS = ("fig1b", "fig1c", "fig2a", "fig2b", "fig5a")
"""Figures in which every point has a draw of its own."""

_ONE_DRAW = ("fig1a", "fig5c")
"""Figures with one draw of the data for all points."""


def shares() -> pd.DataFrame:
    """Variance of data and test sample over that of a trial, of the generalization error."""
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
    """The reproduction table as the book shows it, in per cent."""
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
    """Published networks in standard deviations from our mean, where one draw serves a figure."""
    points = _networks(_ONE_DRAW)
    trials = points.figure.map(lambda name: figures.stored(name).sizes["trial"])
    quantile = special.stdtrit(trials - 1, 1 - prediction_intervals.LEVEL / 2)
    points = points.assign(deviations=quantile * (points.y - points["mean"]) / points.half_width)
    return points.groupby(["figure", "error", "activation"]).deviations.agg(["mean", "min", "max"])


def drawn_again() -> pd.DataFrame:
    """Published networks over ours - 1, ours learning from fresh draws and from the published one.

    Averaged over three points of Figures 1a and 5c each. On the published draw the generalization
    error is that on the whole population, and then that on the published test sample.
    """
    rows = {key: [tables.percent(gap).item() for gap in gaps] for key, gaps in _drawn_again()}
    index = pd.MultiIndex.from_tuples(rows, names=["figure", "error", "activation"])
    columns = ["fresh draws", "the published draw", "and test sample"]
    return pd.DataFrame(list(rows.values()), index, columns)


def draw_gaps(column: int) -> claims.Estimate:
    """A column of `drawn_again`, from 0: an entry for each of its rows."""
    gaps = [each[column] for _, each in _drawn_again()]
    return claims.estimate(
        np.array([gap.value for gap in gaps]),
        np.array([gap.standard_error for gap in gaps]),
        np.array([gap.degrees_of_freedom for gap in gaps]),
    )


def _drawn_again() -> Iterator[tuple[tuple[str, str, str], list[claims.Estimate]]]:
    again = archive.stored("published-draws")
    # On the population, and on the published test sample.
    on_draw = {
        "training": ("training_error", "training_error"),
        "generalization": ("exact_error", "generalization_error"),
    }
    for key, group in _networks(_ONE_DRAW).groupby(["figure", "error", "activation"]):
        name, error, activation = key
        [(axis, values)] = FIGURES[name].shared.items()
        scale = FIGURES[name].problem.m if axis == "k" else 1
        at = [int(np.argmin(np.abs(scale * group.x.to_numpy() - value))) for value in values]
        published = xr.DataArray(group.y.to_numpy()[at], dims="place")
        fresh = figures.stored(name)[f"{error}_error"].isel(student=0).sel(model="network")
        places = xr.DataArray(list(values), dims="place")
        ours = [fresh.sel({axis: places}), *(again[k].sel(figure=name) for k in on_draw[error])]
        gaps = [digitized.over(published, each.sel(activation=activation)) for each in ours]
        yield key, [claims.sample(gap.mean("place")) for gap in gaps]


def _networks(names: Sequence[str]) -> pd.DataFrame:
    """Published networks of some figures beside their prediction intervals."""
    found = [reproduction.points(name).assign(figure=name) for name in names]
    return pd.concat(found).query("series == 'network'")


def draw_deviations() -> pd.Series:
    """Relative deviations of published networks from our means, averaged over every draw.

    Points that the picture does not give to 2 % are left out, and Figures 1a and 5c, which are one
    draw each.
    """
    points = _networks(_DRAWS)
    points = points[points.y_uncertainty < 0.02 * points.y]
    return points.groupby(["figure", "x"]).deviation.mean()


def swapped_deviations() -> pd.Series:
    """The same of Figure 5a from our means at another weighting, that of Figure 1c: false."""
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
    """
    rng, rows = np.random.default_rng(seed), []
    for _ in range(count):
        name, part, point, trial = _any_cell(rng)
        there = figures.stored(name, part).drop_vars("first_cell").sel(point)
        stored, following = (there.sel(trial=each, drop=True) for each in (trial, trial + 1))
        anew = _anew(name, part, {**point, "trial": trial}, stored)
        shown = (f"{a} {v if isinstance(v, str) else round(v, 3)}" for a, v in point.items())
        rows.append(
            {
                "figure": name,
                "part": part,
                "point": ", ".join(shown),
                "trial": trial,
                "difference": float(abs(anew / stored - 1).to_array().max()),
                "next trial": float(abs(following / stored - 1).to_array().max()),
            }
        )
    return pd.DataFrame(rows)


def _any_cell(rng: np.random.Generator) -> tuple[str, str, dict[str, Any], int]:
    """A stored cell, uniformly among figures and parts, of width <= 1500, before the last trial."""
    name = str(rng.choice(list(FIGURES)))
    part = "students" if FIGURES[name].shared and rng.integers(2) else "results"
    there, point = figures.stored(name, part), {}
    for axis in FIGURES[name].over:
        values = [value for value in there[axis].values.tolist() if axis != "k" or value <= 1500]
        point[axis] = values[rng.integers(len(values))]
    return name, part, point, int(rng.integers(there.sizes["trial"] - 1))


def _anew(name: str, part: str, at: dict[str, Any], stored: xr.Dataset) -> xr.Dataset:
    """What the store has of a trial, over students and models, computed anew."""
    study = figures.studies(name, profile="full")[part]
    cells = [study.cell({**at, "student": each}) for each in stored.student.values.tolist()]
    numbers = [each for cell in cells if cell is not None for each in compute([cell])]
    rows = {error: [each[str(error)] for each in numbers] for error in stored}
    return stored.copy(data={error: np.array(rows[error], dtype=float) for error in stored})
