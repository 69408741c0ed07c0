"""Figures of results on real images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from ... import claims, plots
from ...inputs import ImageMixture, fashion
from ..paper import digitized
from ..paper.grids import ACTIVATIONS
from . import comparison, image_pairs
from .image_results import stored

_LINES = {"published hermite": "-", "gaussian": "--", "formula": ":"}
"""Line of each curve; the network on images has markers with standard errors."""

_SHOWN = ("network", *_LINES)
"""Curves that a figure shows unless it is told others."""

_LABELS = {"published hermite": "Hermite, b = 1", "gaussian": "Gaussians"}
"""Names of curves in legends, where they differ from `onestep.studies.images.CURVES`."""


def _curves(
    axis: Axes,
    results: xr.Dataset,
    activation: str,
    shown: Sequence[str] = _SHOWN,
) -> None:
    """Curves of one activation, which decides colour and marker, against a study's abscissa."""
    at = results.generalization_error.sel(activation=activation)
    abscissa = str(next(dim for dim in at.dims if dim not in ("trial", "curve")))
    x, colour = at[abscissa].values, plots.COLOURS[activation]
    for curve in shown:
        points = claims.sample(at.sel(curve=curve).transpose(abscissa, "trial"))
        label = _LABELS.get(curve, curve)
        if curve in _LINES:
            axis.plot(x, points.value, _LINES[curve], color=colour, label=label)
        else:
            plots.measured(axis, x, points, activation, label=label)


def _pair_map(axis: Axes, values: ArrayLike, title: str) -> None:
    """A symmetric heat map over pairs of the ten classes: a number for each pair."""
    square = np.full((10, 10), np.nan)
    for (one, two), value in zip(image_pairs.PAIRS, np.asarray(values), strict=True):
        square[one, two] = square[two, one] = value
    image = axis.imshow(square, cmap="viridis")
    axis.set(title=title, xticks=range(10), yticks=range(10))
    axis.set_yticklabels(fashion.NAMES, fontsize=7)
    axis.grid(False)
    axis.figure.colorbar(image, ax=axis, shrink=0.8)


def samples(data: fashion.FashionMNIST, classes: tuple[int, int], small: float) -> Figure:
    """Images of two classes untouched, at the full spread, and at one of a small exponent."""
    figure, axes = plots.subplots(3, 8, height=3.0)
    mixtures = [ImageMixture.of(data, classes, fashion.PIXELS**e) for e in (1.0, small)]
    for row, mixture in zip(axes, (None, *mixtures), strict=True):
        for column, axis in enumerate(row):
            c = column // 4
            shown = data.of(classes[c])[column]
            if mixture is not None:
                noise = np.random.default_rng(column).standard_normal(fashion.PIXELS)
                shown = mixture.without_noise(c, shown) + noise
            axis.imshow(shown.reshape(28, 28), cmap="gray")
            axis.set_axis_off()
    return figure


def widths(above: str, below: str, others: Mapping[str, tuple[str, str]] | None = None) -> Figure:
    """Generalization error against the width: two studies, a panel for each activation.

    The first is shown with its published points, and beside it the networks of `others`: marker
    and study by label.
    """
    figure, axes = plots.subplots(2, 3, width=8.4, height=5.6, sharex=True)
    published = digitized.published(above).query("series == 'network'")
    for row, name in zip(axes, (above, below), strict=True):
        results = stored(name)
        for axis, a in zip(row, ACTIVATIONS, strict=True):
            _curves(axis, results, a)
            axis.set_title(a)
    for axis, a in zip(axes[0], ACTIVATIONS, strict=True):
        points = published[published.activation == a]
        axis.plot(points.x, points.y, "x", color=plots.INK, label="published")
        for label, (marker, name) in (others or {}).items():
            other = stored(name).generalization_error.sel(activation=a, curve="network")
            style = {"mfc": "none", "color": plots.COLOURS[a], "label": label}
            axis.plot(other.width, other.mean("trial"), marker, **style)
    for axis in axes[1]:
        axis.set_xlabel("width $k/m$")
    for axis in axes[:, 0]:
        axis.set_ylabel("generalization error")
    axes[0, 0].legend(fontsize=7)
    plots.label_panels(axes)
    return figure


def steps() -> Figure:
    """Figure 7b and beyond: generalization error against the exponent of the step size."""
    results, conditional = stored("fig7"), stored("fig7-conditional").generalization_error
    figure, axes = plots.subplots(1, 3, width=8.4, height=3.2)
    for axis, a in zip(axes, ACTIVATIONS, strict=True):
        _curves(axis, results, a, ("network", "gaussian", "formula"))
        axis.axvline(1, color=plots.INK, lw=0.6)
        axis.set(title=a, xlabel=r"$\log\eta/\log n$", ylim=(0, None))
    extra = conditional.sel(curve="formula", activation="relu").mean("trial")
    axes[0].plot(extra.step, extra, "o", ms=9, mfc="none", color=plots.INK, label="conditional")
    axes[0].set_ylabel("generalization error")
    axes[0].legend(fontsize=7)
    plots.label_panels(axes)
    return figure


def spreads() -> Figure:
    """Difference between Gaussians and images, error and accuracy against the spread."""
    figure, axes = plots.subplots(2, 3, width=8.4, height=5.4, sharex=True)
    titles = ("Gaussians / images − 1", "error on images", "accuracy on images")
    for row, name in zip(axes, ("spread", "spread-common"), strict=True):
        results = stored(name)
        network = results.sel(curve="network")
        shown = (
            comparison.difference(results, "gaussian", "network"),
            network.generalization_error,
            network.accuracy,
        )
        for axis, each, title in zip(row, shown, titles, strict=True):
            for a in ACTIVATIONS:
                points = claims.sample(each.sel(activation=a).transpose("spread", "trial"))
                plots.measured(axis, results.spread, points, a, fmt=plots.MARKERS[a] + "-")
            axis.set_title(title)
        row[0].axhline(0, color=plots.INK, lw=1)
    for axis in axes[1]:
        axis.set_xlabel(r"exponent of $\theta$")
    axes[0, 1].legend(fontsize=7)
    plots.label_panels(axes)
    return figure


def pairs() -> Figure:
    """All pairs of classes: how far the formula is off, and the error on images; ReLU."""
    figure, axes = plots.subplots(1, 2, width=8.4, height=3.8)
    results = image_pairs.stored()
    gap = image_pairs.gaps(results)["formula"]
    _pair_map(axes[0], gap.abs(), "|formula − images| / images")
    _pair_map(axes[1], results.error.sel(curve="data").mean("network"), "error on images")
    plots.label_panels(axes)
    return figure
