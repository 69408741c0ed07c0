"""What the fixed point of a convex readout needs of features that are Gaussian given a node s.

A node is a class, or a class and coordinates of an input. Means are ``axes @ parts``, one column of
`parts` for each node: few directions serve many nodes. Q is the inverse of ``ridge I + sum a S``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, lapack

from .._support.arrays import Array


class Features(Protocol):
    """Means, and S_s about 0 or about the means; Q and w are told as the features like it best.

    A few classes have S_s about their means, to which samples without number are near. Of many
    nodes the means scatter from sample to sample like the rest: then S_s is about 0. Nodes of one
    of the `groups` share a label, and their scores together are nearly Gaussian.
    """

    parts: Array
    with_means: bool
    groups: NDArray[np.intp]

    def inverse(self, ridge: float, a: Array) -> Any:
        """``Q = (ridge I + sum_s a_s S_s)^{-1}``."""

    def traces(self, Q: Any) -> Array:
        """``Tr S_s Q`` at every node."""

    def spread(self, Q: Any, u: Array) -> Array:
        """``Tr S_s Q (sum_s' u_s' S_s') Q`` at every node."""

    def gram(self, Q: Any) -> Array:
        """``axes^T Q axes``."""

    def weights(self, Q: Any, c: Array) -> Any:
        """``w = Q axes c``."""

    def variances(self, w: Any) -> Array:
        """``Var[w^T phi | s]`` at every node."""

    def norm(self, w: Any, Q: Any, u: Array) -> float:
        """``||w||^2 + Tr Q (sum_s u_s S_s) Q``, of what has a ridge."""


class DiagonalClasses:
    """Classes of diagonal covariances, shape (classes, d), about means mu of that shape."""

    with_means = False

    def __init__(self, mu: Array, S: Array) -> None:
        self._axes, self.parts = np.linalg.qr(mu.T)
        self.groups = np.arange(len(mu))
        self._S = S

    def inverse(self, ridge: float, a: Array) -> Array:
        """See `Features`: its diagonal."""
        return np.asarray(1 / (ridge + a @ self._S))

    def spread(self, Q: Array, u: Array) -> Array:
        """See `Features`."""
        return self.traces(Q * (u @ self._S) * Q)

    def traces(self, Q: Array) -> Array:
        """See `Features`."""
        return np.asarray(self._S @ Q)

    def norm(self, w: Array, Q: Array, u: Array) -> float:
        """See `Features`."""
        return float(np.sum(w**2 + Q * (u @ self._S) * Q))

    def gram(self, Q: Array) -> Array:
        """See `Features`."""
        return np.asarray((self._axes.T * Q) @ self._axes)

    def weights(self, Q: Array, c: Array) -> Array:
        """See `Features`."""
        return np.asarray(Q * (self._axes @ c))

    def variances(self, w: Array) -> Array:
        """See `Features`."""
        return np.asarray(self._S @ w**2)


def ridged_inverse(S: Array, ridge: float) -> Array:
    """``(ridge I + S)^{-1}`` for a symmetric S, which is overwritten: half of what `inv` costs."""
    S.flat[:: len(S) + 1] += ridge
    lower, _ = lapack.dpotri(cholesky(S, lower=True, overwrite_a=True), lower=True)
    return np.asarray(np.tril(lower) + np.tril(lower, -1).T)


class DenseFeatures(ABC):
    """What is the same wherever Q is a matrix."""

    with_means: bool

    def __init__(self, axes: Array, parts: Array) -> None:
        self._axes, self.parts = axes, parts
        self.groups = np.arange(parts.shape[1])

    @abstractmethod
    def sum(self, u: Array) -> Array:
        """``sum_s u_s S_s``."""

    @abstractmethod
    def traces(self, Q: Array) -> Array:
        """See `Features`."""

    @abstractmethod
    def variances(self, w: Array) -> Array:
        """See `Features`."""

    def inverse(self, ridge: float, a: Array) -> Array:
        """See `Features`."""
        return ridged_inverse(self.sum(a), ridge)

    def spread(self, Q: Array, u: Array) -> Array:
        """See `Features`."""
        return self.traces(Q @ self.sum(u) @ Q)

    def norm(self, w: Array, Q: Array, u: Array) -> float:
        """See `Features`."""
        return float(w @ w + np.sum(Q * (Q @ self.sum(u))))

    def cross(self, Q: Array, other: Array, u: Array) -> Array:
        """``Tr S_s Q (sum_s' u_s' S_s') Q'`` of two readouts, at every node."""
        found = Q @ self.sum(u) @ other
        return self.traces(0.5 * (found + found.T))

    def covariances(self, w: Array, other: Array) -> Array:
        """``Cov[w^T phi, w'^T phi | s]`` of two readouts, at every node."""
        return 0.25 * (self.variances(w + other) - self.variances(w - other))

    def gram(self, Q: Array) -> Array:
        """See `Features`."""
        return np.asarray(self._axes.T @ Q @ self._axes)

    def weights(self, Q: Array, c: Array) -> Array:
        """See `Features`."""
        return np.asarray(Q @ (self._axes @ c))


class DenseClasses(DenseFeatures):
    """Classes of full covariances, shape (classes, d, d), about means of shape (classes, d)."""

    with_means = False

    def __init__(self, mu: Array, S: Array) -> None:
        super().__init__(*np.linalg.qr(mu.T))
        self._S = S

    def sum(self, u: Array) -> Array:
        """See `DenseFeatures`."""
        return np.asarray(np.tensordot(u, self._S, 1))

    def traces(self, Q: Array) -> Array:
        """See `Features`."""
        return np.array([np.vdot(each, Q) for each in self._S])

    def variances(self, w: Array) -> Array:
        """See `Features`."""
        return np.asarray((self._S @ w) @ w)
