"""Activations, each defined once by a sympy expression.

>>> from onestep import activations
>>> activations.get("relu")([-1.0, 2.0])
array([0., 2.])
>>> activations.get("z*tanh(z)").parity
'even'
"""

from onestep.activations._activation import Activation, Strip
from onestep.activations._growth import Growth
from onestep.activations._parity import Parity
from onestep.activations._pieces import Piece, Z
from onestep.activations._registry import get, names, register, registered

__all__ = [
    "Activation",
    "Growth",
    "Parity",
    "Piece",
    "Strip",
    "Z",
    "get",
    "names",
    "register",
    "registered",
]
