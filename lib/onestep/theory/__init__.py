"""Errors by formula."""

from . import limit
from .conditional import ConditionalFeatures
from .equivalent import Spectrum
from .gaps import degree_gaps
from .prediction import METHODS, predict, readout_curves, solver_of

__all__ = [
    "METHODS",
    "ConditionalFeatures",
    "Spectrum",
    "degree_gaps",
    "limit",
    "predict",
    "readout_curves",
    "solver_of",
]
