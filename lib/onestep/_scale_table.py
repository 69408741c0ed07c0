"""Coefficients of a function of Gaussian preactivations, as smooth functions of their scale."""

from __future__ import annotations

import math

import numpy as np
from numpy.polynomial import chebyshev

from .gaussian import GaussianFunction
from .mixture import Array

_GRID = 40  # Chebyshev nodes in log scale


class ScaleTable:
    """``a_p / scale^p`` and ``E f^2`` for centred preactivations, interpolated in log scale."""

    def __init__(self, function: GaussianFunction, degree: int, low: float, high: float) -> None:
        """Tabulate up to a degree between two scales, 0 < low <= high."""
        self._low, self._high = math.log(low), math.log(max(high, low * 1.01))
        nodes = chebyshev.chebpts1(_GRID)
        scale = np.exp(0.5 * (self._low + self._high + nodes * (self._high - self._low)))
        zero = np.zeros_like(scale)
        series = function.coefficients(degree, scale, zero) / scale[:, None] ** np.arange(
            degree + 1
        )
        power = function.second_moment(scale, zero)
        self._values = chebyshev.chebfit(nodes, np.column_stack([series, power]), _GRID - 1)

    def __call__(self, scale: Array) -> tuple[Array, Array]:
        """``a_p / scale^p``, shape (N, degree + 1), and ``E f^2``, shape (N,)."""
        x = (2 * np.log(scale) - self._low - self._high) / (self._high - self._low)
        values = chebyshev.chebvander(x, _GRID - 1) @ self._values
        return values[:, :-1], values[:, -1]
