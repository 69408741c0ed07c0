"""Means over N(0, scale^2), analytic in the scale, as Chebyshev series in its logarithm."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.polynomial import chebyshev

from .._support.arrays import Array
from .functions import GaussianFunction, OfActivation

_DEGREES = (15, 31, 63, 127)
_SETTLED = 1e-13  # where a series ends: share of the size of f, and of its logarithm
_CELL = 0.25  # ends of a shared range are whole multiples of it, in the logarithm
_ZERO = 1e-300  # stands for E f^2 = 0, which has no logarithm


@dataclass(frozen=True)
class ScaleSeries:
    """Functions of a scale in [low, high], each a column of Chebyshev series in its logarithm."""

    low: float
    high: float
    series: Array

    @classmethod
    def of(
        cls, values: Callable[[Array], Array], low: float, high: float, nodes: int
    ) -> ScaleSeries:
        """Interpolate `values`, which maps scales (N,) to an array (N, functions)."""
        middle, half = _centred(low, high)
        points = chebyshev.chebpts1(nodes)
        sampled = values(np.exp(middle + half * points))
        return cls(low, high, np.asarray(chebyshev.chebfit(points, sampled, nodes - 1)))

    def __call__(self, scale: Array) -> Array:
        """The functions at scales in the range, shape (N, functions)."""
        middle, half = _centred(self.low, self.high)
        x = (np.log(scale) - middle) / half
        return np.asarray(chebyshev.chebvander(x, len(self.series) - 1) @ self.series)


class ScaleTable:
    """``a_p`` and ``E f^2`` of a function for centred preactivations of scales in [low, high].

    What is interpolated is ``a_p / (E f^2)^{1/2}`` and ``log E f^2``, so that errors are relative
    at every scale, however fast f grows: some 1e-13 of the size of f there, 1e-12 over a wide
    range. Where the series would need more than `most` scales, or does not end, f is expanded at
    the scales themselves.
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
        low = min(low, high / 1.01)
        self._series: ScaleSeries | None = None
        for count in _DEGREES:
            if count + 1 > most:
                break
            tried = ScaleSeries.of(self._relative, low, high, count + 1)
            series = tried.series
            if np.abs(series[-3:]).max() <= _SETTLED * max(1.0, np.abs(series[0, -1])):
                self._series = tried
                break

    @classmethod
    def shared(
        cls,
        function: GaussianFunction,
        degree: int,
        low: float,
        high: float,
        most: float = math.inf,
    ) -> ScaleTable:
        """The table of a range around [low, high], made once for all laws that are much alike.

        Layers of one law have scales of nearly one range. Only for activations whose means are
        finite at every scale; of others, and of polynomials, it is the table of the range itself.
        """
        if not isinstance(function, OfActivation) or math.isfinite(
            function.activation.growth.max_scale
        ):
            return cls(function, degree, low, high, most)
        low = math.exp(_CELL * math.floor(math.log(low) / _CELL))
        high = math.exp(_CELL * math.ceil(math.log(high) / _CELL))
        return _made(function, degree, low, high, min(most, _DEGREES[-1] + 1))

    def __call__(self, scale: Array) -> tuple[Array, Array]:
        """``a_p``, shape (N, degree + 1), and ``E f^2``, shape (N,), at scales in the range."""
        relative = (self._series or self._relative)(scale)
        power = np.exp(relative[:, -1])
        return relative[:, :-1] * np.sqrt(power)[:, None], power

    def _relative(self, scale: Array) -> Array:
        zero = np.zeros_like(scale)
        power = np.maximum(self._function.second_moment(scale, zero), _ZERO)
        A = self._function.coefficients(self._degree, scale, zero)
        return np.column_stack([A / np.sqrt(power)[:, None], np.log(power)])


_made = lru_cache(maxsize=128)(ScaleTable)


def _centred(low: float, high: float) -> tuple[float, float]:
    """Middle and half the length of the range, in the logarithm."""
    ends = math.log(low), math.log(high)
    return 0.5 * (ends[1] + ends[0]), 0.5 * (ends[1] - ends[0])
