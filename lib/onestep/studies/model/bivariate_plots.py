"""Figure of the kernels of two correlated neurons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from ... import hermite, plots
from .bivariate import CLOSED


def kernels(scales: Sequence[float]) -> Figure:
    """Closed forms with truncated series on them, and the error against the degree."""
    s, t = scales
    grid = np.linspace(-1, 1, 41)
    figure, axes = plots.subplots(1, 2, height=4.2)
    for (name, kernel), colour in zip(CLOSED.items(), plots.CYCLE, strict=False):
        axes[0].plot(grid, kernel(grid, (s, t)), color=colour, label=name)
        for degree, marker in ((2, "x"), (6, "o")):
            series = hermite.kernel(name, name, grid[::4], degree, (s, t))
            label = f"{name}, degree {degree}"
            axes[0].plot(grid[::4], series, marker, color=colour, mfc="none", label=label)
        degrees = range(2 + (name == "erf"), 41 + (name == "erf"), 2)
        for r, style in ((0.5, "-"), (0.95, "--")):
            limit = kernel(r, (s, t))
            error = [abs(hermite.kernel(name, name, r, l, (s, t)) - limit) for l in degrees]
            bound = [
                abs(r) ** (l + 1)
                * hermite.HermiteExpansion.of(name, l, s).residual
                * hermite.HermiteExpansion.of(name, l, t).residual
                for l in degrees
            ]
            floored = np.maximum(error, 1e-17)
            axes[1].semilogy(degrees, floored, style, color=colour, label=f"{name}, $r={r}$")
            axes[1].semilogy(degrees, np.maximum(bound, 1e-17), ":", color=colour, lw=1)
    axes[0].set(xlabel="correlation $r$", title="$K(r)$")
    axes[1].set(xlabel="degree $l$", title="error", ylim=(1e-17, 1))
    for axis in axes:
        axis.legend(fontsize=7)
    plots.label_panels(axes)
    return figure
