"""Figures of the atlas of activations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from ... import activations, hermite, plots
from . import atlas


def shapes(names: Sequence[str], scale: float) -> Figure:
    """Eighteen activations with their expansions of degree 1, 3 and 6."""
    z = scale * np.linspace(-4, 4, 161)
    figure, axes = plots.subplots(6, 3, height=11, sharex=True)
    for axis, name in zip(axes.flat, names, strict=True):
        sigma = activations.get(name)
        axis.plot(z / scale, sigma(z), color="#808080", lw=4, alpha=0.6)
        for degree, style in ((1, ":"), (3, "--"), (6, "-")):
            polynomial = hermite.HermiteExpansion.of(sigma, degree, scale)
            axis.plot(z / scale, polynomial(z), style, lw=1.2)
        low, high = sigma(z).min(), sigma(z).max()
        margin = 0.25 * (high - low)
        axis.set(title=name, ylim=(low - margin, high + margin))
        axis.axvspan(-2, 2, color=plots.INK, alpha=0.07, lw=0)
    for axis in axes[-1]:
        axis.set_xlabel("$z/b$")
    return figure


def decay(scale: float) -> Figure:
    """Sizes of the coefficients against the root of the order: jump, kink, poles, entire."""
    shown = {"step": "v", "relu": "o", "tanh": "s", "sigmoid": "^", "erf": "D", "sin": "x"}
    orders = np.arange(1, atlas.ORDERS + 1)
    sizes = {name: atlas.normalised(name, scale)[1:] for name in shown}
    figure, axis = plots.subplots(height=4.2)
    for (name, marker), colour in zip(shown.items(), plots.CYCLE, strict=True):
        keep = sizes[name] > 1e-14
        x, y = np.sqrt(orders[keep]), sizes[name][keep]
        axis.semilogy(x, y, marker, ms=3, color=colour, label=name)
    for name, colour in (("tanh", plots.CYCLE[2]), ("sigmoid", plots.CYCLE[3])):
        strip = activations.get(name).strip
        assert strip is not None
        slope = strip.half_width / scale
        x = np.linspace(1, min(12, 30 / slope), 50)
        axis.plot(x, sizes[name][0] * np.exp(-slope * (x - 1)), "--", lw=1, color=colour)
    axis.set(xlabel=r"$\sqrt{p}$", ylabel=r"$|a_p|=\sqrt{p!}\,|h_p|$", ylim=(1e-14, 2))
    axis.legend(fontsize=8, ncols=3)
    return figure


def errors(names: Sequence[str], scale: float) -> Figure:
    """Relative error of the expansions against the degree."""
    figure, axis = plots.subplots(height=4.0)
    for name, colour, marker in zip(names, plots.CYCLE, "vosD^x", strict=True):
        expansion = hermite.HermiteExpansion.of(name, 20, scale)
        relative = expansion.errors[1:] / np.sqrt(expansion.second_moment)
        axis.loglog(np.arange(1, 21), relative, marker, ls="-", color=colour, label=name)
    axis.set(xlabel="degree $l$", ylabel="relative error")
    plots.label_sizes(axis, [1, 2, 3, 5, 10, 20])
    axis.legend(fontsize=8, ncols=2)
    return figure


def outside(scale: float, widenings: Sequence[float]) -> Figure:
    """Relative error against the degree where preactivations are wider than the scale."""
    figure, axes = plots.subplots(1, 2, height=3.8, sharey=True)
    for axis, name in zip(axes, ("relu", "tanh"), strict=True):
        expansion = hermite.HermiteExpansion.of(name, 25, scale)
        degrees = np.arange(26) if name == "relu" else np.arange(1, 26, 2)
        for c, style in zip(widenings, ("-", "--", "-.", ":", "-"), strict=True):
            size = np.sqrt(hermite.second_moment(name, c * scale))
            error = expansion.error_at(c * scale) / size
            axis.semilogy(degrees, error[degrees], style, label=f"$c={c:g}$")
        axis.set(xlabel="degree $l$", title=name, ylim=(1e-3, 1e3))
    axes[0].set_ylabel("relative error")
    axes[0].legend(fontsize=8, ncols=2)
    plots.label_panels(axes)
    return figure
