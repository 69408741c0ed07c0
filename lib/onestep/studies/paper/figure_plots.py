"""The paper's synthetic figures, drawn from stored results."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from ... import claims, plots
from . import figures, grids, reproduction, residuals


def _series(axis: Axes, name: str, error: str = "generalization", size: float = 5.0) -> None:
    """One panel: the formula's lines, simulated networks and Hermite models, published networks.

    Published points and where they fall with 95 % probability are drawn where there are any.
    """
    abscissa, drawn = _abscissa(name), figures.stored(name)[f"{error}_error"].isel(student=0)
    formula = figures.stored(name, "formula")[f"{error}_error"]
    for a in figures.ACTIVATIONS:
        at, colour = drawn.sel(activation=a), plots.COLOURS[a]
        axis.plot(abscissa(formula), formula.sel(activation=a), color=colour)
        network = claims.sample(at.sel(model="network"))
        plots.measured(axis, abscissa(at), network, a, ms=size)
        hermite = at.sel(model="hermite").mean("trial")
        axis.plot(abscissa(at), hermite, ".", ms=3, color=plots.INK)
        if name not in reproduction.SERIES:
            continue
        found = reproduction.intervals(name, error).sel(activation=a, model="network")
        low, high = found["mean"] - found.half_width, found["mean"] + found.half_width
        axis.fill_between(abscissa(found), low, high, color=colour, alpha=0.18, lw=0)
        points = reproduction.points(name).query(
            "error == @error and series == 'network' and activation == @a"
        )
        axis.plot(
            points.x, points.y, plots.MARKERS[a], ms=size + 3, mfc="none", color=colour, mew=0.8
        )


def _abscissa(name: str) -> Any:
    """A figure's abscissa of a dataset: k/m instead of k."""
    figure = grids.FIGURES[name]
    return lambda found: found[figure.axis] / (figure.problem.m if figure.axis == "k" else 1)


def _label(name: str) -> str:
    axis = grids.FIGURES[name].axis
    return "$k/m$" if axis == "k" else f"$\\{axis}$"


def width() -> Figure:
    """Figures 1a and 6: both errors against the width."""
    figure, axes = plots.subplots(1, 2, height=3.9)
    for axis, error in zip(axes, ("generalization", "training"), strict=True):
        _series(axis, "fig1a", error)
        axis.set(xlabel="width $k/m$", title=f"{error} error", ylim=(0, None))
    axes[0].plot([], [], ".", ms=3, color=plots.INK, label="Hermite model")
    axes[0].plot([], [], "o", ms=8, mfc="none", mew=0.8, color=plots.INK, label="published")
    axes[0].plot([], [], color=plots.INK, label="formula")
    plots.legend_below(figure, axes[0], 6, fontsize=8)
    plots.label_panels(axes)
    return figure


def strengths() -> Figure:
    """Figures 1b, 1c, 5a and 5c: generalization error against weighting or strength."""
    titles = {
        "fig1b": "\\beta=0.74",
        "fig1c": "\\alpha=0.5",
        "fig5a": "\\alpha=0",
        "fig5c": "\\alpha=1",
    }
    figure, grid = plots.subplots(2, 2, height=6.4)
    for axis, (name, title) in zip(grid.flat, titles.items(), strict=True):
        _series(axis, name, size=4)
        drawn = figures.stored(name).generalization_error.isel(student=0).sel(model="network")
        top = 1.15 * float(drawn.mean("trial").max())
        axis.set(xlabel=_label(name), title=f"{name[3:]}: ${title}$", ylim=(0, top))
    grid[0, 0].legend(loc="upper left", fontsize=8)
    for axis in grid[:, 0]:
        axis.set_ylabel("generalization error")
    plots.label_panels(grid)
    return figure


def normalised() -> Figure:
    """Figures 5a, 1c and 5c in units of half the variance of the label."""
    figure, axes = plots.subplots(1, 3, height=3.2, sharey=True)
    for axis, name in zip(axes, ("fig5a", "fig1c", "fig5c"), strict=True):
        drawn, formula = (
            figures.stored(name, part).generalization_error / _constant_guess(name)
            for part in ("results", "formula")
        )
        for a in figures.ACTIVATIONS:
            at = drawn.sel(activation=a, model="network").isel(student=0)
            plots.measured(axis, at.beta, claims.sample(at), a, ms=4)
            axis.plot(formula.beta, formula.sel(activation=a), color=plots.COLOURS[a])
        axis.axhline(1, color=plots.INK, lw=0.8, ls=":")
        alpha = grids.FIGURES[name].problem.alpha
        axis.set(xlabel="$\\beta$", title=f"$\\alpha={alpha:g}$", ylim=(0, None))
    axes[0].set_ylabel("error / best constant's")
    axes[0].legend(fontsize=8)
    plots.label_panels(axes)
    return figure


def _constant_guess(name: str) -> xr.DataArray:
    """Error of the best constant, half the variance of a random direction's ReLU labels."""
    problem, beta = grids.FIGURES[name].problem, figures.stored(name).beta
    theta = float(problem.n) ** (beta * (1 - problem.alpha))
    variance: xr.DataArray = (1 + theta / problem.n) / (1 + theta / 2) * (0.5 - 0.5 / np.pi)
    return variance / 2


def _heat_map(axis: Axes, values: ArrayLike, title: str, **options: Any) -> Any:
    """A map over the 30 x 30 cells of Figure 4, alpha by beta; `options` of ``pcolormesh``."""
    edges = np.linspace(0, 1, 30)
    square = np.asarray(values).reshape(30, 30)
    image = axis.pcolormesh(edges, edges, square, rasterized=True, **options)
    axis.set(title=title)
    axis.grid(False)
    return image


def error_maps() -> Figure:
    """Figure 4a: simulated, by formula, published, and the published deviation."""
    cells = reproduction.map_points("fig4a")
    formula = figures.stored("fig4", "formula").generalization_error.transpose("alpha", "beta")
    figure, grid = plots.subplots(2, 2, height=6.2, sharex=True, sharey=True)
    shown = {"simulated": cells["mean"], "formula": formula, "published": cells.value}
    for axis, (title, values) in zip(grid.flat, shown.items(), strict=False):
        image = _heat_map(axis, values, title, vmin=0, vmax=0.16)
    figure.colorbar(image, ax=grid[0, 1], label="error")
    widths = cells.deviation / cells.half_width
    image = _heat_map(grid[1, 1], widths, "published − simulated", vmin=-2, vmax=2, cmap="RdBu")
    figure.colorbar(image, ax=grid[1, 1], label="half-widths")
    for axis in grid[:, 0]:
        axis.set_ylabel("$\\alpha$")
    for axis in grid[1]:
        axis.set_xlabel("$\\beta$")
    plots.label_panels(grid)
    return figure


def gap_maps() -> Figure:
    """Figure 4b: what the model of degree 1 is off, simulated and published."""
    cells = reproduction.map_points("fig4b")
    figure, axes = plots.subplots(1, 2, height=3.5, sharey=True)
    alpha = np.linspace(0, 1, 30)
    shown = {"simulated": cells["mean"], "published": cells.value}
    for axis, (title, values) in zip(axes, shown.items(), strict=True):
        image = _heat_map(axis, np.clip(values, 4, 100), title, norm="log")
        axis.plot(np.clip(0.5 / np.maximum(1 - alpha, 0.5), 0, 0.75), alpha, color=plots.CYCLE[1])
        axis.axvline(0.5, color=plots.CYCLE[1], ls="--")
        axis.set(xlabel="$\\beta$")
    axes[0].set_ylabel("$\\alpha$")
    figure.colorbar(image, ax=axes[1], label="off by, in %")
    plots.label_panels(axes)
    return figure


def from_the_formula() -> Figure:
    """Residuals of Figures 1a, 1b, 1c and 4a in standard errors."""
    figure, grid = plots.subplots(2, 3, width=8.4, height=5.4)
    for axis, (title, (name, error)) in zip(grid.flat, residuals.SERIES.items(), strict=False):
        values = residuals.residuals(name, error)
        for a in figures.ACTIVATIONS:
            style = {"marker": plots.MARKERS[a], "ms": 4, "ls": "", "color": plots.COLOURS[a]}
            axis.plot(_abscissa(name)(values), values.sel(activation=a), **style)
        axis.axhspan(-2, 2, color=plots.INK, alpha=0.08, lw=0)
        axis.set(title=title, ylim=(-6, 6), xlabel=_label(name))
    cells, plain = (residuals.of_map(corrected=corrected) for corrected in (True, False))
    image = _heat_map(grid[1, 1], cells, "4a", cmap="RdBu", vmin=-4, vmax=4)
    grid[1, 1].set(xlabel=r"$\beta$", ylabel=r"$\alpha$")
    figure.colorbar(image, ax=grid[1, 1])
    bins, moderate = np.linspace(-5, 5, 41), cells.beta <= residuals.MODERATE
    for values, style in (
        (cells, {"color": plots.CYCLE[0], "alpha": 0.6}),
        (plain, {"histtype": "step", "color": plots.INK, "lw": 0.8}),
    ):
        grid[1, 2].hist(values[:, moderate].values.ravel(), bins, density=True, **style)
    grid[1, 2].plot(bins, np.exp(-(bins**2) / 2) / np.sqrt(2 * np.pi), color=plots.INK)
    grid[1, 2].set(title=r"4a, $\beta\leq0.85$", xlabel="standard errors")
    plots.label_panels(grid)
    return figure
