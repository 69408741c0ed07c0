"""Classes of real images as a mixture: drawn without replacement, or as Gaussians.

The preprocessing is that of Figures 3, 7 and 8 of arXiv 2503.00856: with the class mean mu_c and
the trace tr_c of the class covariance, an input is

    x = (theta / tr_c)^{1/2} (image - mu_c) + offset_c + N(0, I_n),

so that Tr Sigma_c = n + theta in every class. `theta` is the spread: n in the paper.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .._support import check
from .._support.arrays import Array
from .dense import DenseMixture
from .empirical import EmpiricalMixture
from .fashion import FashionMNIST
from .mixture import draw_clusters

CENTRINGS = ("class", "common")
"""``"class"``: class means removed (Figures 3, 7). ``"common"``: their midpoint only (Figure 8)."""

OFFSETS = ("published", "consistent")
"""Scale of the class means around their midpoint, which matters for ``"common"`` alone.

``"published"``: that of the class, ``(theta / tr_c)^{1/2}``, so that the midpoint moves.
``"consistent"``: that of the first class for both.
"""


@dataclass(frozen=True)
class ImageMixture:
    """Two classes of images, equally likely, after preprocessing.

    Attributes
    ----------
    pixels
        Images of the two classes, 0 to 255, shapes (N_c, n).
    spread
        theta >= 0: trace of the image part of every class covariance.
    centring, offsets
        One of `CENTRINGS` and one of `OFFSETS`.
    stretch
        Multiplies the offsets, >= 0: above 1, classes whose images are more alike than these,
        relative to the distance of their means.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> pixels = tuple(rng.integers(0, 256, (20, 9), dtype=np.uint8) for _ in range(2))
    >>> mixture = ImageMixture(pixels, spread=5.0)
    >>> round(float(mixture.gaussian.trace), 6)  # n + theta
    14.0
    """

    pixels: tuple[NDArray[np.uint8], NDArray[np.uint8]]
    spread: float
    centring: str = "class"
    offsets: str = "published"
    stretch: float = 1.0

    def __post_init__(self) -> None:
        check.keep(
            self,
            spread=check.magnitude("spread", self.spread),
            centring=check.choice("centring", self.centring, CENTRINGS),
            offsets=check.choice("offsets", self.offsets, OFFSETS),
            stretch=check.number("stretch", self.stretch, 0.0),
        )
        shapes = [each.shape for each in self.pixels]
        if len(shapes) != 2 or any(len(s) != 2 for s in shapes) or shapes[0][1] != shapes[1][1]:
            raise ValueError(f"pixels has the shapes {shapes}; two of shape (N_c, n) are needed")
        if any(each.dtype != np.uint8 for each in self.pixels):
            raise ValueError("pixels must be unsigned bytes")
        if any(trace <= 0 for trace in self.traces):
            raise ValueError(f"traces {self.traces} of the classes must be positive")

    @staticmethod
    def of(
        data: FashionMNIST,
        classes: tuple[int, int],
        spread: float,
        centring: str = "class",
        offsets: str = "published",
        stretch: float = 1.0,
    ) -> ImageMixture:
        """The mixture of two different classes of Fashion-MNIST."""
        one, two = classes
        if one == two:
            raise ValueError(f"classes = {classes!r} is not allowed: two different are needed")
        return ImageMixture((data.of(one), data.of(two)), spread, centring, offsets, stretch)

    @property
    def n(self) -> int:
        """Pixels of an image."""
        return int(self.pixels[0].shape[1])

    @cached_property
    def _sums(self) -> list[tuple[int, Array, Array]]:
        # Sums of whole numbers below 2^53 are exact in any order. So the moments, whose digest
        # keys the draws, are the same to the last bit on every machine.
        exact = [each.astype(float) for each in self.pixels]
        return [(len(each), each.sum(axis=0), each.T @ each) for each in exact]

    @cached_property
    def traces(self) -> tuple[float, float]:
        """``tr_c`` of the images' class covariances, in squared units of a pixel."""
        one, two = (
            (N * sum(map(int, np.diag(second))) - sum(int(s) ** 2 for s in first)) / N**2
            for N, first, second in self._sums
        )
        return one, two

    @property
    def factors(self) -> tuple[float, float]:
        """``(theta / tr_c)^{1/2}``."""
        one, two = (math.sqrt(self.spread / trace) for trace in self.traces)
        return one, two

    @cached_property
    def image_means(self) -> Array:
        """``mu_c`` of the images themselves, shape (2, n)."""
        return np.stack([first / N for N, first, _ in self._sums])

    @cached_property
    def means(self) -> Array:
        """``offset_c``, shape (2, n): class means of the preprocessed images."""
        if self.centring == "class":
            return np.zeros((2, self.n))
        one, two = self.factors
        half = 0.5 * self.stretch * (self.image_means[0] - self.image_means[1])
        return np.stack([one * half, -(two if self.offsets == "published" else one) * half])

    @cached_property
    def gaussian(self) -> DenseMixture:
        """The Gaussian mixture with the means and covariances of the preprocessed images."""
        covariances = np.stack(
            [
                np.eye(self.n) + factor**2 * (second / N - np.outer(first / N, first / N))
                for factor, (N, first, second) in zip(self.factors, self._sums, strict=True)
            ]
        )
        # Rounding of the covariances spoils the symmetry of no entry: each is one product.
        return DenseMixture(np.array([0.5, 0.5]), covariances, self.means)

    def without_noise(self, c: int, images: NDArray[np.uint8]) -> Array:
        """Images of class c after preprocessing, all but the noise."""
        return np.asarray(self.factors[c] * (images - self.image_means[c]) + self.means[c])

    def as_data(self) -> EmpiricalMixture:
        """These inputs as a data set, whose inputs get their noise when they are drawn."""
        classes = [self.without_noise(c, images) for c, images in enumerate(self.pixels)]
        cluster = np.repeat([0, 1], [len(each) for each in classes])
        return EmpiricalMixture(np.concatenate(classes), cluster, ("0", "1"), noise=1.0)

    def samples(
        self, sizes: Sequence[int], rng: np.random.Generator
    ) -> list[tuple[Array, NDArray[np.intp]]]:
        """Disjoint samples, inputs (size, n) and classes: no image occurs twice in any of them.

        The clusters are independent; a class with fewer images than are asked for is refused.
        """
        weights = np.array([0.5, 0.5])
        clusters = [draw_clusters(weights, size, rng) for size in sizes]
        together = np.concatenate(clusters)
        X = rng.standard_normal((together.size, self.n))
        for c, images in enumerate(self.pixels):
            rows = np.flatnonzero(together == c)
            if rows.size > len(images):
                raise ValueError(
                    f"sizes = {list(sizes)!r} are not allowed: {rows.size} images of class {c} are "
                    f"needed and there are {len(images)}; none is drawn twice"
                )
            chosen = images[rng.permutation(len(images))[: rows.size]]
            X[rows] += self.without_noise(c, chosen)
        ends = np.cumsum(sizes)[:-1]
        return list(zip(np.split(X, ends), clusters, strict=True))
