"""Gaussian mixtures with spiked covariances: the inputs x of the paper.

``x | c ~ N(mu_c, Sigma_c)`` with probability ``rho_c`` and
``Sigma_c = I_n + sum_i theta_{c,i} gamma_{c,i} gamma_{c,i}^T``, orthonormal ``gamma_{c,i}`` within
a cluster, and the same trace for every cluster.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .._support import check
from .._support.arrays import Array


class Mixture(Protocol):
    """What the theory needs to know of a mixture of C Gaussians in dimension n.

    Examples
    --------
    >>> from onestep import inputs
    >>> mixture: Mixture = inputs.spiked(10, (0.5, 0.5), 1, 6.0, 0.0, np.random.default_rng(0))
    >>> mixture.n, mixture.trace
    (10, 16.0)
    """

    @property
    def weights(self) -> Array:
        """``rho``, shape (C,): probabilities of the clusters."""

    @property
    def means(self) -> Array:
        """``mu``, shape (C, n)."""

    @property
    def n(self) -> int:
        """Input dimension."""

    @property
    def trace(self) -> float:
        """``tr`` = Tr Sigma_c, equal over the clusters, or its mean where they are not."""

    @property
    def spread_norm(self) -> float:
        """Operator norm of ``Sigma = sum_c rho_c Sigma_c``."""

    def bulk(self, c: int) -> Array | None:
        """``B_c`` of ``Sigma_c = B_c + S_c S_c^T``, shape (n, n); None for the identity."""

    def spikes(self, c: int) -> Array:
        """``S_c`` of ``Sigma_c = B_c + S_c S_c^T``, shape (n, d)."""

    def covariance_times(self, c: int, v: Array) -> Array:
        """``Sigma_c v`` for v of shape (n,)."""

    def sample(self, size: int, rng: np.random.Generator) -> tuple[Array, NDArray[np.intp]]:
        """Inputs X of shape (size, n), one a row, and the cluster of each row."""


def scale(mixture: Mixture) -> float:
    """``b = sqrt(n / tr)``: size of a neuron's bulk preactivation at initialisation."""
    return float(np.sqrt(mixture.n / mixture.trace))


def check_clusters(weights: Array, means: Array, n: int) -> None:
    """Refuse weights that are no probabilities, and means that do not fit them."""
    if weights.ndim != 1 or not np.all(np.isfinite(weights)):
        raise ValueError(f"weights = {weights} must be one finite number for each cluster")
    if np.any(weights < 0) or abs(weights.sum() - 1) > 1e-12:
        raise ValueError(f"weights = {weights} must be >= 0 and sum to 1")
    if means.shape != (weights.size, n):
        raise ValueError(f"means has shape {means.shape}; {(weights.size, n)} is needed")
    if not np.all(np.isfinite(means)):
        raise ValueError("means must be finite")


def draw_clusters(weights: Array, size: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Cluster of each of `size` inputs, independent."""
    size = check.integer("size", size, 1)
    return rng.choice(weights.size, size=size, p=weights)
