"""The limit of large n: methods that draw nothing."""

from .bulk import TypedBulk
from .index import Coupling, coupling, index_limit
from .kernel import KernelLimit
from .neuron_types import NeuronTypes
from .scalar import Limit
from .scalar_conditional import ConditionalLimit
from .special_coordinates import Coordinates, FirstStep, Layout, coordinates, overlap_signs
from .wide_kernel import KERNEL_DEGREE, KERNEL_RULES, WideKernel
from .without import INGREDIENTS, limit_without

__all__ = [
    "INGREDIENTS", "KERNEL_DEGREE", "KERNEL_RULES", "ConditionalLimit", "Coordinates",
    "Coupling", "FirstStep", "KernelLimit", "Layout", "Limit", "NeuronTypes", "TypedBulk",
    "WideKernel", "coordinates", "coupling", "index_limit", "limit_without", "overlap_signs",
]  # fmt: skip
