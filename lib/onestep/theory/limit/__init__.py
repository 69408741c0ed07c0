"""The limit of large n: methods that draw nothing."""

from .averaged import Averaged, Solver
from .bulk import TypedBulk
from .convex_limit import convex_limit, with_loss
from .convex_scalar import AveragedFeatures
from .coordinate_rules import SCORED
from .first_layer import LayerOutlier, layer_outlier
from .input_functions import ClusterFunctions, InputFunctions
from .kernel_series import TooLarge
from .layout import Layout
from .neuron_types import NeuronTypes
from .outliers import BULKS, LEARNED, feature_law, predicted_outliers
from .scalar import Limit
from .scalar_conditional import ConditionalLimit
from .special_coordinates import Coordinates, FirstStep, coordinates, overlap_signs
from .typed_spectrum import Outlier, TypedSpectrum
from .without import INGREDIENTS, limit_without

__all__ = [
    "BULKS", "INGREDIENTS", "LEARNED", "SCORED",
    "Averaged", "AveragedFeatures", "ClusterFunctions", "ConditionalLimit", "Coordinates",
    "FirstStep", "InputFunctions",
    "LayerOutlier", "Layout", "Limit", "NeuronTypes", "Outlier", "Solver", "TooLarge", "TypedBulk",
    "TypedSpectrum", "convex_limit", "coordinates", "feature_law",
    "layer_outlier", "limit_without", "overlap_signs", "predicted_outliers", "with_loss",
]  # fmt: skip
