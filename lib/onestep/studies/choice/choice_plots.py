"""Figures of the chapter *What to choose*."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ... import claims, plots
from . import gain_maps
from .budget import TRIED, Budget
from .step_gain import LARGE, Measured

_STYLES = ("-", "--", "-.", ":")


def gains(maps: xr.DataArray, points: Mapping[tuple[str, str, float, float], Measured]) -> Figure:
    """Maps of `gain_maps.gains` by activation and direction, and the simulated points."""
    figure, axes = _grid(maps)
    for (activation, direction), axis in axes.items():
        found = maps.sel(activation=activation, direction=direction)
        lines = axis.contour(
            found.alpha, found.beta, found.transpose("beta", "alpha"),
            levels=[0.7, 0.8, 0.9, 0.95, 0.99], colors=plots.CYCLE[0],
        )  # fmt: skip
        axis.clabel(lines, fmt="%.2g", fontsize=7)
        for a, b in sorted({point[2:] for point in points}):
            one = points[activation, direction, a, b]
            _dot(axis, a, b, one.after.mean() / one.before.mean(), right=a > 0.9)
        axis.set(xlabel=r"weighting $\alpha$")
    return _titled(figure, axes, r"strength $\beta$")


def rivals(found: xr.Dataset, points: Mapping[tuple[str, str, float], Measured]) -> Figure:
    """Maps of `gain_maps.margin` over samples and steps, and points simulated after `LARGE`."""
    margins = gain_maps.margin(found)
    figure, axes = _grid(margins)
    for (activation, direction), axis in axes.items():
        one = margins.sel(activation=activation, direction=direction)
        at = (np.log10(one.samples), np.log10(one.step), one.transpose("step", "samples"))
        lines = axis.contour(*at, levels=[0.6, 0.8, 0.9, 1.1, 1.25, 1.6], colors=plots.CYCLE[0])
        axis.clabel(lines, fmt="%.2g", fontsize=7)
        axis.contour(*at, levels=[1.0], colors=plots.INK, linewidths=2)
        best = gain_maps.best_rival(found).sel(activation=activation, direction=direction)
        for ratio in sorted({point[2] for point in points}):
            measured = points[activation, direction, ratio].after.mean()
            measured /= best.sel(samples=ratio, step=LARGE).item()
            _dot(axis, np.log10(ratio), np.log10(LARGE), measured, right=ratio > 5)
        axis.set(xlabel="samples $m/n$")
        axis.set_xticks(np.log10([0.5, 1, 3, 10]), ["0.5", "1", "3", "10"])
        axis.set_yticks(np.log10([0.01, 0.1, 1]), ["0.01", "0.1", "1"])
    return _titled(figure, axes, r"step $\eta/n$")


def _grid(found: xr.DataArray) -> tuple[Figure, dict[tuple[str, str], Axes]]:
    """Axes by activation and direction, a row a direction."""
    directions, activations = (found[each].values.tolist() for each in ("direction", "activation"))
    figure, axes = plots.subplots(
        len(directions), len(activations), height=5.4, sharex=True, sharey=True
    )
    names = itertools.product(directions, activations)
    return figure, {(b, a): axis for (a, b), axis in zip(names, axes.flat, strict=True)}


def _dot(axis: Axes, x: float, y: float, ratio: float, *, right: bool) -> None:
    axis.plot(x, y, "o", color=plots.CYCLE[1], clip_on=False)
    axis.annotate(
        f"{ratio:.2f}", (x, y), xytext=(-4 if right else 4, 5), textcoords="offset points",
        fontsize=7, ha="right" if right else "left",
    )  # fmt: skip


def _titled(figure: Figure, axes: Mapping[tuple[str, str], Axes], label: str) -> Figure:
    for (activation, direction), axis in axes.items():
        axis.set(title=f"{activation}, {direction}", ylabel=label)
        axis.label_outer()
    plots.label_panels(np.array(list(axes.values())))
    return figure


def trends(found: pd.DataFrame) -> Figure:
    """Curves of `published_trends.trends`, a panel each figure."""
    figure, axes = plots.subplots(3, 4, width=9.6, height=7.2)
    for axis, (name, part) in zip(axes.flat, found.groupby("figure"), strict=True):
        for activation, curve in part.groupby("activation"):
            colour = plots.COLOURS[str(activation)]
            axis.plot(curve.x, curve.published, "--", color=colour)
            axis.plot(curve.x, curve.optimal, "-", color=colour, label=activation)
        scale = "log" if np.ptp(np.log(part.optimal)) > 2 else "linear"
        axis.set(yscale=scale, title=f"Figure {str(name)[3:]}", xlabel=_AXES[part.axis.iloc[0]])
    axes[0, 0].legend()
    for row in axes:
        row[0].set_ylabel("generalization error")
    plots.label_panels(axes)
    return figure


_AXES = {
    "k": "width $k$", "width": "width $k/m$", "alpha": r"$\alpha$", "beta": r"$\beta$",
    "alignment": "alignment", "rho": r"share $\rho$", "rank": "spikes $r$",
}  # fmt: skip


def budgets(found: Mapping[str, Budget]) -> Figure:
    """Errors against the width at one cost, simulated and by formula."""
    figure, axis = plots.subplots(width=5.4)
    for (direction, one), style, marker in zip(found.items(), _STYLES, "os", strict=False):
        [line] = axis.plot(one.widths, one.formula, style, label=f"labels: {direction}")
        plots.measured(
            axis, TRIED, claims.sample(one.simulated), fmt=marker, color=line.get_color()
        )
        best = int(np.argmin(one.formula))
        axis.plot(one.widths[best], one.formula[best], "*", ms=11, color=line.get_color())
    axis.set(xlabel="width $k/n$", ylabel="generalization error", ylim=(0, None))
    plots.label_sizes(axis, one.widths)
    axis.legend()
    return figure
