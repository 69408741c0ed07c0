"""How far coefficients are from an independent integration with many digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from ... import hermite
from ..._support.arrays import Array


def roots(degree: int) -> Array:
    """``sqrt(p!)`` for p up to a degree."""
    return np.sqrt(np.cumprod(np.maximum(np.arange(degree + 1.0), 1)))


def normalised_errors(
    exact: Mapping[str, Sequence[mpmath.mpf]], degree: int, scale: float
) -> list[list[float]]:
    """Errors of ``sqrt(p!) h_p`` in units of the activation's size where that is above 1.

    Parameters
    ----------
    exact
        Coefficients up to the degree with many digits, by activation (`hermite.referee`).
    degree, scale
        Of the expansions.
    """
    errors = []
    for name, values in exact.items():
        size = max(1.0, float(hermite.second_moment(name, scale)) ** 0.5)
        found = hermite.coefficients(name, degree, scale)
        errors.append(
            [
                float((x - mpmath.mpf(float(y))) * mpmath.mpf(float(f))) / size
                for x, y, f in zip(values, found, roots(degree), strict=True)
            ]
        )
    return errors


def plain_errors(
    name: str, exact: Sequence[Any] | Array, degree: int, scale: float, nodes: int
) -> Array:
    """Errors of ``sqrt(p!) h_p`` by plain Gauss-Hermite quadrature, against exact coefficients."""
    plain = roots(degree) * hermite.plain_gauss_hermite(name, degree, scale, nodes)
    return np.asarray(plain - roots(degree) * np.array(exact, dtype=float))


def referees(names: Sequence[str], scale: float) -> Array:
    """Coefficients up to degree 4 by integration with 30 digits, shape (names, 5)."""
    return np.array([hermite.referee(name, 4, scale, digits=30)[0] for name in names], float)


def by_derivatives(names: Sequence[str], scale: float) -> Array:
    """The same by derivatives of the smoothed activation at 0."""
    b, mu, rows = hermite.B, hermite.MU, []
    for name in names:
        S = hermite.smoothed(name)
        taylor = [sp.diff(S, mu, p).subs(mu, 0) * b**p / sp.factorial(p) for p in range(5)]
        rows.append([float(h.subs(b, sp.Rational(scale)).evalf(30)) for h in taylor])
    return np.array(rows)


def missing_power(names: Sequence[str], scale: float, used: float) -> Array:
    """Squares of 151 coefficients at a scale `used` over the second moment at `scale`, less 1."""
    series = [(hermite.coefficients(name, 150, used) * roots(150)) ** 2 for name in names]
    total = [float(hermite.second_moment(name, scale)) for name in names]
    return np.asarray(np.sum(series, axis=1) / total - 1)
