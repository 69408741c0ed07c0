"""Which degree the polynomial model needs: exponents, the rules, and their verification.

Public surface of the private modules behind the book's chapter on the degree.
"""

from ._boundaries import (
    BOUNDARIES,
    Boundary,
    ladder_exponent,
    measured_gap,
    predicted_gap,
)
from ._degree import RULES, degree, gap_exponent
from ._exponents import ALPHA, BETA, CHI, DIRECTIONS, Exponents, exponent, exponents
from ._gap import degree_gaps
from ._index_limit import Coupling, coupling, index_limit

__all__ = [
    "ALPHA",
    "BETA",
    "BOUNDARIES",
    "CHI",
    "DIRECTIONS",
    "RULES",
    "Boundary",
    "Coupling",
    "Exponents",
    "coupling",
    "degree",
    "degree_gaps",
    "exponent",
    "exponents",
    "gap_exponent",
    "index_limit",
    "ladder_exponent",
    "measured_gap",
    "predicted_gap",
]
