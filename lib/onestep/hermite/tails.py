r"""How large an expression can be on an interval of the real line, which may be infinite.

With :math:`m = \max(1, |z|)`, on the whole interval :math:`|f(z)| \le e^a m^k e^{r|z| + s z^2}`.
Interval arithmetic gives :math:`a` where f is bounded; else the growth of the parts is combined.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from scipy import special

from .._support.arrays import Array
from ..activations import Activation
from .discs import logistic, softplus, stable, steps

_EPS = float(np.finfo(np.float64).eps)
_HUGE = float(np.finfo(np.float64).max)
CRAMER = 1.0865 * (2 * math.pi) ** -0.5  # sup of |psi_p| times the factor of sqrt(phi)


class Range(NamedTuple):
    """Values in [low, high], and of absolute value at most ``exp(a) m^k exp(r|z| + s z^2)``."""

    low: Array
    high: Array
    a: Array
    k: Array
    r: Array
    s: Array


def on_interval(expression: Any, low: Array, high: Array) -> Range:
    """Bound an expression in one symbol on the intervals, elementwise; a = inf where it fails."""
    order = steps(stable(expression))
    values: dict[Any, Range] = {}
    with np.errstate(all="ignore"):
        one, none = np.ones_like(low), np.zeros_like(low)
        for node in order:
            if node.is_Symbol:
                ends, growth = (low, high), (none, one, none, none)
            else:
                ends = _ends(node, [values[a] for a in node.args], low)
                growth = _growth(node, [values[a] for a in node.args], values)
            values[node] = _range(ends, growth)
        found = values[order[-1]]
    lost = np.isnan(found.a + found.k + found.r + found.s)
    return found._replace(a=np.where(lost, np.inf, found.a))


def tail_bound(
    activation: Activation, limit: float, scale: Array, mean: Array
) -> tuple[Array, Array]:
    """Bounds of what |x| > limit adds to any normalised coefficient, and to E sigma^2.

    With Cramer's bound of Hermite functions the integrand is at most exp(g), and its square part
    exp(2 g), with g = a + k log(1 + |z|) + r |z| + s z^2 - x^2/4 concave: the integral from L on is
    at most exp(g(L)) / -g'(L). Where g does not fall there is no bound: inf.
    """
    once, twice = np.zeros_like(scale), np.zeros_like(scale)
    for side in (-1.0, 1.0):
        edge = mean + side * limit * scale
        reach = np.abs(mean) + limit * scale
        for piece in activation.pieces:
            low, high = (np.full_like(scale, float(end)) for end in (piece.lower, piece.upper))
            low, high = (np.maximum(low, edge), high) if side > 0 else (low, np.minimum(high, edge))
            if not np.any(low < high):
                continue
            found = on_interval(piece.expression, np.minimum(low, high), high)
            with np.errstate(all="ignore"):
                g = found.a + found.k * np.log1p(reach) + found.r * reach + found.s * reach**2
                slope = found.k / (1 + reach) + found.r + 2 * found.s * reach
                fall = limit / 2 - slope * scale
                concave = (fall > 0) & (found.s * scale**2 < 0.25)
                size = np.where(concave, np.exp(g - limit**2 / 4), np.inf)
                first = CRAMER * size / fall
                second = CRAMER * size**2 / (2 * fall)
            outside = low < high
            once += np.where(outside, np.where(concave, first, np.inf), 0.0)
            twice += np.where(outside, np.where(concave, second, np.inf), 0.0)
    return once, twice


def _range(ends: tuple[Array, Array], growth: tuple[Array, Array, Array, Array]) -> Range:
    low, high = np.minimum(ends[0], _HUGE), np.maximum(ends[1], -_HUGE)  # overflow is no value
    low, high = low - 4 * _EPS * np.abs(low), high + 4 * _EPS * np.abs(high)
    bounded = np.isfinite(low) & np.isfinite(high)
    top = np.log(np.maximum(np.abs(low), np.abs(high)))
    a, k, r, s = growth
    return Range(
        low, high, *(np.where(bounded, flat, x) for flat, x in ((top, a), (0, k), (0, r), (0, s)))
    )


def _ends(node: Any, parts: list[Range], like: Array) -> tuple[Array, Array]:
    """Return the ends of the range of a node on that of its arguments."""
    if node.is_number:
        return np.full_like(like, float(node)), np.full_like(like, float(node))
    if node.is_Add:
        return np.sum([p.low for p in parts], axis=0), np.sum([p.high for p in parts], axis=0)
    if node.is_Mul:
        low, high = parts[0][:2]
        for p in parts[1:]:
            corners = [_times(x, y) for x in (low, high) for y in (p.low, p.high)]
            low, high = np.minimum.reduce(corners), np.maximum.reduce(corners)
        return low, high
    p = parts[0]
    if node.is_Pow:
        return _power(p, node.exp)
    if node.func in (sp.sin, sp.cos):
        return np.full_like(like, -1.0), np.full_like(like, 1.0)
    if node.func is sp.cosh:
        least = np.maximum(np.maximum(p.low, -p.high), 0.0)
        return np.cosh(least), np.cosh(np.maximum(np.abs(p.low), np.abs(p.high)))
    if node.func is sp.erfc:
        return special.erfc(p.high), special.erfc(p.low)
    if node.func is sp.log:
        return np.log(np.maximum(p.low, 0.0)), np.log(p.high)
    monotone = _MONOTONE[node.func]
    return monotone(p.low), monotone(p.high)


_MONOTONE: dict[Any, Callable[[Array], Array]] = {
    sp.exp: np.exp,
    sp.sinh: np.sinh,
    sp.tanh: np.tanh,
    sp.atan: np.arctan,
    sp.asinh: np.arcsinh,
    sp.erf: special.erf,
    logistic: special.expit,
    softplus: lambda x: np.logaddexp(0.0, x),
}


def _times(x: Array, y: Array) -> Array:
    return np.where((x == 0) | (y == 0), 0.0, x * y)  # an infinite end is not attained


def _power(base: Range, exponent: Any) -> tuple[Array, Array]:
    a = float(exponent)
    low, high = base.low, base.high
    if not exponent.is_Integer:
        low = np.maximum(low, 0.0)  # what lies below is overestimation: sigma is real
    elif exponent % 2 == 0:  # of the absolute value
        low, high = np.maximum(np.maximum(low, -high), 0.0), np.maximum(np.abs(low), np.abs(high))
    if a > 0:
        return low**a, high**a
    safe = (low > 0) | (high < 0)
    return np.where(safe, high**a, -np.inf), np.where(safe, low**a, np.inf)


def _growth(
    node: Any, parts: list[Range], values: dict[Any, Range]
) -> tuple[Array, Array, Array, Array]:
    """Return (a, k, r, s) where the node is not bounded."""
    if node.is_Add:
        a = np.logaddexp.reduce([p.a for p in parts])
        return (a, *(np.maximum.reduce([p[i] for p in parts]) for i in (3, 4, 5)))
    if node.is_Mul:
        a, k, r, s = np.sum([p[2:] for p in parts], axis=0)
        return a, k, r, s
    if node.is_Pow and node.exp.is_positive:
        a, k, r, s = float(node.exp) * np.array(parts[0][2:])
        return a, k, r, s
    if node.func in (sp.exp, sp.sinh, sp.cosh):
        summands = [values[part] for part in sp.Add.make_args(node.args[0])]
        return _exponential(summands, node.func is sp.exp)
    none = np.zeros_like(parts[0].a) if parts else np.zeros(())
    if node.func is sp.asinh:  # |asinh x| <= |x|
        return parts[0][2:]
    if node.func is softplus:  # at most log 2 + |x|
        _, _, a, k, r, s = parts[0]
        return np.logaddexp(math.log(math.log(2)), a), k, r, s
    if node.func is sp.log:
        low, _, a, k, r, s = parts[0]
        size = np.abs(np.log(np.maximum(low, 0.0))) + np.abs(a) + k + r + s
        return np.log(size), np.where(s > 0, 2.0, np.where(r + k > 0, 1.0, 0.0)), none, none
    return none + np.inf, none, none, none


def _exponential(summands: list[Range], signed: bool) -> tuple[Array, Array, Array, Array]:
    """Return the growth of exp of a sum, or of exp of the absolute values."""
    a = k = r = s = np.zeros_like(summands[0].a)
    for part in summands:
        upper = part.high if signed else np.maximum(np.abs(part.low), np.abs(part.high))
        flat = np.isfinite(upper)
        polynomial = (part.r == 0) & (part.s == 0) & (part.k <= 2)
        size = np.where(polynomial, np.exp(part.a), np.inf)  # |part| <= size max(1, |z|)^k
        a = a + np.where(flat, upper, size)
        r = r + np.where(flat | (part.k > 1), 0.0, size)
        s = s + np.where(flat | (part.k <= 1), 0.0, size)
    return a, k, r, s
