"""How far coefficients are from an independent integration with many digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from ... import activations, hermite
from ..._support import check
from ..._support.arrays import Array


def normalised_errors(
    exact: Mapping[str, Sequence[mpmath.mpf]], degree: int, scale: float
) -> list[list[float]]:
    """Errors of ``sqrt(p!) h_p`` in units of the activation's size where that is above 1.

    Exact coefficients up to the degree are those of `hermite.referee`, by activation.
    """
    errors = []
    for name, values in exact.items():
        size = max(1.0, float(hermite.second_moment(name, scale)) ** 0.5)
        found = hermite.coefficients(name, degree, scale)
        errors.append(
            [
                float((x - mpmath.mpf(float(y))) * mpmath.mpf(float(f))) / size
                for x, y, f in zip(values, found, hermite.sqrt_factorials(degree), strict=True)
            ]
        )
    return errors


def _normalised(coefficients: Any, degree: int) -> Array:
    """``sqrt(p!) h_p`` of coefficients h_p of any kind."""
    return np.asarray(hermite.sqrt_factorials(degree) * np.array(coefficients, dtype=float))


def plain_gauss_hermite(name: str, degree: int, scale: float = 1.0, nodes: int = 100) -> Array:
    """Coefficients up to a degree by one Gauss-Hermite rule, blind to kinks: a negative control.

    Exact for polynomials of degree below ``2 nodes - degree``; for a kink the error falls like
    1/nodes only. The paper's notebooks use 100 nodes; above 180 the weights underflow.

    Examples
    --------
    >>> error = plain_gauss_hermite("relu", 4) - hermite.coefficients("relu", 4)
    >>> float(abs(error).max().round(4))
    0.0016
    """
    degree, scale = check.integer("degree", degree, 0, 150), check.positive("scale", scale)
    x, weights = hermite.gauss(check.integer("nodes", nodes, 1, 180))
    values = (weights * activations.get(name)(scale * x)) @ hermite.normalised_polynomials(
        x, degree
    )
    return np.asarray(values / hermite.sqrt_factorials(degree))


def plain_errors(name: str, exact: Any, degree: int, scale: float, nodes: int) -> Array:
    """Errors of ``sqrt(p!) h_p`` by plain Gauss-Hermite quadrature, against exact coefficients."""
    plain = plain_gauss_hermite(name, degree, scale, nodes)
    return _normalised(plain, degree) - _normalised(exact, degree)


def agreement_errors(
    exact: Mapping[str, Sequence[mpmath.mpf]], degree: int, scale: float
) -> list[list[float]]:
    """Errors of ``sqrt(p!) h_p`` by a trapezoidal rule, its step halved until two results agree.

    A control: both steps may take a fast wave for the same slow one.
    """
    errors = []
    for name, values in exact.items():
        step, before = 0.25, _trapezoidal(name, degree, scale, 0.5)
        found = _trapezoidal(name, degree, scale, step)
        while np.abs(found - before).max() > 1e-14 and step > 1e-3:
            step, before = step / 2, found
            found = _trapezoidal(name, degree, scale, step)
        errors.append((found - _normalised(values, degree)).tolist())
    return errors


def _trapezoidal(name: str, degree: int, scale: float, step: float) -> Array:
    """``sqrt(p!) h_p`` by a trapezoidal rule of the given step."""
    count = round(13 / step)
    g = step * np.arange(-count, count + 1, dtype=np.float64)
    density = step * np.exp(-(g**2) / 2) / np.sqrt(2 * np.pi)
    values = activations.get(name)(scale * g) * density
    return np.asarray(values @ hermite.normalised_polynomials(g, degree))


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
    series = [_normalised(hermite.coefficients(name, 150, used), 150) ** 2 for name in names]
    total = [float(hermite.second_moment(name, scale)) for name in names]
    return np.asarray(np.sum(series, axis=1) / total - 1)
