"""The limit of large n: methods that draw nothing."""

from .coordinates import Coordinates, FirstStep, coordinates
from .index import Coupling, coupling, index_limit
from .kernel import KernelLimit
from .neuron_types import NeuronTypes, neuron_types
from .scalar import Limit
from .scalar_conditional import ConditionalLimit
from .typed_bulk import Resolvent, TypedBulk
from .wide_kernel import DEGREE, WideKernel, wide_kernel
from .without import INGREDIENTS, limit_without

__all__ = [
    "DEGREE",
    "INGREDIENTS",
    "ConditionalLimit",
    "Coordinates",
    "Coupling",
    "FirstStep",
    "KernelLimit",
    "Limit",
    "NeuronTypes",
    "Resolvent",
    "TypedBulk",
    "WideKernel",
    "coordinates",
    "coupling",
    "index_limit",
    "limit_without",
    "neuron_types",
    "wide_kernel",
]
