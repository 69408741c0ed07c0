"""Simpler objects in the place of the trained network, compared with it draw by draw."""

from .comparison import SURROGATES, conditional_surrogate
from .projections import REDRAWN, feature_projections
from .step import step_decomposition

__all__ = [
    "REDRAWN", "SURROGATES", "conditional_surrogate", "feature_projections", "step_decomposition",
]  # fmt: skip
