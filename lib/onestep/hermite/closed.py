"""Closed forms of smooth activations, ``a_p = sqrt(p!) h_p``, for many scales and means at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import special

from .._support.arrays import Array, RealOrComplex
from ..activations import Activation
from .terms import Term, decompose

_EPS = float(np.finfo(np.float64).eps)
ComplexArray = npt.NDArray[np.complex128]


@lru_cache(maxsize=256)
def terms(activation: Activation) -> tuple[Term, ...] | None:
    """Return the terms of an activation without kinks if they have a stable closed form."""
    if len(activation.pieces) != 1:
        return None
    found = decompose(activation.pieces[0].expression)
    if found is None or any(t.error and (t.quadratic != 0 or t.linear != 0) for t in found):
        return None
    return found


@lru_cache(maxsize=256)
def square_terms(activation: Activation) -> tuple[Term, ...] | None:
    """Return the terms of the square of an activation that has terms, if it has them, too."""
    if terms(activation) is None:
        return None
    return decompose(activation.pieces[0].expression ** 2)


@dataclass(frozen=True)
class _Numbers:
    """A term in float64: ``coefficient exp(-q z^2 + d z) erf(c z + e)``."""

    coefficient: complex
    q: complex
    d: complex
    c: float
    e: float


@lru_cache(maxsize=1024)
def _numbers(term: Term) -> _Numbers:
    c, e = term.error or (0, 0)
    coefficient, q, d = (complex(x) for x in (term.coefficient, term.quadratic, term.linear))
    return _Numbers(coefficient, q, d, float(c), float(e))


def term_coefficients(
    found: tuple[Term, ...], degree: int, scale: Array, mean: Array
) -> tuple[Array, Array]:
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
        part = part * _numbers(term).coefficient
        norm = np.linalg.norm(part, axis=1)
        rounding = 8 * (2 + math.sqrt(top)) * norm + _conditioning(term, top, scale, mean, norm)
        # A factor z enlarges what earlier stages have rounded, even where it shrinks the part.
        reach = np.abs(mean) + 2 * scale * math.sqrt(top + 1)
        for _ in range(term.power):
            rounding = reach * (rounding + 4 * norm)
            part = _times_z(part, scale, mean)
            norm = np.linalg.norm(part, axis=1)
        size += rounding
        result += part[:, : degree + 1]
    return np.ascontiguousarray(result.real), _EPS * size


def _conditioning(term: Term, top: int, scale: Array, mean: Array, norm: Array) -> Array:
    """Return what rounding does to the exponent, and to where the function lies."""
    of = _numbers(term)
    if not np.any(mean) and (of.e if term.error else of.d) == 0:
        return np.zeros_like(scale)
    if term.error is not None:
        x = (of.c * mean + of.e) ** 2 / (1 + 2 * of.c**2 * scale**2)
        size = abs(of.c) * np.abs(mean) + abs(of.e)
        # By the norm of erf', which is small far from 0.
        return np.asarray(4 * abs(of.coefficient) * size * np.exp(-x / 2))
    q, d = abs(of.q), abs(of.d)
    shrink = np.abs(1 / (1 + 2 * of.q * scale**2))
    exponent = (q * mean**2 + d * np.abs(mean) + d**2 * scale**2 / 2) * shrink
    slope = (d + 2 * q * np.abs(mean)) * scale * shrink  # raises the order
    return np.asarray((2 * exponent + 4 * slope * math.sqrt(top)) * norm)


def _times_z(part: ComplexArray, scale: Array, mean: Array) -> ComplexArray:
    """Multiply by z = mean + b g; the last coefficient is lost."""
    roots = np.sqrt(np.arange(1.0, part.shape[1]))
    result = mean[:, None] * part[:, :-1] + scale[:, None] * roots * part[:, 1:]
    result[:, 1:] += scale[:, None] * roots[:-1] * part[:, :-2]
    return np.asarray(result)


def _exponential(term: Term, degree: int, scale: Array, mean: Array) -> ComplexArray:
    q, d = _numbers(term).q, _numbers(term).d
    growth = 1 + 2 * q * scale**2
    shrink = 1 / np.where(growth.real > 0, growth, np.nan)  # else the integral diverges
    start = np.sqrt(shrink) * np.exp((-q * mean**2 + d * mean + d**2 * scale**2 / 2) * shrink)
    slope = (d - 2 * q * mean) * scale * shrink
    return _two_term(start, slope, 2 * q * scale**2 * shrink, degree)


def _error(term: Term, degree: int, scale: Array, mean: Array) -> ComplexArray:
    c, e = _numbers(term).c, _numbers(term).e
    width = np.sqrt(1 + 2 * c**2 * scale**2)
    x, k = (c * mean + e) / width, c * scale / width
    result = np.zeros((len(scale), degree + 1), dtype=np.complex128)
    result[:, 0] = special.erf(x)
    if degree:
        start = (2 * k / math.sqrt(math.pi) * np.exp(-(x**2))).astype(np.complex128)
        slope = _two_term(start, (-2 * x * k).astype(np.complex128), 2 * k**2, degree - 1)
        result[:, 1:] = slope / np.sqrt(np.arange(1.0, degree + 1))
    return result


def _two_term(
    start: RealOrComplex, a: RealOrComplex, c: RealOrComplex, degree: int
) -> ComplexArray:
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
