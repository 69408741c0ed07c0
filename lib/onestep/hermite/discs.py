r"""Expressions on discs of the complex plane: what values they can take there, at most.

A function that is analytic on a disc :math:`D` of centre c and radius r maps it into the disc about
:math:`f(c)` of radius :math:`r\,\sup_D|f'|`, so an expression needs no more than the steepest slope
of each elementary function. Rounding is added as it arises. On large discs the result bounds
:math:`|\sigma|`, and being finite it proves that :math:`\sigma` is analytic there; on the real
axis, with the rounding of z as radius, it is :math:`\sigma(z)` with the error of its evaluation.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from scipy import special

from .._support.arrays import Array, RealOrComplex

_EPS = float(np.finfo(np.float64).eps)
_OF_FUNCTIONS = 4 * _EPS  # of elementary functions in numpy and scipy, relative


class Disc(NamedTuple):
    """Discs about ``centre``, real or complex, elementwise; a radius of inf or nan: no bound."""

    centre: RealOrComplex
    radius: Array

    @property
    def size(self) -> Array:
        """Largest absolute value, inf where there is no bound."""
        size = np.abs(self.centre) + self.radius
        return np.where(np.isfinite(size), size, np.inf)


softplus, logistic = sp.Function("softplus"), sp.Function("logistic")
"""log(1 + exp(u)) and 1/(1 + exp(-u)), without overflow."""


@lru_cache(maxsize=1024)
def stable(expression: Any) -> Any:
    """Return the expression with `softplus` and `logistic` in place of what would overflow."""
    found = expression.replace(
        lambda node: isinstance(node, sp.log) and _one_plus_exp(node.args[0]) is not None,
        lambda node: softplus(_one_plus_exp(node.args[0])),
    )
    return found.replace(
        lambda node: node.is_Pow and node.exp.is_negative and _one_plus_exp(node.base) is not None,
        lambda node: logistic(-_one_plus_exp(node.base)) ** -node.exp,
    )


def _one_plus_exp(expression: Any) -> Any:
    """Return u if the expression is 1 + exp(u), else None."""
    rest = expression - 1 if expression.is_Add else None
    return rest.args[0] if isinstance(rest, sp.exp) else None


@lru_cache(maxsize=1024)
def steps(expression: Any) -> tuple[Any, ...]:
    """Return every subexpression once, each after its arguments."""
    return tuple(dict.fromkeys(sp.postorder_traversal(expression)))


def on_discs(expression: Any, disc: Disc) -> Disc:
    """Return discs that contain the values of an expression in one symbol on the given discs."""
    order = steps(stable(expression))
    values: dict[Any, Disc] = {}
    with np.errstate(all="ignore"):
        for node in order:
            values[node] = disc if node.is_Symbol else _apply(node, [values[a] for a in node.args])
    found = values[order[-1]]
    return Disc(np.broadcast_to(found.centre, disc.centre.shape), found.radius + 0 * disc.radius)


def _apply(node: Any, arguments: list[Disc]) -> Disc:
    if node.is_number:
        return _number(node)
    if node.is_Add:
        return _sum(arguments)
    if node.is_Mul:
        return _product(arguments)
    if node.is_Pow:
        return _power(arguments[0], node.exp)
    [(c, r)] = arguments
    if node.func is sp.exp:
        return _exp(c, r)
    value, slope = _FUNCTIONS[node.func]
    centre = value(c)
    x = np.abs(c.real)
    y = np.abs(c.imag) if np.iscomplexobj(c) else np.zeros(())
    return Disc(centre, r * slope(x, y, r, c) + _OF_FUNCTIONS * np.abs(centre))


def _exp(c: RealOrComplex, r: Array) -> Disc:
    centre = np.exp(c)
    if np.max(r, initial=0.0) < 0.1:  # of rounding, and then there are many: no second exp
        spread = 1.2 * r * np.abs(centre)
    else:  # e^r - 1 is at most r e^r and e^r
        spread = np.minimum(r, 1.0) * np.exp(c.real + r)
    return Disc(centre, spread + _OF_FUNCTIONS * np.abs(centre))


@lru_cache(maxsize=1024)
def _number(node: Any) -> Disc:
    value = float(node)
    exact = node.is_Rational and sp.Rational(value) == node
    return Disc(np.array(value), np.array(0.0 if exact else _EPS * abs(value)))


def _sum(parts: list[Disc]) -> Disc:
    centre, radius = parts[0]
    for part in parts[1:]:
        centre = centre + part.centre
        radius = radius + part.radius + _EPS * np.abs(centre)
    return Disc(centre, radius)


def _product(parts: list[Disc]) -> Disc:
    centre, radius = parts[0]
    for part in parts[1:]:
        spread = np.abs(centre) * part.radius + radius * (np.abs(part.centre) + part.radius)
        centre = centre * part.centre
        radius = spread + 2 * _EPS * np.abs(centre)
    return Disc(centre, radius)


def _power(base: Disc, exponent: Any) -> Disc:
    c, r = base
    a = float(exponent)
    largest = np.abs(c) + r
    least = np.abs(c) - r  # over the disc, where it is analytic; else 0 or below
    if not exponent.is_Integer:
        least = np.where(_distance(c) > r, least, 0.0)
    steepest = abs(a) * (largest ** (a - 1) if a >= 1 else np.maximum(least, 0.0) ** (a - 1))
    if a > 1 and not exponent.is_Integer:
        steepest = np.where(least > 0, steepest, np.inf)
    centre = c ** (int(exponent) if exponent.is_Integer else a)
    return Disc(centre, r * steepest + (_OF_FUNCTIONS + abs(a) * _EPS) * np.abs(centre))


def _distance(c: RealOrComplex) -> Array:
    """Distance to the negative half-line, the cut of roots and logarithms."""
    return np.where(c.real > 0, np.abs(c), np.abs(c.imag))


def _gap(x: Array, y: Array, r: Array) -> Array:
    """Bound |z^2 + 1| from below on discs that avoid its cuts, z = iy with |y| >= 1; else 0."""
    near, far = np.hypot(x, y - 1), np.hypot(x, y + 1)
    clear = np.where(y < 1, near, x) > r
    return np.where(clear, (near - r) * (far - r), 0.0)


def _steepest_tanh(x: Array, y: Array, r: Array, _: RealOrComplex) -> Array:
    # |cosh|^2 = (cosh 2x + cos 2y)/2 at its least over the square around the disc.
    least = np.cosh(2 * np.maximum(x - r, 0)) + np.cos(2 * np.minimum(y + r, math.pi / 2))
    return np.asarray(2 / least)


def _steepest_erf(x: Array, y: Array, r: Array, _: RealOrComplex) -> Array:
    return np.asarray(2 / math.sqrt(math.pi) * np.exp((y + r) ** 2 - np.maximum(x - r, 0) ** 2))


def _steepest_logistic(x: Array, y: Array, r: Array, c: RealOrComplex) -> Array:
    return _steepest_tanh(x / 2, y / 2, r / 2, c) / 4


def _steepest_softplus(x: Array, y: Array, r: Array, c: RealOrComplex) -> Array:
    return np.abs(_logistic(c)) + r * _steepest_logistic(x, y, r, c)


def _logistic(c: RealOrComplex) -> RealOrComplex:
    decay = np.exp(np.where(c.real > 0, -c, c))
    return np.asarray(np.where(c.real > 0, 1, decay) / (1 + decay))


def _softplus(c: RealOrComplex) -> RealOrComplex:
    return np.where(c.real > 0, c, 0) + np.log1p(np.exp(np.where(c.real > 0, -c, c)))


Value = Callable[[RealOrComplex], RealOrComplex]
Slope = Callable[[Array, Array, Array, RealOrComplex], Array]
"""``slope(|Re c|, |Im c|, r, c)``: the largest |f'| on the disc."""

_FUNCTIONS: dict[Any, tuple[Value, Slope]] = {
    sp.log: (np.log, lambda x, y, r, c: 1 / np.where(_distance(c) > r, np.abs(c) - r, 0.0)),
    sp.sin: (np.sin, lambda x, y, r, c: np.cosh(y + r)),
    sp.cos: (np.cos, lambda x, y, r, c: np.cosh(y + r)),
    sp.sinh: (np.sinh, lambda x, y, r, c: np.cosh(x + r)),
    sp.cosh: (np.cosh, lambda x, y, r, c: np.cosh(x + r)),
    sp.tanh: (np.tanh, _steepest_tanh),
    sp.atan: (np.arctan, lambda x, y, r, c: 1 / _gap(x, y, r)),
    sp.asinh: (np.arcsinh, lambda x, y, r, c: 1 / np.sqrt(_gap(x, y, r))),
    sp.erf: (special.erf, _steepest_erf),
    sp.erfc: (special.erfc, _steepest_erf),
    logistic: (_logistic, _steepest_logistic),
    softplus: (_softplus, _steepest_softplus),
}
