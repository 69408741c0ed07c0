"""Closed forms, evaluated for many scales and means at once.

Everything here works with the normalised coefficients a_p = sqrt(p!) h_p, whose squares sum to
E sigma^2. The routes: polynomials, piecewise polynomials, and sums of terms
z^j exp(quadratic) [erf(linear)] on the whole line (sine and cosine are imaginary exponentials).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp
from scipy import special

from ..activations import Activation, Z
from .polynomials import FloatArray, normalised_polynomials
from .terms import Term, decompose

_EPS = float(np.finfo(np.float64).eps)
ComplexArray = npt.NDArray[np.complex128]


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


@lru_cache(maxsize=256)
def terms(activation: Activation) -> tuple[Term, ...] | None:
    """Return the terms of an activation without kinks if they have a stable closed form."""
    if len(activation.pieces) != 1:
        return None
    found = decompose(activation.pieces[0].expression)
    if found is None or any(t.error and (t.quadratic != 0 or t.linear != 0) for t in found):
        return None
    return found


def polynomial_coefficients(
    polynomial: PiecewisePolynomial, degree: int, scale: FloatArray, mean: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return (a_0..a_degree, error bound) of one polynomial on the whole line.

    The polynomial is summed in two bases, and at each scale the sum with less cancellation is
    taken: He_q, which at b = 1 and mean 0 is exact, and powers of z, better at small scales.
    """
    monomials = polynomial.pieces[0]
    orders = np.arange(float(len(monomials)))
    hermite = [c * sp.sqrt(sp.factorial(q)) for q, c in enumerate(_hermite_basis(monomials))]
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
    weights: Sequence[Any],
    lower: FloatArray,
    divide: FloatArray,
    degree: int,
    scale: FloatArray,
    mean: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return sum_q weights[q] e_q and its error bound, as vectors of normalised coefficients.

    e_0 = 1 and divide[q] e_{q+1} = (mean + b g) e_q - lower[q] e_{q-1}, where g raises and lowers
    the order.
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


def _hermite_basis(monomials: tuple[Any, ...]) -> list[Any]:
    """Return exact coefficients in He_0, He_1, ... of a polynomial given by its monomials."""
    remainder = sp.Poly(sum(c * Z**j for j, c in enumerate(monomials)), Z)
    result = [sp.Integer(0)] * len(monomials)
    for q in range(len(monomials) - 1, -1, -1):
        result[q] = remainder.nth(q)
        remainder = remainder - sp.Poly(result[q] * sp.hermite_prob(q, Z), Z)
    return result


def piecewise_coefficients(
    function: PiecewisePolynomial, degree: int, scale: FloatArray, mean: FloatArray
) -> tuple[FloatArray, FloatArray]:
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
def _jumps(function: PiecewisePolynomial) -> FloatArray:
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
def _derivative(function: PiecewisePolynomial, order: int) -> FloatArray:
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
    kinks: FloatArray,
    x: FloatArray,
    density: FloatArray,
    scale: FloatArray,
    mean: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return E f^(order)(mean + b g) away from the kinks, and the size of what was added up.

    The truncated moments T_j = E[z^j 1(z < u)] obey
    T_j = mean T_{j-1} + (j-1) b^2 T_{j-2} - b u^{j-1} phi(x),
    and those of 1(z > u) the same with + at the end. The pieces are summed up from the side on
    which less is added: far from every kink, on the side of 0 of a ReLU, that is nothing.
    """
    pieces = _derivative(function, order)
    b, mu = scale[:, None], mean[:, None]

    def moments(start: FloatArray, sign: float) -> FloatArray:
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


def term_coefficients(
    found: tuple[Term, ...], degree: int, scale: FloatArray, mean: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return (a_0..a_degree, error bound) of a sum of terms.

    The generating function sum_p h_p t^p = E sigma(mean + b (g + t)) of exp(-q z^2 + d z) is
    F exp(A t - B t^2), and that of erf has the derivative of such a form, so the coefficients
    follow from two-term recursions; a factor z acts as mean + b (lower + raise).
    """
    result = np.zeros((len(scale), degree + 1), dtype=np.complex128)
    size = np.zeros(len(scale))
    for term in found:
        top = degree + term.power
        part = (
            _exponential(term, top, scale, mean)
            if term.error is None
            else _error(term, top, scale, mean)
        )
        coefficient = complex(term.coefficient)
        part = part * coefficient
        norm = np.linalg.norm(part, axis=1)
        rounding = 8 * (2 + math.sqrt(top)) * norm + _exponent_size(term, scale, mean) * norm
        # A factor z enlarges what earlier stages have rounded, even where it shrinks the part.
        reach = np.abs(mean) + 2 * scale * math.sqrt(top + 1)
        for _ in range(term.power):
            rounding = reach * (rounding + 4 * norm)
            part = _times_z(part, scale, mean)
            norm = np.linalg.norm(part, axis=1)
        size += rounding
        result += part[:, : degree + 1]
    return np.ascontiguousarray(result.real), _EPS * size


def _exponent_size(term: Term, scale: FloatArray, mean: FloatArray) -> FloatArray:
    """Return the size of the exponent's summands: their rounding is that of the exponential."""
    if term.error is not None:
        return np.zeros_like(scale)  # x^2 exp(-x^2) is small
    q, d = abs(float(term.quadratic)), abs(complex(term.linear))
    shrink = 1 / (1 + 2 * float(term.quadratic) * scale**2)
    return np.asarray((q * mean**2 + d * np.abs(mean) + d**2 * scale**2 / 2) * shrink)


def _times_z(part: ComplexArray, scale: FloatArray, mean: FloatArray) -> ComplexArray:
    """Multiply by z = mean + b g; the last coefficient is lost."""
    roots = np.sqrt(np.arange(1.0, part.shape[1]))
    result = mean[:, None] * part[:, :-1] + scale[:, None] * roots * part[:, 1:]
    result[:, 1:] += scale[:, None] * roots[:-1] * part[:, :-2]
    return np.asarray(result)


def _exponential(term: Term, degree: int, scale: FloatArray, mean: FloatArray) -> ComplexArray:
    q, d = float(term.quadratic), complex(term.linear)
    shrink = 1 / (1 + 2 * q * scale**2)
    start = np.sqrt(shrink) * np.exp((-q * mean**2 + d * mean + d**2 * scale**2 / 2) * shrink)
    slope = ((d - 2 * q * mean) * scale * shrink).astype(np.complex128)
    return _two_term(start.astype(np.complex128), slope, 2 * q * scale**2 * shrink, degree)


def _error(term: Term, degree: int, scale: FloatArray, mean: FloatArray) -> ComplexArray:
    assert term.error is not None
    c, e = float(term.error[0]), float(term.error[1])
    width = np.sqrt(1 + 2 * c**2 * scale**2)
    x, k = (c * mean + e) / width, c * scale / width
    result = np.zeros((len(scale), degree + 1), dtype=np.complex128)
    result[:, 0] = special.erf(x)
    if degree:
        start = (2 * k / math.sqrt(math.pi) * np.exp(-(x**2))).astype(np.complex128)
        slope = _two_term(start, (-2 * x * k).astype(np.complex128), 2 * k**2, degree - 1)
        result[:, 1:] = slope / np.sqrt(np.arange(1.0, degree + 1))
    return result


def _two_term(start: ComplexArray, a: ComplexArray, c: FloatArray, degree: int) -> ComplexArray:
    """Return sqrt(n!) [t^n] of start * exp(a t - c t^2/2)."""
    result = np.zeros((len(start), degree + 1), dtype=np.complex128)
    result[:, 0] = start
    if degree:
        result[:, 1] = a * start
    for n in range(1, degree):
        result[:, n + 1] = (a * result[:, n] - c * math.sqrt(n) * result[:, n - 1]) / math.sqrt(
            n + 1
        )
    return result
