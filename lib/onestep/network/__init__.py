"""The network: a problem, one gradient step, the trained layer, and its readout."""

from .convex_fit import convex_regression, fit_readout
from .correlations import PreactivationLaw, correlations
from .drawing import TEST_SHARE, Draw, Sample, check_given, draw, require_shared_draws, trial_memory
from .errors import Errors, Prediction, Status, to_dataset
from .losses import (
    LOSSES,
    Clipped,
    Logistic,
    Loss,
    ProximalAverages,
    against_the_rest,
    huber,
    loss_of,
)
from .models import MODELS, FeatureMap, HermiteModel, Model, Network, named_models, resolve
from .moments import (
    Classwise,
    Moments,
    class_moments,
    generalization_errors,
    population_moments,
    preactivation_laws,
)
from .problem import Problem
from .readout_errors import readout_errors
from .ridge import (
    Readout,
    is_ridge_regression,
    require_digits,
    require_sample,
    ridge_regression,
)
from .step import RankOne, Weights, gradient, gradient_at, initialise, rank_one
from .trained_layer import TrainedLayer
from .training import UPDATES, train

__all__ = [
    "LOSSES", "MODELS", "TEST_SHARE", "UPDATES", "Classwise", "Clipped", "Draw", "Errors",
    "FeatureMap", "HermiteModel", "Logistic", "Loss", "Model", "Moments", "Network",
    "PreactivationLaw", "Prediction", "Problem", "ProximalAverages", "RankOne", "Readout", "Sample",
    "Status", "TrainedLayer", "Weights", "against_the_rest", "check_given", "class_moments",
    "convex_regression",
    "correlations", "draw", "fit_readout", "generalization_errors", "gradient", "gradient_at",
    "huber", "initialise", "is_ridge_regression", "loss_of", "named_models", "population_moments",
    "preactivation_laws", "rank_one", "readout_errors", "require_digits", "require_sample",
    "require_shared_draws", "resolve", "ridge_regression", "to_dataset", "train", "trial_memory",
]  # fmt: skip
