"""Decide whether a function is even or odd."""

from __future__ import annotations

from typing import Any, Literal

import mpmath
import sympy as sp

from .pieces import Piece, Z

Parity = Literal["even", "odd", "none"]
"""Symmetry of a function, as far as it is proven."""


def parity(expression: Any, pieces: tuple[Piece, ...]) -> Parity:
    """Return the parity of ``expression``, whose smooth pieces are ``pieces``.

    Points can refute a symmetry but not prove it, and coefficients are set to 0 on its strength:
    so it is proven piece by piece. A symmetry that the algebra does not find is ``"none"``.
    """
    function = sp.lambdify(Z, expression, "mpmath")
    with mpmath.workdps(40):
        points = [mpmath.mpf(k) / 7 + mpmath.sqrt(2) / 50 for k in range(1, 60, 4)]
        pairs = [(function(z), function(-z)) for z in points]
    if _agree(pairs, 1) and _mirrored(pieces, 1):
        return "even"
    if _agree(pairs, -1) and _mirrored(pieces, -1):
        return "odd"
    return "none"


def _agree(pairs: list[tuple[Any, Any]], sign: int) -> bool:
    """Return whether f(z) = sign f(-z) for all (f(z), f(-z)): cheap, and mostly it is not."""
    with mpmath.workdps(40):
        return all(abs(a - sign * c) < mpmath.mpf(10) ** -30 * (1 + abs(a)) for a, c in pairs)


def _mirrored(pieces: tuple[Piece, ...], sign: int) -> bool:
    """Return whether f(z) = sign f(-z) is proven on every piece."""
    return all(
        (right.upper == -left.lower or _vanishes(right.upper + left.lower, right))
        and _vanishes(right.expression - sign * left.expression.subs(Z, -Z), right)
        for left, right in zip(pieces, reversed(pieces), strict=True)
    )


def _vanishes(difference: Any, piece: Piece) -> bool:
    """Return whether a function is proven to be 0 on a piece: at a point, and its slope on it."""
    return _cancels(difference) or (
        _cancels(sp.diff(difference, Z)) and _cancels(difference.subs(Z, _point_of(piece)))
    )


def _cancels(expression: Any) -> bool:
    """Return whether an expression is 0 once it has one denominator and one kind of exponential."""
    if sp.expand(expression) == 0:
        return True
    numerator, _ = sp.fraction(sp.together(expression.rewrite(sp.exp)))
    return bool(sp.expand(numerator) == 0)


def _point_of(piece: Piece) -> Any:
    """Return a point of a piece or its boundary: 0 where possible, as most is known there."""
    if piece.lower <= 0 <= piece.upper:
        return sp.Integer(0)
    return piece.lower if piece.lower > 0 else piece.upper
