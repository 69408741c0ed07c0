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
    """

    basis: Array  # shape (n, s), orthonormal columns

    @classmethod
    def of(cls, inputs: Mixture, labels: Labels, v: Array) -> Special:
        """Span of all spikes, of the label's directions in all clusters, and of v, shape (n,)."""
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
    """Preactivations ``z = m + g`` of some inputs."""

    mean: Array  # m, shape (k, size)
    bulk: Array  # g, of the same shape
    # ``t = ||(I - P)(x - mu_c)||^2 / dim - 1``, dim the dimension of the bulk; shape (size,).
    # ``E[He_2(g_i / b_i) | t] = t`` for every neuron: the one fluctuation that all share.
    norm: Array


class SplitLayer:
    """A layer in front of a mixture, its preactivations split into special part and bulk."""

    def __init__(self, F: Array, special: Special, means: Array) -> None:
        """Split the layer F, shape (k, n), for clusters of means `means`, shape (C, n)."""
        self.F = F
        self.special = special
        self.means = means
        # ``F (I - P)``, (k, n): g has the covariance ``bulk bulk^T`` given the rest.
        self.bulk = special.outside(F)
        # ``b_i = ||(I - P) F_i||``, (k,): standard deviation of g_i.
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
