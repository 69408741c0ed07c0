"""Figures of network and polynomial model against the width, as in the paper's Figure 1a."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from ... import claims, plots

ERRORS = ("generalization", "training")


def _series(
    results: xr.Dataset, published: pd.DataFrame, error: str
) -> Iterator[tuple[str, xr.DataArray, pd.DataFrame]]:
    """Errors by activation, with the trials last, and the published points."""
    for a in results.activation.values.tolist():
        points = published.query("error == @error and series == 'network' and activation == @a")
        yield a, results[f"{error}_error"].sel(activation=a).transpose(..., "trial"), points


def against_width(results: xr.Dataset, published: pd.DataFrame, m: int, degree: int) -> Figure:
    """Networks, polynomial models of a degree on the same draws, and published networks."""
    figure, axes = plots.subplots(1, 2, height=3.8)
    x = results.k / m
    for axis, error in zip(axes, ERRORS, strict=True):
        for a, drawn, points in _series(results, published, error):
            plots.measured(axis, x, claims.sample(drawn.sel(model="network")), a)
            axis.plot(x, drawn.sel(model="hermite").mean("trial"), color=plots.COLOURS[a])
            axis.plot(points.x, points.y, "x", ms=4, mew=1, color=plots.COLOURS[a])
        axis.set(xlabel="width $k/m$", title=f"{error} error", ylim=(0, None))
    axes[0].plot([], [], color=plots.INK, label=f"polynomial, $l={degree}$")
    axes[0].plot([], [], "x", ms=4, color=plots.INK, label="published")
    plots.legend_below(figure, axes[0], 5)
    plots.label_panels(axes)
    return figure


def published_ratios(results: xr.Dataset, published: pd.DataFrame, m: int) -> Figure:
    """Published over redrawn networks, with the 95 % interval of one draw."""
    figure, axes = plots.subplots(1, 2, height=3.0, sharey=True)
    widths = results.k.values / m
    for axis, error in zip(axes, ERRORS, strict=True):
        for i, (a, drawn, points) in enumerate(_series(results, published, error)):
            mean = claims.sample(drawn.sel(model="network"))
            # An interval for one more draw is wider than that of the mean by sqrt(trials + 1).
            spread = mean.half_width(0.025) * np.sqrt(drawn.sizes["trial"] + 1) / mean.value
            x = widths * (1 + 0.06 * (i - 1))
            bars = {"fmt": "none", "ecolor": "#808080", "elinewidth": 4, "alpha": 0.45}
            axis.errorbar(x, np.ones(len(x)), spread, **bars)
            ratio = points.set_index("x").y.reindex(widths).values / mean.value
            axis.plot(x, ratio, plots.MARKERS[a], color=plots.COLOURS[a], label=a)
        axis.axhline(1, color=plots.INK, lw=0.8)
        axis.set(xlabel="width $k/m$", title=f"{error} error")
        plots.label_sizes(axis, widths)
    axes[0].set_ylabel("published / redrawn")
    axes[1].legend(fontsize=8)
    plots.label_panels(axes)
    return figure
