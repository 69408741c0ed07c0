"""An independent, slow and precise integration, to check everything else against."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import mpmath
import sympy as sp
from mpmath.calculus.quadrature import GaussLegendre

from .._support import check
from ..activations import Activation, Z, get
from .polynomials import require_degree


def referee(
    activation: str | Activation, degree: int, scale: float, mean: float = 0.0, digits: int = 50
) -> tuple[list[Any], Any]:
    """Return (h_0..h_degree as mpmath numbers, change on refinement), of a scalar scale and mean.

    Composite Gauss-Legendre on panels between the kinks, halved until the largest sqrt(p!) h_p
    moves by less than ``10^-(digits/2)`` of the largest (the error is then about the square of
    that), at most eight times. The working precision is in [15, 100]. Nothing is shared with
    :func:`certified` but the definition of the activation.

    Examples
    --------
    >>> from onestep import hermite
    >>> (h0, h1), change = referee("tanh", 1, 0.7)
    >>> bool(abs(h1 - hermite.coefficients("tanh", 1, 0.7)[1]) < 1e-14), bool(change < 1e-25)
    (True, True)
    """
    digits = check.integer("digits", digits, 15, 100, floats=True)
    sigma, top = get(activation), require_degree(degree)
    scale, mean = check.positive("scale", scale), check.number("mean", mean)
    sigma.require_scale(scale)
    with mpmath.workdps(digits):
        b, mu = mpmath.mpf(float(scale)), mpmath.mpf(float(mean))
        rule = GaussLegendre(mpmath.mp)
        nodes = rule.calc_nodes(4, mpmath.mp.prec)
        tolerance = mpmath.mpf(10) ** (-digits / 2)
        values = [mpmath.mpf(0)] * (top + 1)
        change = mpmath.inf
        for level in range(9):
            previous, values = values, _integrate(sigma, top, b, mu, mpmath.mpf(2) ** -level, nodes)
            weights = [mpmath.sqrt(mpmath.factorial(p)) for p in range(top + 1)]
            change = max(abs(x - y) * w for x, y, w in zip(values, previous, weights, strict=True))
            largest = max(abs(x) * w for x, w in zip(values, weights, strict=True))
            if level and change <= max(tolerance * largest, mpmath.mpf(10) ** (5 - digits)):
                break  # the latter is rounding, of averages that are 0
        return values, change


def _integrate(sigma: Activation, top: int, b: Any, mu: Any, width: Any, nodes: Any) -> list[Any]:
    """Sum over panels of at most the given width; h_p, not normalised."""
    limit = mpmath.sqrt(2 * mpmath.log(10) * (mpmath.mp.dps + 5)) + (
        3 if sigma.growth.order < 70 else 12
    )
    totals = [mpmath.mpf(0)] * (top + 1)
    for piece in sigma.pieces:
        function = sp.lambdify(Z, piece.expression, "mpmath")
        lower = max(-limit, _standard(piece.lower, b, mu))
        upper = min(limit, _standard(piece.upper, b, mu))
        if lower >= upper:
            continue
        panels = int(mpmath.ceil((upper - lower) / width))
        ends = [lower + (upper - lower) * k / panels for k in range(panels + 1)]
        for left, right in pairwise(ends):
            half, middle = (right - left) / 2, (right + left) / 2
            for position, weight in nodes:
                g = middle + half * position
                density = mpmath.exp(-(g**2) / 2) / mpmath.sqrt(2 * mpmath.pi)
                _accumulate(totals, g, half * weight * density * function(mu + b * g))
    return [total / mpmath.factorial(p) for p, total in enumerate(totals)]


def _standard(end: Any, b: Any, mu: Any) -> Any:
    if not end.is_finite:
        return mpmath.inf if end > 0 else -mpmath.inf
    return (mpmath.mpf(sp.N(end, mpmath.mp.dps + 10)) - mu) / b


def _accumulate(totals: list[Any], g: Any, weighted: Any) -> None:
    before, polynomial = mpmath.mpf(0), mpmath.mpf(1)
    for p in range(len(totals)):
        totals[p] += weighted * polynomial
        before, polynomial = polynomial, g * polynomial - p * before
