"""Split an expression at its kinks into smooth pieces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sympy as sp

Z = sp.Symbol("z", real=True)
"""The preactivation: the one free symbol of every activation's expression."""

_SWITCHES = (sp.Abs, sp.sign, sp.Heaviside, sp.Max, sp.Min, sp.Piecewise)
SMOOTH = (
    sp.exp, sp.log, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.asinh, sp.erf, sp.erfc,
)  # fmt: skip
"""Functions that an activation may be made of, beside switches and algebra."""

_ALGEBRA = (sp.Add, sp.Mul, sp.Pow, sp.Number, sp.NumberSymbol, sp.Symbol)
_PREDICATES = (sp.core.relational.Relational, sp.logic.boolalg.Boolean)


@dataclass(frozen=True)
class Piece:
    """A smooth ``expression`` in ``Z`` on the open interval ``(lower, upper)``.

    All three are exact sympy objects; the first lower and the last upper end are infinite.

    Examples
    --------
    >>> from onestep import activations
    >>> [(piece.lower, piece.upper, piece.expression) for piece in activations.get("abs").pieces]
    [(-oo, 0, -z), (0, oo, z)]
    """

    lower: Any
    upper: Any
    expression: Any


def split(expression: Any) -> tuple[Piece, ...]:
    """Split a real sympy expression in ``Z`` into smooth pieces, in increasing order.

    They cover the real line; neighbours that are the same function are merged, except at a
    singular point. The break points are the places where an absolute value, sign, step,
    minimum, maximum or condition switches, and where a denominator, logarithm or root is
    singular. They are found exactly, as roots of polynomials; where one is none, or a function
    is not supported, the expression is refused.
    """
    check_supported(expression)
    singular = _sorted(_singular_points(expression))
    points = _sorted([*_points(expression), *singular])
    ends = [-sp.oo, *points, sp.oo]
    pieces: list[Piece] = []
    for lower, upper in pairwise(ends):
        smooth = _resolve(expression, _inside(lower, upper))
        if pieces and lower not in singular and _same(pieces[-1].expression, smooth):
            pieces[-1] = Piece(pieces[-1].lower, upper, pieces[-1].expression)
        else:
            pieces.append(Piece(lower, upper, smooth))
    return tuple(pieces)


def check_supported(expression: Any) -> None:
    """Raise ``ValueError`` unless every node of ``expression`` is one this package understands."""
    allowed = _SWITCHES + SMOOTH + _ALGEBRA + _PREDICATES
    for node in sp.preorder_traversal(expression):
        if isinstance(node, sp.functions.elementary.piecewise.ExprCondPair):
            continue
        if node.is_number and not node.is_real and not isinstance(node, _PREDICATES):
            raise ValueError(f"activation: {node} in {expression} is not a finite real number")
        if not isinstance(node, allowed):
            known = ", ".join(sorted(f.__name__ for f in _SWITCHES + SMOOTH))
            raise ValueError(
                f"activation: {type(node).__name__} in {expression} is not supported; "
                f"allowed are + - * / **, numbers, z and {known}"
            )


def _same(left: Any, right: Any) -> bool:
    return bool(sp.expand(left - right) == 0)


def _sorted(points: Iterable[Any]) -> list[Any]:
    """Sort and drop repetitions; 40 digits tell apart any roots that occur in practice."""
    result: list[Any] = []
    for point in sorted(points, key=lambda x: sp.N(x, 40)):
        if not result or abs(sp.N(point - result[-1], 40)) > sp.Float("1e-30"):
            result.append(point)
    return result


def _inside(lower: Any, upper: Any) -> Any:
    """Return a rational strictly between two (possibly infinite) ends."""
    if lower == -sp.oo and upper == sp.oo:
        return sp.Rational(1, 3)
    if lower == -sp.oo:
        return sp.floor(upper) - 1
    if upper == sp.oo:
        return sp.ceiling(lower) + 1
    middle = sp.Rational(str(sp.N((lower + upper) / 2, 60)))
    if not lower < middle < upper:
        raise ValueError(f"activation: break points {lower} and {upper} cannot be told apart")
    return middle


def _points(expression: Any) -> list[Any]:
    """Return the places where a switch inside ``expression`` changes branch."""
    points = [point for argument in expression.args for point in _points(argument)]
    if isinstance(expression, _SWITCHES):
        ends = [-sp.oo, *_sorted(points), sp.oo]
        for lower, upper in pairwise(ends):
            test = _inside(lower, upper)
            for difference in _differences(expression):
                roots = _real_roots(_resolve(difference, test), expression)
                points += [root for root in roots if lower < root < upper]
    return points


def _differences(switch: Any) -> list[Any]:
    """Return the functions whose zeros are the break points of one switch."""
    if isinstance(switch, sp.Max | sp.Min):
        arguments = switch.args
        return [a - b for i, a in enumerate(arguments) for b in arguments[i + 1 :]]
    if isinstance(switch, sp.Piecewise):
        relations = set().union(*(c.atoms(sp.core.relational.Relational) for _, c in switch.args))
        return [relation.lhs - relation.rhs for relation in relations]
    return [switch.args[0]]


def _singular_points(expression: Any) -> list[Any]:
    """Return the zeros of denominators and of the arguments of logarithms and roots."""
    points: list[Any] = []
    for node in sp.preorder_traversal(expression):
        if isinstance(node, sp.Pow) and node.base.has(Z):
            if not node.exp.is_number:
                raise ValueError(f"activation: the exponent in {node} must be a number; use exp()")
            if node.exp.is_integer and node.exp > 0:
                continue
            argument = node.base
        elif isinstance(node, sp.log):
            argument = node.args[0]
        else:
            continue
        ends = [-sp.oo, *_sorted(_points(argument)), sp.oo]
        points += [end for end in ends[1:-1] if argument.subs(Z, end) == 0]
        for lower, upper in pairwise(ends):
            roots = _real_roots(_resolve(argument, _inside(lower, upper)), node)
            points += [root for root in roots if lower < root < upper]
    return points


def _real_roots(function: Any, context: Any) -> list[Any]:
    if not function.has(Z) or function.is_positive or function.is_negative:
        return []
    if function.is_polynomial(Z):
        polynomial = sp.Poly(function, Z)
        if polynomial.degree() == 1:
            return [-polynomial.nth(0) / polynomial.nth(1)]
        if all(c.is_rational for c in polynomial.all_coeffs()):
            return list(set(sp.real_roots(polynomial)))
    raise ValueError(
        f"activation: cannot find where {function} vanishes in {context}; "
        "allowed there are rational polynomials and functions known to be positive"
    )


def _resolve(expression: Any, test: Any) -> Any:
    """Replace every switch by the branch that it takes at the point ``test``."""
    if not expression.args or not expression.has(*_SWITCHES):
        return expression
    if isinstance(expression, sp.Piecewise):
        for branch, condition in expression.args:
            if condition == sp.true or condition.subs(Z, test) == sp.true:
                return _resolve(branch, test)
        raise ValueError(f"activation: {expression} has no value at z = {test}")
    arguments = [_resolve(argument, test) for argument in expression.args]
    if isinstance(expression, sp.Abs):
        return arguments[0] if _sign(arguments[0], test) >= 0 else -arguments[0]
    if isinstance(expression, sp.sign):
        return sp.Integer(_sign(arguments[0], test))
    if isinstance(expression, sp.Heaviside):
        return sp.Integer(_sign(arguments[0], test) > 0)
    if isinstance(expression, sp.Max | sp.Min):
        values = [sp.N(argument.subs(Z, test), 40) for argument in arguments]
        best = max(values) if isinstance(expression, sp.Max) else min(values)
        return arguments[values.index(best)]
    return expression.func(*arguments)


def _sign(function: Any, test: Any) -> int:
    value = sp.N(function.subs(Z, test), 40)
    return int(bool(value > 0)) - int(bool(value < 0))
