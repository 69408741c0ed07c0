"""Means over Gaussian preactivations, as smooth functions of their scale.

For any integrand a mean over N(0, scale^2) is analytic in the scale, in a sector around the
positive numbers: its Chebyshev series in the logarithm of the scale converges geometrically.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.polynomial import chebyshev

from .._support.arrays import Array
from .functions import GaussianFunction

_DEGREES = (15, 31, 63, 127)
_SETTLED = 1e-13  # where a series ends: share of the size of f, and of its logarithm
_ZERO = 1e-300  # stands for E f^2 = 0, which has no logarithm


class ScaleTable:
    """``a_p`` and ``E f^2`` of a function for centred preactivations of many scales.

    What is interpolated is ``a_p / (E f^2)^{1/2}`` and ``log E f^2``, so that errors are relative
    at every scale, however fast f grows: some 1e-13 of the size of f there.

    Parameters
    ----------
    function
        The function f.
    degree
        Largest p.
    low, high
        Range of scales, 0 < low <= high.
    most
        Number of scales at which f may be expanded for the table. Where the series would need
        more, or does not end, the expansions at the scales themselves are given.
    """

    def __init__(
        self,
        function: GaussianFunction,
        degree: int,
        low: float,
        high: float,
        most: float = math.inf,
    ) -> None:
        self._function, self._degree = function, degree
        ends = math.log(min(low, high / 1.01)), math.log(high)
        self._middle, self._half = 0.5 * (ends[1] + ends[0]), 0.5 * (ends[1] - ends[0])
        self._series: Array | None = None
        for count in _DEGREES:
            if count + 1 > most:
                break
            nodes = chebyshev.chebpts1(count + 1)
            sampled = self._relative(np.exp(self._middle + self._half * nodes))
            series = np.asarray(chebyshev.chebfit(nodes, sampled, count), dtype=np.float64)
            if np.abs(series[-3:]).max() <= _SETTLED * max(1.0, np.abs(series[0, -1])):
                self._series = series
                break

    def __call__(self, scale: Array) -> tuple[Array, Array]:
        """``a_p``, shape (N, degree + 1), and ``E f^2``, shape (N,), at scales in the range."""
        if self._series is None:
            found = self._relative(scale)
        else:
            x = (np.log(scale) - self._middle) / self._half
            found = chebyshev.chebvander(x, len(self._series) - 1) @ self._series
        power = np.exp(found[:, -1])
        return found[:, :-1] * np.sqrt(power)[:, None], power

    def _relative(self, scale: Array) -> Array:
        zero = np.zeros_like(scale)
        power = np.maximum(self._function.second_moment(scale, zero), _ZERO)
        A = self._function.coefficients(self._degree, scale, zero)
        return np.column_stack([A / np.sqrt(power)[:, None], np.log(power)])
