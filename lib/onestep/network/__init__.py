"""The network: a problem, one gradient step, the trained layer, and its readout."""

from .correlations import PreactivationLaw, correlations
from .drawing import Draw, Sample, check_given, draw, shares_draws
from .errors import Equivalent, Errors, Status
from .models import MODELS, FeatureMap, HermiteModel, Model, Network, named_models, resolve
from .moments import Layer, Moments
from .problem import Problem
from .readout import Readout, ridge_path, ridge_regression
from .step import RankOne, Weights, gradient, gradient_at, initialise, rank_one
from .trained_layer import run, trained_layer

__all__ = [
    "MODELS",
    "Draw",
    "Equivalent",
    "Errors",
    "FeatureMap",
    "HermiteModel",
    "Layer",
    "Model",
    "Moments",
    "Network",
    "PreactivationLaw",
    "Problem",
    "RankOne",
    "Readout",
    "Sample",
    "Status",
    "Weights",
    "check_given",
    "correlations",
    "draw",
    "gradient",
    "gradient_at",
    "initialise",
    "named_models",
    "rank_one",
    "resolve",
    "ridge_path",
    "ridge_regression",
    "run",
    "shares_draws",
    "trained_layer",
]
