"""Figures of what several steps leave: drawn values on the lines of the limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from ... import claims, plots
from ..._support.arrays import Array
from .steps_ladder import StepsLadder

STYLES = {"relu": "C0", "tanh": "C1", "softplus": "C2"}
"""Colours of the activations."""


def errors(
    axes: Sequence[Axes],
    settings: Sequence[tuple[str, str, float, float, str]],
    drawn: Sequence[Sequence[xr.Dataset]],
    formula: Sequence[Sequence[xr.Dataset]],
    steps: Sequence[int],
) -> None:
    """Generalization errors of settings, on fresh batches left and on one batch right."""
    for (name, direction, alpha, beta, batch), shown, given in zip(
        settings, drawn, formula, strict=True
    ):
        axis, color = axes[int(batch == "reused")], STYLES[name]
        mean = claims.sample([one.generalization_error.values for one in shown])
        label = rf"{name}, {direction}, $\alpha={alpha}$, $\beta={beta}$"
        style: dict[str, Any] = {"marker": "o" if direction == "aligned" else "s", "color": color}
        axis.errorbar(steps, mean.value, mean.standard_error, ls="", label=label, **style)
        axis.plot(steps, [one.generalization_error.mean() for one in given], color=color)
    for axis, title in zip(axes, ("fresh batches", "one batch"), strict=True):
        axis.set(xlabel="steps", title=title, ylim=(0, None), xticks=steps)
    axes[0].set_ylabel("generalization error")


def directions(axes: Sequence[Axes], layers: Mapping[tuple[str, str], xr.Dataset], of: str) -> None:
    """Leading directions of layers by activation and batch: size, and, of one, cosine with xi."""
    for (name, batch), layer in layers.items():
        steps, top = layer.steps.values, layer.sel(index=0)
        fill = None if batch == "fresh" else "none"
        style: dict[str, Any] = {"color": STYLES[name], "mfc": fill, "marker": "o"}
        for axis, values in zip(axes, (top.singular_value, top.along), strict=True):
            if axis is axes[0] or name == of:
                mean = claims.sample(values.values)
                label = f"{name}, {batch}"
                axis.errorbar(steps, mean.value, mean.standard_error, ls="", label=label, **style)
        line = "-" if batch == "fresh" else ":"
        axes[0].plot(steps, top.averaged.mean("trial"), color=style["color"], ls=line)
    once = layers[of, "fresh"].along.sel(index=0, steps=1).mean().item()
    mean_of = [t / (t + 1 / once - 1) for t in steps]
    axes[1].plot(steps, mean_of, color=plots.INK, label="mean of $t$ samples")
    axes[0].set(xlabel="steps", title="largest singular value of the update", xticks=steps)
    axes[1].set(xlabel="steps", title=r"$\cos^2$ with $\xi$", xticks=steps, ylim=(0, 1))
    axes[0].set_ylim(0, None)
    for axis in axes:
        axis.legend()


def along_steps(axis: Axes, drawn: xr.DataArray, line: xr.DataArray, dotted: xr.DataArray) -> None:
    """Draws of each student, (student, steps, trial), on lines; another beside them dotted."""
    steps, (line, dotted) = drawn.steps.values, xr.broadcast(line, dotted)
    for i, name in enumerate(drawn.student.values):
        mean = claims.sample(drawn.sel(student=name).transpose("steps", "trial"))
        _markers(axis, steps, mean.value, mean.standard_error, i, "o", name)
        axis.plot(steps, line.sel(student=name), color=f"C{i}")
        axis.plot(steps, dotted.sel(student=name), ":", color=f"C{i}")
    axis.set(xlabel="steps", xticks=steps, ylim=(0, None))


def cosines(
    axis: Axes, sizes: Sequence[int], drawn: Mapping[str, Sequence[Array]], slopes: Sequence[float]
) -> None:
    """Means at each size, and dotted lines of given slopes through the last of them."""
    for i, (name, values) in enumerate(drawn.items()):
        found = [claims.sample(each) for each in values]
        mean = np.array([float(each.value) for each in found])
        _markers(axis, sizes, mean, [e.standard_error for e in found], i, "os^"[i], name)
        axis.plot(sizes, mean[-1] * (np.array(sizes) / sizes[-1]) ** slopes[i], ":", color=f"C{i}")
    axis.set_yscale("log")
    plots.label_sizes(axis, sizes)
    axis.legend()


def gap_ladders(axis: Axes, ladders: Mapping[str, StepsLadder]) -> None:
    """Gaps on their ladders: measured, in the limit, and dotted after one step."""
    for i, (name, one) in enumerate(ladders.items()):
        found = [claims.controlled(v, c) for v, c in zip(one.measured, one.chance, strict=True)]
        value, error = [e.value for e in found], [e.standard_error for e in found]
        _markers(axis, one.sizes, value, error, i, "o", name)
        axis.plot(one.sizes, one.limit, color=f"C{i}")
        axis.plot(one.sizes, one.once, ":", color=f"C{i}")
    axis.set_yscale("log")
    plots.label_sizes(axis, list(one.sizes))
    axis.legend()


def _markers(
    axis: Axes, x: ArrayLike, y: ArrayLike, error: ArrayLike, i: int, marker: str, label: str
) -> None:
    axis.errorbar(x, y, error, ls="", marker=marker, color=f"C{i}", label=label)
