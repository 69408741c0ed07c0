"""Means over Gaussian preactivations, as smooth functions of their scale.

For any integrand a mean over N(0, scale^2) is analytic in the scale, in a sector around the
positive numbers: its Chebyshev series in the logarithm of the scale converges geometrically.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.polynomial import chebyshev

from .gaussian import GaussianFunction
from .mixture import Array

_GRID = 40  # nodes of a table
_DEGREES = (15, 31, 63)
_SETTLED = 1e-14  # share of the largest coefficient at which a series ends


def interpolated(values: Callable[[Array], Array], scale: Array) -> Array:
    """``values(scale)`` of a smooth function of the scale, from fewer scales where that serves.

    Parameters
    ----------
    values
        From scales, shape (N,), to shape (N, columns).
    scale
        Positive, shape (k,).

    Returns
    -------
    ndarray
        Shape (k, columns). Interpolated values have an absolute error of some 1e-14 of the largest;
        where the series would need half as many scales as there are, or does not end, they are
        the values themselves.
    """
    for degree in _DEGREES:
        if 2 * (degree + 1) > scale.size:
            break
        series = _LogSeries(values, degree, float(scale.min()), float(scale.max()))
        sizes = np.abs(series.coefficients).max(axis=1)
        if sizes[-3:].max() <= _SETTLED * sizes.max():
            return series(scale)
    return values(scale)


class ScaleTable:
    """``a_p / scale^p`` and ``E f^2`` for centred preactivations, interpolated in log scale."""

    def __init__(self, function: GaussianFunction, degree: int, low: float, high: float) -> None:
        """Tabulate up to a degree between two scales, 0 < low <= high."""

        def values(scale: Array) -> Array:
            zero = np.zeros_like(scale)
            powers = scale[:, None] ** np.arange(degree + 1)
            series = function.coefficients(degree, scale, zero) / powers
            return np.column_stack([series, function.second_moment(scale, zero)])

        self._series = _LogSeries(values, _GRID - 1, low, high)

    def __call__(self, scale: Array) -> tuple[Array, Array]:
        """``a_p / scale^p``, shape (N, degree + 1), and ``E f^2``, shape (N,)."""
        values = self._series(scale)
        return values[:, :-1], values[:, -1]


class _LogSeries:
    """A Chebyshev series in the logarithm of the scale, from low to high."""

    def __init__(
        self, values: Callable[[Array], Array], degree: int, low: float, high: float
    ) -> None:
        ends = math.log(min(low, high / 1.01)), math.log(high)
        self._middle, self._half = 0.5 * (ends[1] + ends[0]), 0.5 * (ends[1] - ends[0])
        nodes = chebyshev.chebpts1(degree + 1)
        sampled = values(np.exp(self._middle + self._half * nodes))
        self.coefficients = chebyshev.chebfit(nodes, sampled, degree)

    def __call__(self, scale: Array) -> Array:
        """The values, shape (N, columns)."""
        x = (np.log(scale) - self._middle) / self._half
        degree = len(self.coefficients) - 1
        return np.asarray(chebyshev.chebvander(x, degree) @ self.coefficients)
