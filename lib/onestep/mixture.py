"""Gaussian mixtures with spiked covariances: the inputs x of the paper.

``x | c ~ N(mu_c, Sigma_c)`` with probability ``rho_c`` and
``Sigma_c = I_n + sum_i theta_{c,i} gamma_{c,i} gamma_{c,i}^T``, orthonormal ``gamma_{c,i}`` within
a cluster, and the same trace for every cluster.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from . import check

Array = NDArray[np.float64]

_ORTHONORMAL = 1e-8


@dataclass(frozen=True)
class GaussianMixture:
    """A mixture of C Gaussians with d spikes each.

    Attributes
    ----------
    weights
        ``rho``, shape (C,): probabilities of the clusters.
    directions
        ``gamma``, shape (C, n, d): orthonormal columns per cluster.
    strengths
        ``theta``, shape (C, d): variance added along each column, >= 0.
    means
        ``mu``, shape (C, n).

    Raises
    ------
    ValueError
        If shapes disagree, the weights are no probabilities, columns are not orthonormal, a
        strength is negative, or the traces of the covariances differ.
    """

    weights: Array
    directions: Array
    strengths: Array
    means: Array

    def __post_init__(self) -> None:
        clusters, n, rank = self.directions.shape
        for name, shape in (
            ("weights", (clusters,)),
            ("strengths", (clusters, rank)),
            ("means", (clusters, n)),
        ):
            array = getattr(self, name)
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}; {shape} is needed")
            if not np.all(np.isfinite(array)):
                raise ValueError(f"{name} must be finite")
        if np.any(self.weights < 0) or abs(self.weights.sum() - 1) > 1e-12:
            raise ValueError(f"weights = {self.weights} must be >= 0 and sum to 1")
        if np.any(self.strengths < 0):
            raise ValueError(f"strengths = {self.strengths} must be >= 0")
        gram = np.einsum("cnd,cne->cde", self.directions, self.directions)
        if not np.all(np.abs(gram - np.eye(rank)) <= _ORTHONORMAL):
            raise ValueError("directions must have orthonormal columns in every cluster")
        traces = self.strengths.sum(axis=1)
        if np.ptp(traces) > 1e-8 * (n + traces.max()):
            raise ValueError(f"strengths sum to {traces}: the traces of the clusters must be equal")

    @property
    def n(self) -> int:
        """Input dimension."""
        return int(self.directions.shape[1])

    @property
    def trace(self) -> float:
        """``tr`` = Tr Sigma_c, equal over the clusters."""
        return float(self.n + self.strengths[0].sum())

    @property
    def spread_norm(self) -> float:
        """Operator norm of ``Sigma = sum_c rho_c Sigma_c``."""
        scaled = self.directions * np.sqrt(self.weights[:, None, None] * self.strengths[:, None, :])
        columns = np.concatenate(list(scaled), axis=1)
        return 1.0 + float(np.linalg.norm(columns, 2)) ** 2

    def covariance_times(self, c: int, v: Array) -> Array:
        """``Sigma_c v`` for v of shape (n,), in O(n d)."""
        gamma = self.directions[c]
        return np.asarray(v + gamma @ (self.strengths[c] * (gamma.T @ v)))

    def variance(self, direction: Array) -> float:
        """``v^T Sigma v`` for a direction v of shape (n,): variance within clusters, averaged."""
        along = np.einsum("cnd,n->cd", self.directions, direction) ** 2
        spread = np.sum(self.weights * np.sum(self.strengths * along, axis=1))
        return float(direction @ direction + spread)

    def shifted(self, means: Array) -> GaussianMixture:
        """The same mixture with cluster means `means`, shape (C, n)."""
        return replace(self, means=means)

    def sample(self, size: int, rng: np.random.Generator) -> tuple[Array, NDArray[np.intp]]:
        """Draw `size` inputs in O(size n d), without an n x n matrix.

        Returns
        -------
        tuple
            X of shape (size, n), one input a row, and the cluster of each row.
        """
        check.integer("size", size, 1)
        cluster = rng.choice(self.weights.size, size=size, p=self.weights)
        X = rng.standard_normal((size, self.n))
        stretch = np.sqrt(1.0 + self.strengths) - 1.0
        for c in range(self.weights.size):
            rows = np.flatnonzero(cluster == c)
            gamma = self.directions[c]
            # Copies of the rows of one cluster: the product runs at BLAS speed.
            block = X[rows]
            block += ((block @ gamma) * stretch[c]) @ gamma.T
            block += self.means[c]
            X[rows] = block
        return X, cluster


def spiked(
    n: int,
    weights: tuple[float, ...],
    rank: int,
    strength: float,
    alignment: float,
    rng: np.random.Generator,
) -> GaussianMixture:
    """Mixture with Haar-distributed spikes of one strength and a given overlap between clusters.

    Parameters
    ----------
    n
        Input dimension.
    weights
        ``rho``: probabilities of the C clusters.
    rank
        d: spikes per cluster; C * rank <= n.
    strength
        theta, the variance that every spike adds, >= 0.
    alignment
        ``a`` in [-1, 1]: ``gamma_c^T gamma_1 = a I_d`` exactly, for every c > 1, by
        ``gamma_c = a gamma_1 + sqrt(1 - a^2) gamma'_c`` with ``gamma'_c`` orthogonal to
        ``gamma_1``. At ``a = 0`` spikes of different clusters are exactly orthogonal; the paper's
        independent directions overlap by O(n^{-1/2}).
    rng
        Source of the directions.
    """
    clusters = len(weights)
    if clusters * rank > n:
        raise ValueError(
            f"rank = {rank} is not allowed: len(weights) * rank = {clusters * rank} must not "
            f"exceed n = {n}"
        )
    gaussian = rng.standard_normal((n, clusters * rank))
    Q, R = np.linalg.qr(gaussian)
    Q *= np.sign(np.diag(R))  # makes the columns Haar distributed
    fresh = Q.reshape(n, clusters, rank).transpose(1, 0, 2)
    directions = alignment * fresh[:1] + np.sqrt(1 - alignment**2) * fresh
    directions[0] = fresh[0]
    return GaussianMixture(
        weights=np.asarray(weights, dtype=float),
        directions=directions,
        strengths=np.full((clusters, rank), float(strength)),
        means=np.zeros((clusters, n)),
    )
