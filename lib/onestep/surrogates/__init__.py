"""Simpler objects in the place of the trained network, compared with it draw by draw."""

from .comparison import SURROGATES, conditional_surrogate
from .gaussian import Surrogate, Unconditional, conditional
from .projections import REDRAWN, feature_projections
from .special import Special, Split, SplitLayer
from .step import step_decomposition

__all__ = [
    "REDRAWN", "SURROGATES", "Special", "Split", "SplitLayer", "Surrogate", "Unconditional",
    "conditional", "conditional_surrogate", "feature_projections", "step_decomposition",
]  # fmt: skip
