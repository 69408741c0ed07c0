"""Mixtures of Gaussians with spiked covariances, and two ways to draw their spikes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import blas

from .._support import check
from .._support.arrays import Array
from .mixture import check_clusters, draw_clusters

_EXACT = 1e-8


@dataclass(frozen=True)
class GaussianMixture:
    """A mixture of C Gaussians with d spikes each.

    Source: arXiv 2503.00856; the book's chapter *The setting*.

    Attributes
    ----------
    weights, means
        ``rho``, shape (C,): probabilities of the clusters; and ``mu``, shape (C, n).
    directions
        ``gamma``, shape (C, n, d): orthonormal columns per cluster.
    strengths
        ``theta``, shape (C, d): variance added along each column, >= 0.
    tolerance
        How far the columns may be from orthonormal, entry by entry of their Gram matrix, and the
        traces from equal, relatively; beyond, they are refused. Only constructions that are not
        exact need more than the default.

    Examples
    --------
    >>> e = np.eye(3)
    >>> directions = np.stack([e[:, :1], e[:, 1:2]])
    >>> parts = np.full(2, 0.5), directions, np.full((2, 1), 4.0), np.zeros((2, 3))
    >>> mixture = GaussianMixture(*parts)
    >>> mixture.covariance_times(0, e[0]), mixture.trace  # diag(5, 1, 1)
    (array([5., 0., 0.]), 7.0)
    >>> mixture.variance(e[0]), mixture.sample(7, np.random.default_rng(0))[0].shape
    (3.0, (7, 3))
    """

    weights: Array
    directions: Array
    strengths: Array
    means: Array
    tolerance: float = _EXACT

    def __post_init__(self) -> None:
        check.keep(self, tolerance=check.number("tolerance", self.tolerance, 0.0, 1.0))
        if self.directions.ndim != 3:
            raise ValueError(f"directions has shape {self.directions.shape}; (C, n, d) is needed")
        clusters, n, rank = self.directions.shape
        for name, shape in (("weights", (clusters,)), ("strengths", (clusters, rank))):
            array = getattr(self, name)
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}; {shape} is needed")
        check_clusters(self.weights, self.means, n)
        if not np.all(self.strengths >= 0) or not np.all(np.isfinite(self.strengths)):
            raise ValueError(f"strengths = {self.strengths} must be finite and >= 0")
        gram = np.einsum("cnd,cne->cde", self.directions, self.directions)
        if not np.all(np.abs(gram - np.eye(rank)) <= self.tolerance):
            raise ValueError("directions must have orthonormal columns in every cluster")
        traces = self._traces()
        if np.ptp(traces) > self.tolerance * traces.max():
            raise ValueError(
                f"traces {traces} of the clusters must be equal: mend the strengths, or take a "
                "DenseMixture, in which they may differ"
            )

    @property
    def n(self) -> int:
        """Input dimension."""
        return int(self.directions.shape[1])

    @property
    def trace(self) -> float:
        """``tr`` = Tr Sigma_c, equal over the clusters (else, that of the first)."""
        return float(self._traces()[0])

    def _traces(self) -> Array:
        squares = np.sum(self.directions**2, axis=1)
        return np.asarray(self.n + np.sum(self.strengths * squares, axis=1))

    @property
    def spread_norm(self) -> float:
        """Operator norm of ``Sigma = sum_c rho_c Sigma_c``."""
        scaled = self.directions * np.sqrt(self.weights[:, None, None] * self.strengths[:, None, :])
        columns = np.concatenate(list(scaled), axis=1)
        return 1.0 + float(np.linalg.norm(columns, 2)) ** 2

    def bulk(self, c: int) -> None:
        """See `Mixture`: the identity."""

    def spikes(self, c: int) -> Array:
        """See `Mixture`."""
        return np.asarray(self.directions[c] * np.sqrt(self.strengths[c]))

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
        """See `Mixture`; in O(size n d), without an n x n matrix."""
        cluster = draw_clusters(self.weights, size, rng)
        X = rng.standard_normal((size, self.n))
        axes, factors = [], []
        for c in range(self.weights.size):
            # The square root of I + S S^T, also where the columns of S are not orthogonal.
            U, s, _ = np.linalg.svd(self.spikes(c), full_matrices=False)
            axes.append(U)
            factors.append(np.outer(cluster == c, np.sqrt(1.0 + s**2) - 1.0))
        U = np.hstack(axes)
        shares = (X @ U) * np.hstack(factors)
        # X += shares U^T without a copy: BLAS works on columns, so on the transpose.
        X = blas.dgemm(1.0, U, shares.T, 1.0, X.T, overwrite_c=True).T
        if np.any(self.means):
            X += self.means[cluster]
        return X, cluster


def spiked(
    n: int,
    weights: tuple[float, ...],
    rank: int,
    strength: ArrayLike,
    alignment: float,
    rng: np.random.Generator,
) -> GaussianMixture:
    """Mixture with Haar-distributed spikes and an exact overlap between clusters.

    Parameters
    ----------
    n, weights, rank
        Input dimension, probabilities ``rho`` of the C clusters, and d spikes per cluster; C d <=
        n.
    strength
        theta >= 0, the variance that a spike adds: one number, or one for each, shape (C, d).
    alignment
        ``a`` in [-1, 1]: ``gamma_c^T gamma_1 = a I_d`` exactly, for every c > 1, by
        ``gamma_c = a gamma_1 + sqrt(1 - a^2) gamma'_c`` with ``gamma'_c`` orthogonal to
        ``gamma_1``. At ``a = 0`` spikes of different clusters are exactly orthogonal; the paper's
        independent directions overlap by O(n^{-1/2}).
    rng
        Source of the directions.

    Examples
    --------
    >>> mixture = spiked(20, (0.5, 0.5), 2, 4.0, 0.6, np.random.default_rng(0))
    >>> first, second = mixture.directions
    >>> np.allclose(second.T @ first, 0.6 * np.eye(2)), np.allclose(first.T @ first, np.eye(2))
    (True, True)
    >>> mixture.trace  # n + d theta
    28.0
    """
    alignment = check.number("alignment", alignment, -1.0, 1.0)
    clusters = len(weights)
    if clusters * rank > n:
        raise ValueError(
            f"rank = {rank} is not allowed: len(weights) * rank = {clusters * rank} must not "
            f"exceed n = {n}"
        )
    fresh = _haar(n, clusters * rank, rng).reshape(n, clusters, rank).transpose(1, 0, 2)
    return _aligned(weights, fresh, strength, alignment, _EXACT)


def published(
    n: int,
    weights: tuple[float, ...],
    rank: int,
    strength: ArrayLike,
    alignment: float,
    rng: np.random.Generator,
) -> GaussianMixture:
    """The construction of the paper's published experiments; arguments as for `spiked`.

    The matrices ``gamma'_c`` are Haar distributed and *independent* of ``gamma_1``, not orthogonal
    to it, so that ``gamma_c = a gamma_1 + sqrt(1 - a^2) gamma'_c`` is orthonormal only up to
    O(n^{-1/2}), and so are the equality of the traces and the overlap ``a``. The rank may not
    exceed n, and columns may be off by 1 at most.

    Examples
    --------
    >>> mixture = published(100, (0.5, 0.5), 1, 4.0, 0.6, np.random.default_rng(0))
    >>> overlap = (mixture.directions[1].T @ mixture.directions[0]).item()
    >>> 1e-6 < abs(overlap - 0.6) < 0.5
    True
    """
    if rank > n:
        raise ValueError(f"rank = {rank} is not allowed: it must not exceed n = {n}")
    fresh = np.stack([_haar(n, rank, rng) for _ in weights])
    return _aligned(weights, fresh, strength, alignment, 1.0)


CONSTRUCTIONS = {"exact": spiked, "published": published}
"""Ways to draw the spikes of a mixture, by name."""


def _haar(n: int, columns: int, rng: np.random.Generator) -> Array:
    Q, R = np.linalg.qr(rng.standard_normal((n, columns)))
    return np.asarray(Q * np.sign(np.diag(R)))  # without the signs it is not Haar distributed


def _aligned(
    weights: tuple[float, ...],
    fresh: Array,
    strength: ArrayLike,
    alignment: float,
    tolerance: float,
) -> GaussianMixture:
    clusters, n, rank = fresh.shape
    directions = alignment * fresh[:1] + np.sqrt(1 - alignment**2) * fresh
    directions[0] = fresh[0]
    return GaussianMixture(
        weights=np.asarray(weights, dtype=float),
        directions=directions,
        strengths=np.array(np.broadcast_to(strength, (clusters, rank)), dtype=float),
        means=np.zeros((clusters, n)),
        tolerance=tolerance,
    )
