"""Terms whose Gaussian averages are elementary: sums of them, and their Taylor coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..activations import Z


@dataclass(frozen=True)
class Term:
    """``coefficient * z^power * exp(-quadratic z^2 + linear z) * erf(error[0] z + error[1])``.

    ``linear`` may be imaginary (sine and cosine); ``error`` is None where there is no erf.
    """

    coefficient: Any
    power: int
    quadratic: Any
    linear: Any
    error: tuple[Any, Any] | None


def decompose(expression: Any, variable: Any = Z) -> tuple[Term, ...] | None:
    """Return the terms of a smooth expression in ``variable``, or None if not of that form."""
    waves = (sp.sin, sp.cos, sp.sinh, sp.cosh)
    expression = expression.replace(lambda e: isinstance(e, waves), lambda e: e.rewrite(sp.exp))
    expression = expression.replace(sp.erfc, lambda u: 1 - sp.erf(u))
    # Plain first: expanding powers of sums drags 1/(1 + b^2)^(3/2) into the exponentials.
    for expanded in (sp.expand(expression, multinomial=False), sp.expand(expression)):
        terms = [_term(summand, variable) for summand in sp.Add.make_args(expanded)]
        found = [term for term in terms if term is not None]
        if len(found) == len(terms):
            return tuple(found)
    return None


def _term(summand: Any, z: Any) -> Term | None:
    coefficient, exponent, power = sp.Integer(1), sp.Integer(0), 0
    error: tuple[Any, Any] | None = None
    for factor in sp.Mul.make_args(summand):
        if not factor.has(z):
            coefficient *= factor
        elif factor == z:
            power += 1
        elif (
            isinstance(factor, sp.Pow)
            and factor.base == z
            and factor.exp.is_Integer
            and factor.exp > 0
        ):
            power += int(factor.exp)
        elif isinstance(factor, sp.exp):
            exponent += factor.args[0]
        elif isinstance(factor, sp.erf) and error is None and factor.args[0].is_polynomial(z):
            argument = sp.Poly(factor.args[0], z)
            if argument.degree() != 1:
                return None
            error = (argument.nth(1), argument.nth(0))
        else:
            return None
    if not exponent.is_polynomial(z) or sp.degree(exponent, z) > 2:
        return None
    shape = sp.Poly(exponent, z)
    return Term(coefficient * sp.exp(shape.nth(0)), power, -shape.nth(2), shape.nth(1), error)


def taylor(term: Term, order: int) -> Any:
    """Return the coefficient of x^order of a term in x."""
    n = order - term.power
    if n < 0:
        return sp.Integer(0)
    exponential = _gaussian(term.quadratic, term.linear, n)
    if term.error is None:
        return term.coefficient * exponential[n]
    error = _error(term.error[0], term.error[1], n)
    return term.coefficient * sum(error[k] * exponential[n - k] for k in range(n + 1))


def _gaussian(quadratic: Any, linear: Any, order: int) -> list[Any]:
    """Return the coefficients of exp(-q x^2 + d x): f' = (d - 2 q x) f, term by term."""
    # Expanded in two plain symbols: expanding 1/(1 + b^2)^k would take for ever.
    d, q = sp.symbols("d q")
    values = [sp.Integer(1), d]
    for n in range(1, order):
        values.append(sp.expand((d * values[n] - 2 * q * values[n - 1]) / (n + 1)))
    return [value.subs({d: linear, q: quadratic}) for value in values[: order + 1]]


def _error(slope: Any, start: Any, order: int) -> list[Any]:
    """Return the coefficients of erf(c x + e): its derivative is 2 c/sqrt(pi) exp(-(c x + e)^2)."""
    density = _gaussian(slope**2, -2 * slope * start, max(order - 1, 0))
    factor = 2 * slope / sp.sqrt(sp.pi) * sp.exp(-(start**2))
    return [sp.erf(start), *(factor * density[n - 1] / n for n in range(1, order + 1))]


def general_taylor(term: Term, order: Any) -> Any:
    """Return the coefficient of x^order for symbolic ``order``, or None if it is a sum.

    Of imaginary exponentials the real part, since the sum over terms is real. Valid for orders
    above ``term.power`` (with an erf, or without any exponential, strictly).
    """
    n = order - term.power
    if term.error is None and term.linear.has(sp.I):
        frequency = term.linear / sp.I
        if term.quadratic != 0 or not frequency.is_real:
            return None
        return _general_wave(term.coefficient, frequency, n)
    if term.error is None:
        return term.coefficient * _general_gaussian(term.quadratic, term.linear, n)
    if term.quadratic != 0 or term.linear != 0:
        return None
    slope, start = term.error
    factor = 2 * slope / sp.sqrt(sp.pi) * sp.exp(-(start**2))
    density = _general_gaussian(slope**2, -2 * slope * start, n - 1)
    return term.coefficient * factor * density / n


def _general_gaussian(quadratic: Any, linear: Any, n: Any) -> Any:
    """Return the coefficient of x^n in exp(-q x^2 + d x), a Hermite polynomial of order n."""
    if quadratic == 0 and linear == 0:
        return sp.Integer(0)  # beyond the polynomial
    if quadratic == 0:
        return linear**n / sp.factorial(n)
    if linear == 0:  # cos(pi n/2) is 0 for odd n and (-1)^(n/2) for even n
        return sp.cos(sp.pi * n / 2) * quadratic ** (n / 2) / sp.factorial(n / 2)
    root = sp.sqrt(2 * quadratic)
    return root**n * sp.hermite_prob(n, sp.simplify(linear / root)) / sp.factorial(n)


def _general_wave(coefficient: Any, frequency: Any, n: Any) -> Any:
    """Return the real part of ``coefficient`` times the x^n coefficient of exp(i frequency x)."""
    real, imaginary = coefficient.as_real_imag()
    sign = 1 if frequency > 0 else -1
    turned = real * sp.cos(sp.pi * n / 2) - sign * imaginary * sp.sin(sp.pi * n / 2)
    return abs(frequency) ** n / sp.factorial(n) * turned
