"""Measure growth: is an activation square-integrable under a Gaussian."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import mpmath
import sympy as sp

from .pieces import Piece, Z

# Powers of two at which the tail is fitted, near and far.
_WINDOWS = ((12, 16), (17, 21))
_MAX_RATE = 1000.0
_MAX_DEGREE = 70.0  # above the highest power that the parser or he(p) can make


@dataclass(frozen=True)
class Growth:
    """How fast ``|sigma(z)|`` grows.

    Attributes
    ----------
    kind
        ``"power"`` (like ``|z|^order``, up to logarithms), ``"exponential"`` (faster than any
        power, slower than any ``exp(a z^2)``), or ``"gaussian"`` (like ``exp(rate z^2)``).
    order, rate
        The power, to the nearest twelfth, else ``inf``; and the coefficient of ``z^2`` in the
        exponent, at least 0.

    Examples
    --------
    >>> from onestep import activations
    >>> activations.get("sqrt(1 + z*z*z*z*z*z)").growth.order
    3.0
    >>> round(activations.get("exp(z*z/8)").growth.max_scale ** 2, 6)  # rate 1/8
    2.0
    """

    kind: str
    order: float
    rate: float

    @property
    def max_scale(self) -> float:
        """Scales ``b`` below this have ``E sigma(b g)^2 < inf`` (g standard normal)."""
        return math.inf if self.rate == 0 else 1 / (2 * math.sqrt(self.rate))


def growth(pieces: tuple[Piece, ...]) -> Growth:
    """Measure the growth in both tails and check the singular points between the pieces.

    The tails are evaluated with mpmath (no overflow) out to ``|z| = 2^20`` and the logarithm is
    fitted by ``A z^2 + B z + C log z + D`` in two windows. This is a measurement, not a proof.
    What is not square-integrable under any Gaussian, not real, or not finite, is refused.
    """
    _check_singularities(pieces)
    tails = [_tail(pieces[0].expression, -1), _tail(pieces[-1].expression, 1)]
    rate = max(tail.rate for tail in tails)
    order = max(tail.order for tail in tails)
    if rate > 0:
        return Growth("gaussian", math.inf, rate)
    return Growth("exponential" if math.isinf(order) else "power", order, 0.0)


def _tail(expression: Any, side: int) -> Growth:
    if expression.is_polynomial(Z):
        return Growth("power", float(max(sp.degree(expression, Z), 0)), 0.0)
    if _nesting(expression) > 2:
        raise ValueError(f"activation: {expression} nests exponentials more than twice")
    function = sp.lambdify(Z, expression, [_BOUNDED_WORK, "mpmath"])
    with mpmath.workdps(30):
        for k in range(2, 12):  # stop before the numbers become astronomical
            if _log_size(function, side, k, expression) > _MAX_RATE * 4**k:
                raise _too_fast(expression)
        near, far = (
            _rate([_log_size(function, side, k, expression) for k in range(*window)], window[0])
            for window in _WINDOWS
        )
        start, stop = (_log_size(function, side, k, expression) for k in (14, 20))
    if far > 1.2 * max(near, 0) + 1e-6:
        raise _too_fast(expression)
    if far > 1e-6 and far > 0.8 * near:
        return Growth("gaussian", math.inf, far)
    if stop > _MAX_DEGREE * 20 * math.log(2):
        return Growth("exponential", math.inf, 0.0)
    if math.isinf(start) or stop < start + 0.5:
        return Growth("power", 0.0, 0.0)
    order = float(stop - start) / (6 * math.log(2))
    return Growth("power", round(12 * order) / 12, 0.0)


def _guarded(function: Any, limit: int, below: Any, above: Any) -> Any:
    """Return a function that is not evaluated beyond 2^limit: there it has these two values."""
    edge = mpmath.mpf(2) ** limit
    return lambda u: function(u) if abs(u) < edge else (above if u > 0 else below)


# What sin(exp(z)) or exp(-exp(z)) would otherwise cost in the far tail is minutes: mpmath computes
# with all the digits of an exponent. A wave is there as good as random, and has a generic value.
_GUARDS = {
    "exp": (64, mpmath.mpf(0), mpmath.inf),
    "sinh": (64, -mpmath.inf, mpmath.inf),
    "cosh": (64, mpmath.inf, mpmath.inf),
    "tanh": (64, mpmath.mpf(-1), mpmath.mpf(1)),
    "erf": (64, mpmath.mpf(-1), mpmath.mpf(1)),
    "erfc": (64, mpmath.mpf(2), mpmath.mpf(0)),
    "sin": (200, mpmath.mpf("0.7"), mpmath.mpf("0.7")),
    "cos": (200, mpmath.mpf("0.7"), mpmath.mpf("0.7")),
}
_BOUNDED_WORK = {name: _guarded(getattr(mpmath, name), *ends) for name, ends in _GUARDS.items()}


def _too_fast(expression: Any) -> ValueError:
    return ValueError(
        f"activation: {expression} is not square-integrable under a Gaussian: "
        "it grows faster than exp(a z^2) for every a"
    )


def _nesting(expression: Any) -> int:
    """Return how deep exponentials are nested; a logarithm undoes one, a bounded function all."""
    depth = max((_nesting(argument) for argument in expression.args), default=0)
    if isinstance(expression, sp.exp | sp.sinh | sp.cosh):
        return depth + 1
    if isinstance(expression, sp.log | sp.asinh):
        return max(depth - 1, 0)
    return 0 if isinstance(expression, sp.tanh | sp.atan | sp.erf | sp.erfc) else depth


def _log_size(function: Any, side: int, k: int, expression: Any) -> Any:
    """Return log of the largest |sigma| at a few points near 2^k: one zero says nothing."""
    points = [side * (mpmath.mpf(2) ** k + 0.37 * j) for j in range(5)]
    largest = max(abs(_value(function, z, expression)) for z in points)
    return mpmath.log(largest) if largest > 0 else -mpmath.inf


def _rate(values: list[Any], start: int) -> float:
    if values[-1] <= values[0]:
        return 0.0
    points = [mpmath.mpf(2) ** (start + k) for k in range(len(values))]
    matrix = mpmath.matrix([[z**2, z, mpmath.log(z), 1] for z in points])
    return float(mpmath.lu_solve(matrix, mpmath.matrix(values))[0])


def _value(function: Any, z: Any, expression: Any) -> Any:
    try:
        value = function(z)
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        raise ValueError(f"activation: {expression} has no value at z = {float(z):g}") from error
    if mpmath.im(value) != 0 or not mpmath.isfinite(value):
        raise ValueError(f"activation: {expression} is not real and finite at z = {float(z):g}")
    return mpmath.re(value)


def _check_singularities(pieces: tuple[Piece, ...]) -> None:
    """Refuse poles that are not square-integrable: need ``|z - z0|^a`` with ``a > -1/2``."""
    for piece in pieces:
        function = sp.lambdify(Z, piece.expression, "mpmath")
        for end, side in ((piece.lower, 1), (piece.upper, -1)):
            if not end.is_finite:
                continue
            with mpmath.workdps(60):
                point = mpmath.mpf(sp.N(end, 60))
                steps = [mpmath.mpf(10) ** -k for k in (12, 15)]
                coarse, fine = (
                    abs(_value(function, point + side * h, piece.expression)) for h in steps
                )
                if fine <= coarse:
                    continue
                power = float(mpmath.log(fine / coarse) / mpmath.log(steps[1] / steps[0]))
            if power < -0.49:
                raise ValueError(
                    f"activation: {piece.expression} is not square-integrable under any Gaussian: "
                    f"it behaves like |z - ({end})|^{power:.2f} near z = {end}"
                )
