"""Means and covariances of the features in every class, and what a fixed point needs of them."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from .._support.arrays import Array


class DiagonalClasses:
    """What the fixed point needs of the features, for diagonal covariances."""

    def __init__(self, mu: Array, S: Array) -> None:
        self.mu, self.S = mu, S

    def forms(self, ridge: float, a: Array) -> tuple[Array, ...]:
        """With Q the inverse of ``ridge I + sum_c a_c S_c``, what the fixed point needs.

        ``mu Q mu^T``, ``mu Q S_c Q mu^T``, ``Tr S_c Q``, ``Tr S_c Q S_c' Q``, ``Tr Q S_c Q`` and
        ``mu Q``.
        """
        Q = 1 / (ridge + a @ self.S)
        SQ, muQ = self.S * Q, self.mu * Q
        between = np.stack([(muQ * each) @ muQ.T for each in self.S])
        return muQ @ self.mu.T, between, SQ.sum(1), SQ @ SQ.T, SQ @ Q, muQ


class DenseClasses:
    """The same for full covariances."""

    def __init__(self, mu: Array, S: Array) -> None:
        self.mu, self.S = mu, S

    def forms(self, ridge: float, a: Array) -> tuple[Array, ...]:
        """See `DiagonalClasses`."""
        d = self.mu.shape[1]
        B = np.tensordot(a, self.S, 1)
        B.flat[:: d + 1] += ridge
        Q = cho_solve(cho_factor(B, check_finite=False), np.eye(d), check_finite=False)
        SQ, muQ = self.S @ Q, self.mu @ Q
        between = muQ @ self.S @ muQ.T
        cross = np.array([[np.sum(one * other.T) for other in SQ] for one in SQ])
        norms = np.array([np.sum(Q * each) for each in SQ])
        return muQ @ self.mu.T, between, np.einsum("cii->c", SQ), cross, norms, muQ
