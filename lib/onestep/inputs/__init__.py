"""Where inputs and labels come from: mixtures of Gaussians, labels, and classes of images."""

from . import fashion
from .dense import DenseMixture
from .images import CENTRINGS, OFFSETS, ImageMixture
from .labels import Classes, Labels, SingleIndex, aligned_direction, random_direction, scaled
from .mixture import Mixture, check_clusters, draw_clusters, scale
from .spiked import CONSTRUCTIONS, GaussianMixture, published, spiked

__all__ = [
    "CENTRINGS", "CONSTRUCTIONS", "OFFSETS", "Classes", "DenseMixture", "GaussianMixture",
    "ImageMixture", "Labels", "Mixture", "SingleIndex", "aligned_direction", "check_clusters",
    "draw_clusters", "fashion", "published", "random_direction", "scale", "scaled", "spiked",
]  # fmt: skip
