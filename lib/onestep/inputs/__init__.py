"""Where inputs and labels come from: mixtures of Gaussians, labels, images, a reader's own data."""

from . import fashion
from .dense import DenseMixture
from .empirical import SHRINKAGES, EmpiricalMixture
from .images import CENTRINGS, OFFSETS, ImageMixture
from .labels import Classes, Labels, SingleIndex, aligned_direction, random_direction
from .labels import scaled as scaled
from .mixture import Mixture
from .mixture import scale as scale
from .reading import LABELS, LEAST, SHIPPED, Data, read
from .spiked import CONSTRUCTIONS, GaussianMixture, published, spiked

__all__ = [
    "CENTRINGS", "CONSTRUCTIONS", "LABELS", "LEAST", "OFFSETS", "SHIPPED", "SHRINKAGES", "Classes",
    "Data", "DenseMixture", "EmpiricalMixture", "GaussianMixture", "ImageMixture", "Labels",
    "Mixture", "SingleIndex", "aligned_direction", "fashion", "published", "random_direction",
    "read", "spiked",
]  # fmt: skip
