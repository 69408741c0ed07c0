"""Probabilists' Hermite polynomials, normalised so that high degrees do not overflow."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .._support import check
from .._support.arrays import Array

MAX_DEGREE = 150
"""Beyond this ``p!`` and products of two such numbers leave the range of float64."""


def require_degree(degree: Any, name: str = "degree") -> int:
    """`degree` as an int, refused unless it is a whole number in [0, 150]."""
    return check.integer(name, degree, 0, MAX_DEGREE, floats=True)


def sqrt_factorials(degree: int) -> Array:
    """Return ``sqrt(p!)`` for p = 0..degree, degree at most 150.

    Examples
    --------
    >>> (sqrt_factorials(4) ** 2).round(12)
    array([ 1.,  1.,  2.,  6., 24.])
    """
    return np.sqrt([float(math.factorial(p)) for p in range(degree + 1)])


def normalised_polynomials(x: Array, degree: int) -> Array:
    """Return ``He_p(x)/sqrt(p!)``, p = 0..degree, stacked on the last axis; x of any shape."""
    return _recursion(x, np.ones_like(x), degree)


def hermite_functions(x: Array, degree: int) -> Array:
    """Return ``He_p(x)/sqrt(p!) * sqrt(phi(x))``, on the last axis: at most 0.69 (Cramer)."""
    return _recursion(x, (2 * np.pi) ** -0.25 * np.exp(-(x**2) / 4), degree)


def _recursion(x: Array, start: Array, degree: int) -> Array:
    table = np.empty((degree + 1, *x.shape))
    table[0] = start
    if degree:
        np.multiply(x, start, out=table[1])
    for p in range(1, degree):
        np.multiply(x, table[p], out=table[p + 1])
        table[p + 1] -= math.sqrt(p) * table[p - 1]
        table[p + 1] /= math.sqrt(p + 1)
    return np.moveaxis(table, 0, -1)
