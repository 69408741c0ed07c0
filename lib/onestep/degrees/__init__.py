"""Which degree the polynomial model needs: exponents and rules."""

from .exponents import ALPHA, BETA, CHI, DIRECTIONS, LABELS, Exponents, exponent, exponents
from .rules import DEGREE_CAP, RULES, default_degree, degree, gap_exponent, published_degree

__all__ = [
    "ALPHA", "BETA", "CHI", "DEGREE_CAP", "DIRECTIONS", "LABELS", "RULES", "Exponents",
    "default_degree", "degree", "exponent", "exponents", "gap_exponent", "published_degree",
]  # fmt: skip
