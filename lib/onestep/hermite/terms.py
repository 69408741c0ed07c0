"""Write an expression as a sum of terms whose Gaussian averages are elementary."""

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
