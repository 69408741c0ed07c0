"""The activation: one definition, every property derived from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy.typing as npt

from .._support.arrays import Array
from .._support.elementwise import evaluate
from .compile import Kernel, compile_expression, weak_derivative
from .growth import Growth, growth
from .parity import Parity, parity
from .pieces import Piece, split


@dataclass(frozen=True)
class Strip:
    """Analyticity: ``|sigma(z)| <= (constant + slope |z|) / cos(pi Im z / (2 half_width))``.

    The bound holds for ``|Im z| < half_width``; it is what turns the trapezoidal rule into a
    rule with a proven error (see :mod:`onestep.hermite`). On the real axis ``share`` of the bound
    holds: 1 for poles at the ends of the strip, less where the bound is that of an entire function.
    """

    half_width: float
    constant: float
    slope: float
    share: float = 1.0


@dataclass(frozen=True, eq=False)
class Activation:
    """An activation function sigma.

    Attributes
    ----------
    name
        Name or expression under which :func:`onestep.activations.get` finds it again.
    expression
        sympy expression in the real symbol ``z``: the definition; all else follows from it.
    strip
        Proven analyticity bound, or None.

    Examples
    --------
    >>> from onestep import activations
    >>> relu = activations.get("relu")
    >>> relu([-1.0, 2.0]), relu.derivative([-1.0, 0.0, 2.0])
    (array([0., 2.]), array([0. , 0.5, 1. ]))
    >>> relu.kinks, relu.parity, relu.growth.kind
    ((0.0,), 'none', 'power')
    """

    name: str
    expression: Any
    _value: Kernel
    _slope: Kernel
    strip: Strip | None = None

    @classmethod
    def compiled(cls, name: str, expression: Any) -> Activation:
        """With functions made from the expression."""
        value, slope = map(compile_expression, (expression, weak_derivative(expression)))
        return cls(name, expression, value, slope)

    def __call__(self, z: npt.ArrayLike) -> Array:
        """Evaluate sigma elementwise in float64, NaN at NaN."""
        return evaluate(self._value, z)

    def derivative(self, z: npt.ArrayLike) -> Array:
        """Evaluate sigma' elementwise; at a kink the mean of both sides, a jump counts nothing."""
        return evaluate(self._slope, z)

    @cached_property
    def slope(self) -> Activation:
        """The derivative as an activation; a jump counts nothing."""
        expression = weak_derivative(self.expression)
        curvature = compile_expression(weak_derivative(expression))
        return Activation(f"slope of {self.name}", expression, self._slope, curvature)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The smooth pieces, in increasing order."""
        return split(self.expression)

    @cached_property
    def kinks(self) -> tuple[float, ...]:
        """The points z where sigma is not smooth, increasing."""
        return tuple(float(piece.lower) for piece in self.pieces[1:])

    @cached_property
    def growth(self) -> Growth:
        """Growth in the tails; raises ValueError if no Gaussian makes sigma square-integrable."""
        return growth(self.pieces)

    @cached_property
    def parity(self) -> Parity:
        """``"even"``, ``"odd"`` or ``"none"``; proven from the pieces, ``"none"`` if undecided."""
        return parity(self.expression, self.pieces)

    def require_scale(self, scale: float) -> None:
        """Raise ValueError unless ``E sigma(mean + scale g)^2`` is finite."""
        if not scale < self.growth.max_scale:
            raise ValueError(
                f"scale: {scale:g} with activation {self.name!r}: E sigma(b g)^2 is finite "
                f"only for b < {self.growth.max_scale:g}"
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Activation) and bool(self.expression == other.expression)

    def __hash__(self) -> int:
        return hash(self.expression)

    def __repr__(self) -> str:
        return f"Activation({self.name!r}: {self.expression})"
