"""Where inputs and labels come from: mixtures of Gaussians, labels, images, a reader's own data."""

from . import fashion
from .dense import DenseMixture
from .empirical import SHRINKAGES, EmpiricalMixture, ledoit_wolf
from .images import CENTRINGS, OFFSETS, ImageMixture
from .labels import Classes, Labels, SingleIndex, aligned_direction, random_direction, scaled
from .mixture import Mixture, check_clusters, draw_clusters, scale
from .reading import LABELS, LEAST, SHIPPED, Data, read
from .spiked import CONSTRUCTIONS, GaussianMixture, published, spiked

__all__ = [
    "CENTRINGS", "CONSTRUCTIONS", "LABELS", "LEAST", "OFFSETS", "SHIPPED", "SHRINKAGES", "Classes",
    "Data", "DenseMixture", "EmpiricalMixture", "GaussianMixture", "ImageMixture", "Labels",
    "Mixture", "SingleIndex", "aligned_direction", "check_clusters", "draw_clusters", "fashion",
    "ledoit_wolf", "published", "random_direction", "read", "scale", "scaled", "spiked",
]  # fmt: skip
