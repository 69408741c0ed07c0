"""Hermite coefficients at many conditional means at once: k neurons, m inputs, one table."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import scipy  # loads its `interpolate`, half a second, when a table is first made
from numpy.polynomial import chebyshev

from .._support.arrays import Array
from ..activations import Activation
from .functions import GaussianFunction, OfActivation
from .numeric import coefficients, second_moment
from .polynomials import sqrt_factorials

TOLERANCE = 1e-7
"""Allowed interpolation error of `LocalHermite`, relative to the largest entry of its kind."""

_SPLINE = 5  # degree of the splines in the mean
_PER_SCALE = 6  # nodes of the first table: means per bulk scale
_SCALES = 6  # nodes of the first table: scales
_ROUNDING = 100 * float(np.finfo(np.float64).eps)  # of h*_1^2, relative to E sigma^2
_REFINED = 16  # a table grows by about this factor until it is fine enough
_LARGEST = 2_000_000  # nodes of a table, at most


@dataclass(frozen=True)
class LocalCoefficients:
    """Coefficients of the activation at every neuron and input, each of shape (k, size).

    ``h_p = E[sigma(m + b g) He_p(g)] / p!``, and ``h*_1^2 = E sigma(m + b g)^2 - h_0^2 - h_1^2``,
    the variance that a line leaves out.
    """

    h0: Array
    h1: Array
    h2: Array
    residual: Array


class TableTooLarge(ValueError):
    """The means have too wide a range, in units of the least scale, for a table."""


class LocalHermite:
    """Interpolates h_0, h_1, h_2 and h*_1^2 in the mean, for neurons of given bulk scales.

    The certified values of `onestep.hermite` are taken on a grid: Chebyshev nodes over the range
    of the scales, equally spaced means. Quintic splines in the mean and a polynomial in the scale
    join them. The grid is refined until `error`, the largest deviation from certified values at the
    middle of a cell, relative to the largest value of its kind on the grid, or to 1 where that is
    smaller, is within `TOLERANCE`. For h*_1^2, a difference of squares, their rounding counts.
    """

    def __init__(self, activation: Activation, scale: Array, low: float, high: float) -> None:
        """Tabulate for scales b > 0, (k,), and means in [low, high]; raises `TableTooLarge`."""
        if not (np.all(scale > 0) and np.all(np.isfinite(scale))):
            raise ValueError(f"scale must be positive and finite; its least is {scale.min():g}")
        if not (math.isfinite(low) and math.isfinite(high) and low <= high):
            raise ValueError(f"low, high = {low!r}, {high!r} is not allowed: low <= high is needed")
        self.low, self.high = low, high
        narrow = float(scale.min()), float(scale.max())
        # Splines need some width, and the range's ends must not fall outside by rounding.
        pad = 0.25 * narrow[0]
        start, stop = low - pad, high + pad
        means = _first_means(narrow[0], start, stop)
        scales = _SCALES
        while True:
            if means * scales > _LARGEST:
                raise TableTooLarge(
                    f"low, high = {low:g}, {high:g} is not allowed with scales down to "
                    f"{narrow[0]:g}: the table would need {means * scales} nodes"
                )
            nodes = _scale_nodes(narrow, scales)
            grid = np.linspace(start, stop, means)
            table = _certified(activation, nodes, grid)
            self.error = _deviation(activation, nodes, grid, table)
            if self.error <= TOLERANCE:
                break
            means, scales = 2 * means, scales + 2
        values = _at_scales(nodes, table, scale)  # (k, means, kinds)
        spline = scipy.interpolate.make_interp_spline(grid, values, k=_SPLINE, axis=1)
        self._knots = spline.t
        # (k, knots, kinds): the evaluation runs through one neuron's coefficients at a time.
        self._splines = np.ascontiguousarray(np.moveaxis(spline.c, 1, 0))

    def __call__(self, mean: Array) -> LocalCoefficients:
        """Coefficients at conditional means (k, size), all in the table: none is extrapolated."""
        if mean.size and not (mean.min() >= self.low and mean.max() <= self.high):
            raise ValueError(
                f"mean has the range [{mean.min():g}, {mean.max():g}]; the table is for "
                f"[{self.low:g}, {self.high:g}]"
            )
        values = np.empty((4, *mean.shape))
        for i, row in enumerate(mean):
            spline = scipy.interpolate.BSpline.construct_fast(
                self._knots, self._splines[i], _SPLINE
            )
            values[:, i] = spline(row).T
        np.maximum(values[3], 0.0, out=values[3])  # where sigma is a line, rounding may go below
        return LocalCoefficients(*values)


def local_coefficients(function: GaussianFunction, scale: Array, mean: Array) -> LocalCoefficients:
    """Coefficients at scales (k,) and means (k, size): from a table where that costs less."""
    low, high = float(mean.min()), float(mean.max())
    small = _REFINED * _SCALES * _first_means(float(scale.min()), low, high) < mean.size
    if isinstance(function, OfActivation) and small:
        with suppress(TableTooLarge):  # it shows only on refining the table
            return LocalHermite(function.activation, scale, low, high)(mean)
    scales = np.repeat(scale, mean.shape[1])
    a = function.coefficients(2, scales, mean.ravel())
    power = function.second_moment(scales, mean.ravel())
    h0, h1, h2 = (a / sqrt_factorials(2)).T.reshape(3, *mean.shape)
    return LocalCoefficients(h0, h1, h2, power.reshape(mean.shape) - h0**2 - h1**2)


def _first_means(narrowest: float, start: float, stop: float) -> int:
    return max(2 * _SPLINE, math.ceil((stop - start) / narrowest * _PER_SCALE))


def _scale_nodes(narrow: tuple[float, float], count: int) -> Array:
    low, high = narrow[0] * (1 - 1e-6), narrow[1] * (1 + 1e-6)
    return np.asarray((low + high) / 2 + (high - low) / 2 * chebyshev.chebpts1(count))


def _at_scales(nodes: Array, table: Array, scale: Array) -> Array:
    """Polynomial through the table at Chebyshev nodes, evaluated at other scales."""
    middle, half = (nodes[0] + nodes[-1]) / 2, (nodes[-1] - nodes[0]) / 2
    degree = nodes.size - 1
    basis = chebyshev.chebvander((nodes - middle) / half, degree)
    at = chebyshev.chebvander((scale - middle) / half, degree)
    return np.tensordot(np.linalg.solve(basis.T, at.T).T, table, axes=1)


def _certified(activation: Activation, scales: Array, means: Array) -> Array:
    """Certified h_0, h_1, h_2 and h*_1^2, shape (scales, means, 4)."""
    h = coefficients(activation, 2, scales[:, None], means)
    power = second_moment(activation, scales[:, None], means)
    residual = power - h[..., 0] ** 2 - h[..., 1] ** 2
    return np.concatenate([h, residual[..., None]], axis=-1)


def _deviation(activation: Activation, scales: Array, means: Array, table: Array) -> float:
    between = (scales[1:] + scales[:-1]) / 2, (means[1:] + means[:-1]) / 2
    exact = _certified(activation, *between)
    rows = _at_scales(scales, table, between[0])
    found = scipy.interpolate.make_interp_spline(means, rows, k=_SPLINE, axis=1)(between[1])
    size = np.maximum(np.abs(table).max(axis=(0, 1)), 1.0)
    # h*_1^2 is a difference: where the mean dwarfs it, the rounding of the squares is left.
    square = float(np.max(table[..., 0] ** 2 + table[..., 1] ** 2))
    size[3] = max(size[3], _ROUNDING / TOLERANCE * square)
    return float(np.max(np.abs(found - exact) / size))
