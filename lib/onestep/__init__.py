"""Two-layer networks after one gradient step under Gaussian mixtures: theory and its tests.

The package follows arXiv 2503.00856. Data flows one way: activations, Hermite coefficients,
mixture and labels, network and its step, ridge readout, models, problem, simulation, claims.
"""

__version__ = "0.1.0"

from . import activations, claims, datasets, degrees, hermite, plots
from ._conditional import conditional_surrogate
from ._degree import degree
from ._feature_spectrum import feature_law, feature_spectrum, predicted_outliers
from ._predict import predict, readout_curves
from ._problem import Problem
from ._projections import feature_projections
from ._simulate import relative_difference, simulate
from ._step import step_decomposition
from ._sweep import sweep
from .models import HermiteModel, Network

__all__ = [
    "HermiteModel",
    "Network",
    "Problem",
    "activations",
    "claims",
    "conditional_surrogate",
    "datasets",
    "degree",
    "degrees",
    "feature_law",
    "feature_projections",
    "feature_spectrum",
    "hermite",
    "plots",
    "predict",
    "predicted_outliers",
    "readout_curves",
    "relative_difference",
    "simulate",
    "step_decomposition",
    "sweep",
]
