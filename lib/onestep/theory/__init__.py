"""Errors and spectra by formula."""

from . import any_spectrum, limit
from .conditional import ConditionalFeatures
from .convex_equivalent import ConvexEquivalent
from .convex_readout import ClassErrors
from .domain import Conditions, Domain
from .equivalent import Spectrum
from .gaps import degree_gaps, layer_errors
from .gaussian_classes import gaussian_classes
from .landscape import CHOICES, Landscape
from .limit import Solver
from .methods import METHODS, GivenTheLayer, Guarded, InTheLimit
from .optimum import Optimum, optimum
from .prediction import predict, readout_curves
from .sensitivity import sensitivity
from .spectra import COORDINATES, feature_spectrum

__all__ = [
    "CHOICES",
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
    "Landscape",
    "Optimum",
    "Solver",
    "Spectrum",
    "any_spectrum",
    "degree_gaps",
    "feature_spectrum",
    "gaussian_classes",
    "layer_errors",
    "limit",
    "optimum",
    "predict",
    "readout_curves",
    "sensitivity",
]  # fmt: skip
