"""Where inputs and labels come from: mixtures of Gaussians, labels, images, a reader's own data."""

from . import fashion
from .checked import KINDS, LEAST, Data
from .dense import DenseMixture
from .empirical import SHRINKAGES, EmpiricalMixture
from .empirical import halves as halves
from .images import CENTRINGS, OFFSETS, ImageMixture
from .labels import Classes, Labels, SingleIndex, aligned_direction, random_direction
from .labels import scaled as scaled
from .linear import Linear
from .mixture import Mixture
from .mixture import scale as scale
from .reading import LABELS, SHIPPED, read
from .spiked import CONSTRUCTIONS, GaussianMixture, published, spiked

__all__ = [
    "CENTRINGS", "CONSTRUCTIONS", "KINDS", "LABELS", "LEAST", "OFFSETS", "SHIPPED", "SHRINKAGES",
    "Classes", "Data", "DenseMixture", "EmpiricalMixture", "GaussianMixture", "ImageMixture",
    "Labels", "Linear", "Mixture", "SingleIndex", "aligned_direction", "fashion", "published",
    "random_direction", "read", "spiked",
]  # fmt: skip
