"""Gaussian means of expressions by ball arithmetic: every digit is proven."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import flint
import sympy as sp

from onestep.activations import Activation, Z

_WIDTHS = 40  # standard deviations to both sides: beyond, the density is 1e-348
_EVALUATIONS = 2_000
_TOLERANCE = flint.arb("1e-17")


def mean(sigma: Activation, order: int | None, scale: float, mean: float) -> flint.arb:
    """Return sqrt(p!) h_p, p = ``order``, or E sigma^2 for None, as a ball.

    Integrated piece by piece by arb, which shares nothing with the library but the expression and
    its pieces. A wide ball says that the work was bounded.
    """
    with flint.ctx.workprec(70):
        b, mu = flint.arb(scale), flint.arb(mean)
        total, reach = flint.acb(0), _reach(sigma.growth.rate, scale, mean)
        for piece in sigma.pieces:
            lower, upper = (_standard(end, b, mu, reach) for end in (piece.lower, piece.upper))
            # At a few points between, so that no part is taken for zero as a whole.
            inner = [flint.arb(x) for x in (-6, -2, 0, 2, 6) if lower < x < upper]

            def integrand(x: flint.acb, analytic: bool, e: Any = piece.expression) -> flint.acb:
                value = evaluate(e, mu + b * x, analytic)
                factor = value if order is None else _polynomial(order, x)
                return value * factor * (-(x * x) / 2).exp()

            for left, right in pairwise([lower, *inner, upper]):
                total += flint.acb.integral(
                    integrand, left, right, abs_tol=_TOLERANCE, rel_tol=_TOLERANCE,
                    eval_limit=_EVALUATIONS,
                )  # fmt: skip
        return (total / (2 * flint.arb.pi()).sqrt()).real


def _polynomial(order: int, x: flint.acb) -> flint.acb:
    """Return He_p(x)/sqrt(p!)."""
    before, now = flint.acb(0), flint.acb(1)
    for q in range(order):
        before, now = now, (x * now - flint.arb(q).sqrt() * before) / flint.arb(q + 1).sqrt()
    return now


def _reach(rate: float, scale: float, mean: float) -> float:
    """Return how far sigma^2 matters where it grows like exp(2 rate z^2)."""
    shrink = 1 - 4 * rate * scale**2
    return 4 * rate * scale * abs(mean) / shrink + _WIDTHS / math.sqrt(shrink)


def _standard(end: Any, b: flint.arb, mu: flint.arb, reach: float) -> flint.arb:
    if end.is_finite:
        x = (flint.arb(str(sp.N(end, 40))) - mu) / b
        return min(max(x, flint.arb(-reach)), flint.arb(reach))
    return flint.arb(reach if end > 0 else -reach)


def evaluate(node: Any, z: flint.acb, analytic: bool) -> flint.acb:
    """Return a ball with all values of the expression; not finite where it is not analytic."""
    if node == Z:
        return z
    if node.is_Rational:
        return flint.acb(flint.arb(int(node.p)) / int(node.q))
    if node.is_number:
        return flint.acb(flint.arb(str(sp.N(node, 40))))
    parts = [evaluate(argument, z, analytic) for argument in node.args]
    if node.is_Add:
        return sum(parts[1:], parts[0])
    if node.is_Mul:
        product = parts[0]
        for part in parts[1:]:
            product = product * part
        return product
    [u] = parts[:1]
    if node.is_Pow:
        return u ** int(node.exp) if node.exp.is_Integer else _power(u, parts[1], analytic)
    if isinstance(node, sp.log):
        return u.log(analytic=analytic)
    if isinstance(node, sp.atan | sp.asinh) and analytic and _touches_cut(u):
        return flint.acb("nan")
    if isinstance(node, sp.asinh):  # of a wide ball arb's own is far too wide
        return -_asinh(-u) if u.real < 0 else _asinh(u)
    return getattr(u, node.func.__name__)()


def _asinh(u: flint.acb) -> flint.acb:
    return (u + (1 + u * u).sqrt()).log()


def _power(u: flint.acb, exponent: flint.acb, analytic: bool) -> flint.acb:
    if not analytic and u.abs_lower() == 0 and exponent.real > 0:
        largest = u.abs_upper() ** exponent.real
        return flint.acb(flint.arb(0, largest.abs_upper()), flint.arb(0, largest.abs_upper()))
    return (u.log(analytic=analytic) * exponent).exp()


def _touches_cut(u: flint.acb) -> bool:
    """Return whether the ball meets the imaginary axis beyond i or -i."""
    return bool(u.real.contains(0) and u.imag.abs_upper() >= 1)
