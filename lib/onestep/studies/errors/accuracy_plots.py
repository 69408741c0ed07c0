"""Figures of the comparison in `accuracy`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from ... import claims, plots
from . import accuracy_ladder, accuracy_tables


def differences(found: pd.DataFrame) -> Figure:
    """Differences from the formulas, of `accuracy_tables.judged`, with two standard errors."""
    figure, axes = plots.subplots(2, 4, width=8.4, height=5.0, sharey=True)
    for row, error in zip(axes, reversed(accuracy_ladder.ERRORS), strict=True):
        for axis, method in zip(row, accuracy_tables.TARGETS, strict=True):
            part = found[(found.method == method) & (found.error == error)]
            for i, (_, each) in enumerate(part.iterrows()):
                marker = plots.MARKERS.get(each.activation, "o")
                colour = plots.COLOURS.get(each.activation, "#808080")
                bar = 200 * each.standard_error
                axis.errorbar(i, 100 * each.value, bar, fmt=marker, color=colour, capsize=0)
            band = 100 * accuracy_tables.target(method, error)
            axis.axhspan(-band, band, color=plots.INK, alpha=0.08, lw=0)
            axis.set(title=method, ylim=(-5, 9), xticks=[])
            axis.title.set_fontsize(9)
        row[0].set_ylabel(f"{error}, simulated / formula − 1, %", fontsize=8)
    plots.label_panels(axes)
    return figure


def ladder(stored: xr.Dataset) -> Figure:
    """Distance of one readout from the formula on the ladder, and the mean in standard errors."""
    sizes = np.array(accuracy_ladder.SIZES)
    figure, axes = plots.subplots(2, 1, width=5.6, height=4.6, sharex=True, height_ratios=[3, 1.3])
    for error, marker in zip(accuracy_ladder.ERRORS, "os", strict=True):
        each = accuracy_ladder.root_mean_squares(stored, error)
        size = np.sqrt(np.mean(np.square(each), axis=1))
        axes[0].loglog(sizes, size, marker + "-", label=error)
        axes[1].semilogx(sizes, accuracy_ladder.deviations(stored, error), marker)
    axes[0].loglog(sizes, size[0] * (sizes / sizes[0]) ** -0.5, ":", color=plots.INK)
    axes[1].axhspan(-2, 2, color=plots.INK, alpha=0.08, lw=0)
    axes[0].set_ylabel("relative distance")
    axes[1].set(ylim=(-4, 4), xlabel="$n$", ylabel="standard errors")
    plots.label_sizes(axes[1], sizes)
    axes[0].legend()
    return figure


def polynomials(drawn: xr.DataArray, exact: xr.DataArray) -> Figure:
    """Errors of `accuracy_tables.full_strength` against the degree, over the network's."""
    figure, axis = plots.subplots(width=5.6)
    base, degrees = float(drawn.sel(model="network").mean()), list(accuracy_tables.DEGREES)
    ratio = claims.sample(drawn.sel(model=[str(degree) for degree in degrees]) / base)
    plots.measured(axis, degrees, ratio, fmt="o-", label="polynomial, simulated")
    line = float(claims.sample(exact / base).value)
    axis.axhline(line, color=plots.CYCLE[1], ls="--", label="conditional formula")
    axis.set(xlabel="degree", ylabel="over the network's error", yscale="log", xticks=degrees)
    axis.legend()
    return figure
