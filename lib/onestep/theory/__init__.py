"""Errors and spectra by formula."""

from . import limit
from .conditional import ConditionalFeatures
from .convex_equivalent import ConvexEquivalent
from .convex_readout import ClassErrors
from .domain import Conditions, Domain
from .equivalent import Spectrum
from .gaps import degree_gaps, layer_errors
from .gaussian_classes import gaussian_classes
from .methods import METHODS, GivenTheLayer, Guarded, InTheLimit, Solver
from .prediction import predict, readout_curves
from .spectra import COORDINATES, feature_spectrum

__all__ = [
    "COORDINATES",
    "METHODS",
    "ClassErrors",
    "ConditionalFeatures",
    "Conditions",
    "ConvexEquivalent",
    "Domain",
    "GivenTheLayer",
    "Guarded",
    "InTheLimit",
    "Solver",
    "Spectrum",
    "degree_gaps",
    "feature_spectrum",
    "gaussian_classes",
    "layer_errors",
    "limit",
    "predict",
    "readout_curves",
]  # fmt: skip
