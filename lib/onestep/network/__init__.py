"""The network: a problem, one gradient step, the trained layer, and its readout.

`__all__` is what a reader may need; what is imported by ``as`` beside it serves the rooms above.
"""

from .convex_fit import convex_regression
from .convex_fit import fit_readout as fit_readout
from .correlations import PreactivationLaw as PreactivationLaw
from .correlations import correlations as correlations
from .drawing import TEST_SHARE as TEST_SHARE
from .drawing import Draw
from .drawing import Sample as Sample
from .drawing import check_given as check_given
from .drawing import draw as draw
from .drawing import require_shared_draws as require_shared_draws
from .drawing import trial_memory as trial_memory
from .drawing import undrawn_labels as undrawn_labels
from .errors import Errors, Prediction, Status
from .errors import to_dataset as to_dataset
from .losses import LOSSES, Clipped, Logistic, Loss, huber
from .losses import ProximalAverages as ProximalAverages
from .losses import against_the_rest as against_the_rest
from .losses import loss_of as loss_of
from .models import MODELS, FeatureMap, HermiteModel, Model, Network
from .models import named_models as named_models
from .models import resolve as resolve
from .moments import Moments
from .moments import class_moments as class_moments
from .moments import population_moments as population_moments
from .problem import Problem
from .problem_fields import blamed as blamed
from .readout_errors import readout_errors as readout_errors
from .ridge import Readout, ridge_regression
from .ridge import is_ridge_regression as is_ridge_regression
from .ridge import require_digits as require_digits
from .step import Weights, gradient, initialise
from .step import rank_one as rank_one
from .trained_layer import TrainedLayer
from .training import UPDATES, train

__all__ = [
    "LOSSES", "MODELS", "UPDATES", "Clipped", "Draw", "Errors", "FeatureMap", "HermiteModel",
    "Logistic", "Loss", "Model", "Moments", "Network", "Prediction", "Problem", "Readout",
    "Status", "TrainedLayer", "Weights", "convex_regression", "gradient", "huber",
    "initialise", "ridge_regression", "train",
]  # fmt: skip
