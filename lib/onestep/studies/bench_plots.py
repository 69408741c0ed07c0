"""Figures of what a trial costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import xarray as xr
from matplotlib.figure import Figure

from .. import plots


def growth(found: Mapping[str, xr.Dataset], factors: Sequence[int]) -> Figure:
    """Cost against one size, the others fixed, from `bench.growth` by field."""
    figure, axis = plots.subplots(width=5.4, height=3.4)
    for (name, each), marker in zip(found.items(), "os^D", strict=True):
        label = name if name == "trials" else f"${name}$"
        axis.loglog(factors, each.seconds / each.seconds[0], marker + "-", label=label)
    axis.loglog([1, 4], [1, 4], ":", color=plots.INK, label="slope 1")
    axis.set(xlabel="factor of the size", ylabel="factor of the cost")
    plots.label_sizes(axis, factors)
    axis.legend()
    return figure
