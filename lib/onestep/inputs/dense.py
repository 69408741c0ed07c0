"""Gaussian mixtures with full covariances, such as those of image classes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .._support.arrays import Array
from .mixture import check_clusters, draw_clusters


@dataclass(frozen=True)
class DenseMixture:
    """A mixture of C Gaussians whose covariances have no structure, and traces of any size.

    Moments of features are exact for unequal traces, too: each neuron has its own scale in each
    cluster. A polynomial model of one scale b (`onestep.network.HermiteModel`) is then not the
    network's; that of ``TrainedLayer.moments(degree=...)`` is.

    Attributes
    ----------
    weights, means
        ``rho``, shape (C,): probabilities of the clusters; and ``mu``, shape (C, n).
    covariances
        ``Sigma``, shape (C, n, n): symmetric and positive semidefinite, up to eigenvalues of -1e-8
        times the largest; else refused.

    Examples
    --------
    >>> covariances = np.array([np.diag([3.0, 1.0]), np.diag([4.0, 2.0])])
    >>> pair = DenseMixture(np.array([0.5, 0.5]), covariances, means=np.zeros((2, 2)))
    >>> pair.n, pair.traces, pair.trace, round(float(pair.spread_norm), 6)
    (2, array([4., 6.]), 5.0, 3.5)
    """

    weights: Array
    covariances: Array
    means: Array

    def __post_init__(self) -> None:
        shape = self.covariances.shape
        if len(shape) != 3 or shape[1] != shape[2] or shape[0] != self.weights.size:
            raise ValueError(
                f"covariances has shape {shape}; (C, n, n) with C = {self.weights.size} is needed"
            )
        check_clusters(self.weights, self.means, self.n)
        if not np.all(np.isfinite(self.covariances)):
            raise ValueError("covariances must be finite")
        if not np.allclose(self.covariances, self.covariances.transpose(0, 2, 1), rtol=1e-10):
            raise ValueError("covariances must be symmetric")
        if not np.any(self.covariances):
            raise ValueError("covariances must not all be 0")
        for c, (eigenvalues, _) in enumerate(self._decompositions):
            if eigenvalues[0] < -1e-8 * eigenvalues[-1]:
                raise ValueError(
                    f"covariances[{c}] has the eigenvalue {eigenvalues[0]:g}: it must be >= 0"
                )

    @cached_property
    def _decompositions(self) -> list[tuple[Array, Array]]:
        return [np.linalg.eigh(Sigma) for Sigma in self.covariances]

    @property
    def n(self) -> int:
        """Input dimension."""
        return int(self.covariances.shape[1])

    @property
    def trace(self) -> float:
        """``tr = sum_c rho_c Tr Sigma_c``."""
        return float(self.weights @ self.traces)

    @property
    def traces(self) -> Array:
        """``tr_c`` = Tr Sigma_c, shape (C,)."""
        return np.asarray(np.trace(self.covariances, axis1=1, axis2=2))

    def eigenvalues(self, c: int) -> Array:
        """Those of ``Sigma_c``, increasing, shape (n,)."""
        return self._decompositions[c][0]

    @property
    def spread_norm(self) -> float:
        """Operator norm of ``Sigma = sum_c rho_c Sigma_c``."""
        return float(np.linalg.norm(np.tensordot(self.weights, self.covariances, axes=1), 2))

    def bulk(self, c: int) -> Array:
        """See `onestep.inputs.Mixture`: the whole covariance."""
        return np.asarray(self.covariances[c])

    def spikes(self, c: int) -> Array:
        """See `onestep.inputs.Mixture`: none."""
        return np.zeros((self.n, 0))

    def covariance_times(self, c: int, v: Array) -> Array:
        """``Sigma_c v`` for v of shape (n,)."""
        return np.asarray(self.covariances[c] @ v)

    @cached_property
    def _roots(self) -> list[Array]:
        # Symmetric, as for spiked covariances: equal laws give equal draws.
        return [
            (U * np.sqrt(np.maximum(eigenvalues, 0))) @ U.T
            for eigenvalues, U in self._decompositions
        ]

    def sample(self, size: int, rng: np.random.Generator) -> tuple[Array, NDArray[np.intp]]:
        """See `onestep.inputs.Mixture`."""
        cluster = draw_clusters(self.weights, size, rng)
        X = rng.standard_normal((size, self.n))
        for c, root in enumerate(self._roots):
            rows = np.flatnonzero(cluster == c)
            X[rows] = X[rows] @ root + self.means[c]
        return X, cluster
