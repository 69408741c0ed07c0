"""Activations, each defined once by a sympy expression."""

from .activation import Activation
from .activation import Strip as Strip
from .growth import Growth
from .parity import Parity
from .pieces import Piece, Z
from .registry import get, names, register
from .registry import registered as registered

__all__ = [
    "Activation", "Growth", "Parity", "Piece", "Z", "get", "names", "register",
]  # fmt: skip
