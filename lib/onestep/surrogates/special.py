"""The finitely many special directions of an input, and what is left of it: the Gaussian bulk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from .._support.arrays import Array
from ..inputs import Labels, Mixture
from ..network import TrainedLayer

_INDEPENDENT = 1e-8  # relative singular value below which directions count as dependent


@dataclass(frozen=True)
class Special:
    """Orthonormal basis of the special directions: spikes, the label's index, the learned v.

    Given its cluster c and its coordinates ``basis^T x``, the rest of an input is standard normal
    on the orthogonal complement, about the cluster's mean: every spike lies in the span.

    Attributes
    ----------
    basis
        Shape (n, s), orthonormal columns.

    Examples
    --------
    >>> from onestep.network import Problem, TrainedLayer
    >>> layer = TrainedLayer.train(Problem(n=30, m=40, k=20))
    >>> special = Special.of(layer.inputs, layer.labels, np.ones(30))
    >>> special.bulk_dimension  # without two spikes, xi, and the vector of ones
    26
    >>> np.allclose(special.outside(layer.F) @ special.basis, 0)
    True
    """

    basis: Array

    @classmethod
    def of(cls, inputs: Mixture, labels: Labels, v: Array) -> Special:
        """Span of all spikes, of the label's directions in all clusters, and of v, shape (n,).

        Raises
        ------
        ValueError
            If v has another length than the inputs, is not finite, if a cluster's covariance is
            more than the identity and spikes, or if no dimension is left for the bulk.
        """
        if v.shape != (inputs.n,) or not np.all(np.isfinite(v)):
            raise ValueError(f"v has shape {v.shape}; {inputs.n} finite numbers are needed")
        clusters = range(inputs.weights.size)
        if any(inputs.bulk(c) is not None for c in clusters):
            raise ValueError("inputs must be spiked: a full covariance has no finite special span")
        columns = [column for c in clusters for column in inputs.spikes(c).T]
        columns += [labels.direction(inputs, c) for c in clusters]
        columns.append(v)
        units = [column / np.linalg.norm(column) for column in columns if np.any(column)]
        basis = linalg.orth(np.array(units).T, rcond=_INDEPENDENT)
        if basis.shape[1] >= inputs.n:
            raise ValueError(
                f"n = {inputs.n} is not allowed: more than the {basis.shape[1]} special "
                "dimensions are needed, so that there is a bulk"
            )
        return cls(basis)

    @property
    def bulk_dimension(self) -> int:
        """Dimension of the bulk: n less the number of independent special directions."""
        return int(self.basis.shape[0] - self.basis.shape[1])

    def outside(self, A: Array) -> Array:
        """``A (I - P)`` for rows of length n: what is left of them outside the special span."""
        return np.asarray(A - (A @ self.basis) @ self.basis.T)


@dataclass(frozen=True)
class Split:
    """Preactivations ``z = m + g`` of some inputs.

    Attributes
    ----------
    mean, bulk
        m and g, shape (k, size).
    norm
        ``t = ||(I - P)(x - mu_c)||^2 / dim - 1``, dim the dimension of the bulk; shape (size,).
        ``E[He_2(g_i / b_i) | t] = t`` for every neuron: the one fluctuation that all share.

    Examples
    --------
    >>> from onestep.network import Problem, TrainedLayer
    >>> layer = TrainedLayer.train(Problem(n=30, m=40, k=20))
    >>> sample = layer.sample(5, np.random.default_rng(0))
    >>> split = SplitLayer.of(layer)(sample.X, sample.cluster)
    >>> np.allclose(split.mean + split.bulk, layer.preactivations(sample.X)), split.norm.shape
    (True, (5,))
    """

    mean: Array
    bulk: Array
    norm: Array


class SplitLayer:
    """A layer in front of a mixture, its preactivations split into special part and bulk.

    Attributes
    ----------
    bulk
        ``F (I - P)``, shape (k, n): g has the covariance ``bulk bulk^T`` given the rest.
    scale
        ``b_i = ||(I - P) F_i||``, shape (k,): standard deviation of g_i.

    Examples
    --------
    >>> from onestep.network import Problem, TrainedLayer
    >>> layer = TrainedLayer.train(Problem(n=30, m=40, k=20))
    >>> split = SplitLayer.of(layer)
    >>> np.allclose(np.diag(split.bulk @ split.bulk.T), split.scale**2)
    True
    >>> bool((split.scale < np.linalg.norm(layer.F, axis=1)).all())
    True
    """

    def __init__(self, F: Array, special: Special, means: Array) -> None:
        """Split the layer F, shape (k, n), for clusters of means `means`, shape (C, n)."""
        self.F = F
        self.special = special
        self.means = means
        self.bulk = special.outside(F)
        self.scale: Array = np.linalg.norm(self.bulk, axis=1)
        self._along = F @ special.basis
        self._offset = self.bulk @ means.T

    @classmethod
    def of(cls, layer: TrainedLayer) -> SplitLayer:
        """A trained layer, split by its spikes, the direction of its labels, and its own v.

        That is what one step has learned; later ones have directions of their own.
        """
        step = layer.draws.step
        v = step.X.T @ step.y / step.y.size
        return cls(layer.F, Special.of(layer.inputs, layer.labels, v), layer.inputs.means)

    def conditional_mean(self, X: Array, cluster: NDArray[np.intp]) -> Array:
        """Part m of the preactivations of inputs X, (size, n), of given clusters; (k, size)."""
        mean: Array = self._along @ (X @ self.special.basis).T
        mean += self._offset[:, cluster]
        return mean

    def __call__(self, X: Array, cluster: NDArray[np.intp]) -> Split:
        """Split the preactivations of the inputs X, shape (size, n), of the given clusters."""
        mean = self.conditional_mean(X, cluster)
        bulk = self.F @ X.T
        bulk -= mean
        rest = self.special.outside(X - self.means[cluster])
        square = np.einsum("ij,ij->i", rest, rest)
        return Split(mean, bulk, square / self.special.bulk_dimension - 1.0)
