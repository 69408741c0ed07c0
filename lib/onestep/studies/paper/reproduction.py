"""Every published point beside its prediction interval, and the table of all series."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike
from scipy import special
from scipy.optimize import brentq

from ..._support import check
from ..._support.arrays import Array
from ...network import HermiteModel, Model, Network
from ...theory import predict
from . import digitized, figures, grids
from .prediction_intervals import LEVEL, interval, shares

__all__ = ["MAPS", "SERIES", "contour", "map_points"]

SERIES = ("fig1a", "fig1b", "fig1c", "fig2a", "fig2b", "fig5a", "fig5c")
"""Figures with published series of points; Figure 4 has heat maps."""

MAPS = ("fig4a", "fig4b")
"""Its heat maps: the network's error, and how far the polynomial is from it."""

_KEY = ["error", "series", "activation"]


def intervals(name: str, error: str) -> xr.Dataset:
    """Prediction interval at every stored point of a figure, one of `SERIES` or ``"fig4a"``."""
    sweep = "fig4" if name == "fig4a" else name
    figure = grids.FIGURES[sweep]
    errors, students = (
        figures.stored(sweep, part)[f"{error}_error"] for part in ("results", "students")
    )
    return _interval(figure, errors.isel(student=0, drop=True), students)


def _gap_interval() -> xr.Dataset:
    """That of the signed gap of Figure 4b, in percent of the network's mean error."""
    errors, students = (
        figures.stored("fig4", part).generalization_error for part in ("results", "students")
    )
    exact = errors.isel(student=0, drop=True)
    return _interval(grids.FIGURES["fig4"], _gap(exact), _gap(students))


def _gap(errors: xr.DataArray) -> xr.DataArray:
    network, model = errors.sel(model="network"), errors.sel(model="hermite")
    return 100 * (network - model) / network.mean("trial")


def _interval(figure: grids.Figure, errors: xr.DataArray, students: xr.DataArray) -> xr.Dataset:
    return interval(
        errors, shares(errors, students), published_trials=figure.trials, one_draw=figure.one_draw
    )


def points(name: str) -> pd.DataFrame:
    """Every published point of a figure with series, beside its prediction interval.

    To `digitized.published` come ``mean``; ``half_width``, the uncertainty of the digitization
    included; ``deviation`` of the published from our mean, relative; ``inside``.
    """
    figure = grids.FIGURES[check.choice("name", name, SERIES)]
    table, scale = digitized.published(name), figure.problem.m if figure.axis == "k" else 1
    errors = table.error.unique()
    found = xr.concat([intervals(name, error) for error in errors], pd.Index(errors, name="error"))
    x, *where = (xr.DataArray(table[each], dims="point") for each in ("x", *_KEY))
    at = found.sel({figure.axis: scale * x}, method="nearest", tolerance=1e-6)
    at = at.sel(dict(zip(("error", "model", "activation"), where, strict=True)))
    mean = at["mean"].values
    half_width = at.half_width.values + table.y_uncertainty
    inside = (table.y - mean).abs() <= half_width
    return table.assign(
        mean=mean, half_width=half_width, deviation=table.y / mean - 1, inside=inside
    )


def map_points(name: str) -> pd.DataFrame:
    """Every cell of a published heat map beside its prediction interval.

    Of errors, ``"fig4a"``, or of gaps in percent, ``"fig4b"``: of these the published map shows
    the size, censored below 4.05 and above 98.7, and a censored cell is inside where the
    interval reaches the censored range. ``deviation`` is value minus mean.
    """
    name = check.choice("name", name, MAPS)
    published = digitized.published(name)
    found = (
        intervals(name, "generalization").sel(model="network")
        if name == "fig4a"
        else _gap_interval()
    )
    at = found.sel(
        alpha=xr.DataArray(published.alpha.to_numpy(), dims="cell"),
        beta=xr.DataArray(published.beta.to_numpy(), dims="cell"),
        method="nearest",
        tolerance=1e-6,
    )
    value, mean, width = published.value.to_numpy(), at["mean"].values, at.half_width.values
    if name == "fig4a":
        width = width + _MAP_UNCERTAINTY
        inside = np.abs(value - mean) <= width
    else:
        mean = np.abs(mean)
        lowest = np.where(value <= _SHOWN[0], 0, value * (1 - _GAP_UNCERTAINTY))
        highest = np.where(value >= _SHOWN[1], np.inf, value * (1 + _GAP_UNCERTAINTY))
        inside = (mean - width <= highest) & (mean + width >= lowest)
    return published.assign(mean=mean, half_width=width, deviation=value - mean, inside=inside)


_MAP_UNCERTAINTY = 3.0e-4
_GAP_UNCERTAINTY = 0.0063
_SHOWN = (4.05, 98.7)


def table() -> pd.DataFrame:
    """The reproduction table: one row for each published series and heat map.

    ``inside`` is the fraction of ``points`` in their intervals; ``largest`` the deviation,
    relative (of a heat map of gaps: in percent points), among points that the picture gives to
    10 %, and ``where``; ``verdict`` is "reproduced" where no fewer points are inside than 99 %
    of rows of independent points would have, else "outside".
    """
    rows = []
    for name in SERIES:
        for key, group in points(name).groupby(_KEY, sort=False):
            where, readable = group.x.round(3).astype(str), group.y_uncertainty < 0.1 * group.y
            row = _row(group, where, readable)
            rows.append({"figure": name, **dict(zip(_KEY, key, strict=True)), **row})
    for name in MAPS:
        cells = map_points(name)
        where = [f"({a:.2f}, {b:.2f})" for a, b in zip(cells.alpha, cells.beta, strict=True)]
        kind = {"error": "generalization", "activation": "relu"}
        series = "network" if name == "fig4a" else "gap of degree 1"
        relative = cells.assign(deviation=cells.deviation / cells["mean"])
        shown = relative if name == "fig4a" else cells
        readable = cells.value.between(*_SHOWN) if name == "fig4b" else cells.value > 0
        row = _row(shown, pd.Series(where), readable)
        rows.append({"figure": name, **kind, "series": series, **row})
    return pd.DataFrame(rows)


def contour(weightings: ArrayLike, excess: float = 0.25) -> Array:
    """Strength at which the linear model is off by so much on the map of Figure 4b, by formula.

    For each weighting alpha that at which its generalization error exceeds the network's by
    this share; there must be one between 0.4 and 0.98.
    """
    problem = replace(grids.FIGURES["fig4"].problem, construction="exact")
    models: list[str | Model] = [HermiteModel(degree=1), Network()]

    def beyond(beta: float, alpha: float) -> float:
        at = replace(problem, alpha=alpha, beta=beta)
        limit = predict(at, models, method="scalar", guarded=False)
        linear, network = limit.generalization_error.values[:, 0]
        return float(linear / network - 1 - excess)

    alphas = np.asarray(weightings, dtype=float).tolist()
    return np.array([brentq(beyond, 0.4, 0.98, args=(a,), xtol=1e-3) for a in alphas])


def _row(group: pd.DataFrame, where: pd.Series, readable: pd.Series) -> dict[str, object]:
    worst = int(np.argmax(group.deviation.abs().where(readable, 0).to_numpy()))
    count, inside = len(group), int(group.inside.sum())
    # As many points as this row has fall outside with a probability of less than 1 %.
    surprising = special.bdtr(inside, count, 1 - LEVEL) < 0.01
    return {
        "points": count,
        "inside": inside / count,
        "largest": float(group.deviation.iloc[worst]),
        "where": where.iloc[worst],
        "verdict": "outside" if surprising else "reproduced",
    }
