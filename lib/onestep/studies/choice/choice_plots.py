"""Figures of the chapter *What to choose*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from ... import claims, plots
from .budget import TRIED, Budget
from .step_gain import Measured

_STYLES = ("-", "--", "-.", ":")


def gains(
    maps: Mapping[str, xr.DataArray], points: Mapping[tuple[str, float, float], Measured]
) -> Figure:
    """Maps of `step_gain.gain_map`, one a direction, and the simulated points."""
    figure, axes = plots.subplots(1, len(maps), height=3.3, sharey=True)
    for axis, (direction, found) in zip(axes, maps.items(), strict=True):
        lines = axis.contour(
            found.alpha, found.beta, found.T, levels=[0.7, 0.8, 0.9, 0.95, 0.99],
            colors=plots.CYCLE[0],
        )  # fmt: skip
        axis.clabel(lines, fmt="%.2g", fontsize=8)
        for (each, a, b), one in points.items():
            if each == direction:
                axis.plot(a, b, "o", color=plots.CYCLE[1], clip_on=False)
                ratio = one.after.mean() / one.before.mean()
                offset = (-4, 5) if a > 0.9 else (4, 5)
                axis.annotate(
                    f"{ratio:.2f}", (a, b), xytext=offset, textcoords="offset points", fontsize=8,
                    ha="right" if a > 0.9 else "left",
                )  # fmt: skip
        axis.set(xlabel=r"weighting $\alpha$", title=f"labels: {direction}")
    axes[0].set_ylabel(r"strength $\beta$")
    plots.label_panels(axes)
    return figure


def rivals(
    ratios: Sequence[float],
    curves: Mapping[str, Mapping[str, Sequence[float]]],
    points: Mapping[str, claims.Estimate],
) -> Figure:
    """Curves of `step_gain.against_samples` by direction, and simulated errors after the step."""
    figure, axes = plots.subplots(1, len(curves), height=3.3)
    for axis, (direction, found) in zip(axes, curves.items(), strict=True):
        for (name, errors), style in zip(found.items(), _STYLES, strict=True):
            axis.plot(ratios, errors, style, label=name)
        plots.measured(axis, ratios, points[direction], fmt="o", color=plots.CYCLE[0])
        axis.set(title=f"labels: {direction}", xlabel="samples $m/n$", ylim=(0, None))
        plots.label_sizes(axis, ratios)
    axes[0].set_ylabel("generalization error")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    plots.label_panels(axes)
    return figure


def trends(found: pd.DataFrame) -> Figure:
    """Curves of `published_trends.trends`, a panel each figure."""
    figure, axes = plots.subplots(2, 3, height=4.8)
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


_AXES = {"k": "width $k$", "alpha": r"$\alpha$", "beta": r"$\beta$", "alignment": "alignment"}


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
