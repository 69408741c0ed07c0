"""Polynomials, whole or in pieces, and their exact ``a_p = sqrt(p!) h_p`` with error bounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from scipy import special

from .._support.arrays import Array
from ..activations import Activation, Z
from .polynomials import normalised_polynomials

_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class PiecewisePolynomial:
    """Exact monomial coefficients, (pieces, degree + 1), of the pieces between ``kinks``."""

    kinks: tuple[Any, ...]
    pieces: tuple[tuple[Any, ...], ...]

    @property
    def degree(self) -> int:
        """The largest degree of a piece."""
        return len(self.pieces[0]) - 1


@lru_cache(maxsize=256)
def piecewise_polynomial(activation: Activation) -> PiecewisePolynomial | None:
    """Return the activation as a piecewise polynomial, or None if it is not one."""
    expressions = [piece.expression for piece in activation.pieces]
    if not all(expression.is_polynomial(Z) for expression in expressions):
        return None
    polynomials = [sp.Poly(expression, Z) for expression in expressions]
    degree = max(max(polynomial.degree(), 0) for polynomial in polynomials)
    return PiecewisePolynomial(
        tuple(piece.lower for piece in activation.pieces[1:]),
        tuple(tuple(p.nth(j) for j in range(degree + 1)) for p in polynomials),
    )


@lru_cache(maxsize=256)
def squared(function: PiecewisePolynomial) -> PiecewisePolynomial:
    """Return the square, exactly."""
    square = tuple(
        tuple(
            sum(piece[i] * piece[j - i] for i in range(len(piece)) if 0 <= j - i < len(piece))
            for j in range(2 * len(piece) - 1)
        )
        for piece in function.pieces
    )
    return PiecewisePolynomial(function.kinks, square)


def polynomial_coefficients(
    polynomial: PiecewisePolynomial, degree: int, scale: Array, mean: Array
) -> tuple[Array, Array]:
    """Return (a_0..a_degree, error bound) of one polynomial on the whole line.

    The polynomial is summed in two bases, and at each scale the sum with less cancellation is
    taken: He_q, which at b = 1 and mean 0 is exact, and powers of z, better at small scales.
    """
    monomials = polynomial.pieces[0]
    orders = np.arange(float(len(monomials)))
    hermite = _hermite_basis(monomials)
    by_hermite = _combine(hermite, np.sqrt(orders), np.sqrt(orders + 1), degree, scale, mean)
    by_powers = _combine(monomials, 0 * orders, 0 * orders + 1, degree, scale, mean)
    better = by_powers[1] < by_hermite[1]
    values = np.where(better[:, None], by_powers[0], by_hermite[0])
    return values, np.minimum(by_powers[1], by_hermite[1])


def exact_second_moment(polynomial: PiecewisePolynomial, scale: float, mean: float) -> float:
    """Return E f(mean + b g)^2 of a polynomial in exact arithmetic: slow, without cancellation."""
    b, mu = sp.Rational(scale), sp.Rational(mean)
    monomials = list(reversed(polynomial.pieces[0]))
    shifted = sp.Poly(monomials, Z).compose(sp.Poly(mu + b * Z, Z))
    square = shifted * shifted
    total = sum(
        square.nth(2 * k) * sp.factorial2(2 * k - 1) for k in range(square.degree() // 2 + 1)
    )
    value = float(sp.N(total, 20, maxn=2000))
    if not math.isfinite(value):
        raise ValueError(f"scale, mean: {scale:g}, {mean:g}: E sigma^2 leaves the range of float64")
    return value


def _combine(
    weights: Sequence[Any], lower: Array, divide: Array, degree: int, scale: Array, mean: Array
) -> tuple[Array, Array]:
    """Return sum_q weights[q] e_q and its error bound, as vectors of normalised coefficients.

    ``e_0 = 1`` and ``divide[q] e_{q+1} = (mean + b g) e_q - lower[q] e_{q-1}``.
    """
    top = max(degree, len(weights) - 1)
    roots = np.sqrt(np.arange(1.0, top + 1))
    b, mu = scale[:, None], mean[:, None]
    previous = np.zeros((len(scale), top + 1))
    current = np.zeros_like(previous)
    current[:, 0] = 1.0
    total = np.zeros_like(previous)
    size = np.zeros(len(scale))
    for q, weight in enumerate(weights):
        total += float(weight) * current
        size += abs(float(weight)) * np.linalg.norm(current, axis=1)
        following = mu * current
        following[:, 1:] += b * roots * current[:, :-1]
        following[:, :-1] += b * roots * current[:, 1:]
        following -= lower[q] * previous
        following /= divide[q]
        previous, current = current, following
    return total[:, : degree + 1], 4 * (len(weights) + 1) * _EPS * size


@lru_cache(maxsize=256)
def _hermite_basis(monomials: tuple[Any, ...]) -> tuple[float, ...]:
    """Return sqrt(q!) times the exact coefficients in He_q of a polynomial given by monomials."""
    remainder = sp.Poly(sum(c * Z**j for j, c in enumerate(monomials)), Z)
    result = [0.0] * len(monomials)
    for q in range(len(monomials) - 1, -1, -1):
        exact = remainder.nth(q)
        result[q] = float(exact * sp.sqrt(sp.factorial(q)))
        remainder = remainder - sp.Poly(exact * sp.hermite_prob(q, Z), Z)
    return tuple(result)


def piecewise_coefficients(
    function: PiecewisePolynomial, degree: int, scale: Array, mean: Array
) -> tuple[Array, Array]:
    """Return (a_0..a_degree, error bound) of a piecewise polynomial with at least one kink.

    Integration by parts (He_p phi = -(He_{p-1} phi)') moves derivatives from the Gaussian to the
    function; each kink u leaves its jump times He_{p-1}(x) phi(x), x = (u - mean)/b. After as many
    steps as the pieces' degree nothing else is left.
    """
    kinks = np.array([float(kink) for kink in function.kinks])
    x = (kinks - mean[:, None]) / scale[:, None]
    density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    edge = normalised_polynomials(x, degree) * density[..., None]  # (scales, kinks, p)
    jumps = _jumps(function)
    result = np.zeros((len(scale), degree + 1))
    size = np.zeros(len(scale))
    for i in range(function.degree + 1):
        contribution = np.einsum("k,skp->sp", jumps[i], edge)
        for p in range(i + 1, degree + 1):
            m = p - 1 - i
            factor = scale**i / math.sqrt(math.perm(p, p - m))
            result[:, p] += factor * contribution[:, m]
        if i <= degree:
            mean_value, magnitude = _expectation(function, i, kinks, x, density, scale, mean)
            result[:, i] += scale**i / math.sqrt(math.factorial(i)) * mean_value
            size += scale**i / math.sqrt(math.factorial(i)) * magnitude
        # By Cramer's bound the edge terms are at most sqrt(phi), and x is rounded too.
        edge_size = np.sqrt(density) * (1 + np.abs(x) * math.sqrt(degree + 1))
        size += scale**i * (np.abs(jumps[i]) * edge_size).sum(axis=1)
    return result, 4 * (function.degree + 1) * _EPS * size


@lru_cache(maxsize=256)
def _jumps(function: PiecewisePolynomial) -> Array:
    """Return the jump of the i-th derivative at each kink, exact until rounded: (i, kink)."""
    polynomials = [sp.Poly(list(reversed(c)), Z) for c in function.pieces]
    rows = []
    for _ in range(function.degree + 1):
        rows.append(
            [
                float(sp.simplify(right.as_expr().subs(Z, u) - left.as_expr().subs(Z, u)))
                for u, left, right in zip(
                    function.kinks, polynomials[:-1], polynomials[1:], strict=True
                )
            ]
        )
        polynomials = [polynomial.diff(Z) for polynomial in polynomials]
    jumps = np.array(rows)
    jumps.flags.writeable = False
    return jumps


@lru_cache(maxsize=256)
def _derivative(function: PiecewisePolynomial, order: int) -> Array:
    """Return the monomial coefficients of a derivative, exact until rounded: (piece, power)."""
    derivative = np.array(
        [
            [float(c * sp.ff(j, order)) for j, c in enumerate(piece)][order:]
            for piece in function.pieces
        ]
    )
    derivative.flags.writeable = False
    return derivative


def _expectation(
    function: PiecewisePolynomial,
    order: int,
    kinks: Array,
    x: Array,
    density: Array,
    scale: Array,
    mean: Array,
) -> tuple[Array, Array]:
    """Return E f^(order)(mean + b g) away from the kinks, and the size of what was added up.

    The truncated moments T_j = E[z^j 1(z < u)] obey
    T_j = mean T_{j-1} + (j-1) b^2 T_{j-2} - b u^{j-1} phi(x),
    and those of 1(z > u) the same with + at the end. The pieces are summed up from the side on
    which less is added: far from every kink, on the side of 0 of a ReLU, that is nothing.
    """
    pieces = _derivative(function, order)
    b, mu = scale[:, None], mean[:, None]

    def moments(start: Array, sign: float) -> Array:
        found = [start, mu * start + sign * b * density]
        for j in range(2, pieces.shape[1]):
            edge = sign * b * kinks ** (j - 1) * density
            found.append(mu * found[-1] + (j - 1) * b**2 * found[-2] + edge)
        return np.stack(found[: pieces.shape[1]])  # (powers, scales, kinks)

    whole = moments(np.ones_like(x), 0.0)[..., 0]
    values, sizes = [], []
    for start, sign, outer in ((special.ndtr(x), -1.0, -1), (special.ndtr(-x), 1.0, 0)):
        # Leftwards from the last piece, or rightwards from the first.
        jumps = sign * np.diff(pieces, axis=0).T[:, None]
        parts = jumps * moments(start, sign)
        base = pieces[outer][:, None] * whole
        values.append(parts.sum(axis=(0, 2)) + base.sum(axis=0))
        sizes.append(np.abs(parts).sum(axis=(0, 2)) + np.abs(base).sum(axis=0))
    left_is_better = sizes[0] <= sizes[1]
    return np.where(left_is_better, *values), np.where(left_is_better, *sizes)
