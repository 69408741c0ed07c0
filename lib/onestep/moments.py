"""Exact population moments of the features, and the exact error of a trained readout.

Given the trained layer, the errors of any linear readout depend on the features phi only through
``M = E phi phi^T``, ``q = E phi y`` and ``E y^2``. Within a cluster the preactivations are
Gaussian, so each moment is a sum over clusters of Hermite series in the correlations of the
neurons. No test sample is needed, and there is no test noise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .gaussian import GaussianFunction
from .labels import Labels
from .mixture import Array, GaussianMixture

_DEGREES = (8, 16, 32, 64, 150)
_BLOCK = 64  # rows: the working set of one block stays in the cache up to k of some thousands


@dataclass(frozen=True)
class Moments:
    """Population moments of ``phi = k^{-1/2} f(F x)`` and the label.

    Attributes
    ----------
    M, q, y2
        ``E phi phi^T`` of shape (k, k), ``E phi y`` of shape (k,), and ``E y^2``.
    truncation
        Bound on the error from cutting the series, of every off-diagonal entry of ``k M`` and of
        every entry of ``k^{1/2} q``; the diagonal of M is exact.
    """

    M: Array
    q: Array
    y2: float
    truncation: float

    def generalization_error(self, w: Array) -> float:
        """``(1/2) E (y - w^T phi)^2`` of a readout w, shape (k,)."""
        return 0.5 * float(self.y2 - 2 * w @ self.q + w @ self.M @ w)


@dataclass(frozen=True)
class _Cluster:
    """Law of the preactivations in one cluster."""

    weight: float
    spikes: Array  # F Gamma sqrt(theta), shape (k, d)
    scale: Array
    mean: Array


class Layer:
    """A trained first layer in front of a mixture; several feature maps share its covariances."""

    def __init__(self, F: Array, mixture: GaussianMixture) -> None:
        self.F = F
        self.mixture = mixture
        self.gram = F @ F.T
        self.clusters = []
        for c, weight in enumerate(mixture.weights):
            spikes = (F @ mixture.directions[c]) * np.sqrt(mixture.strengths[c])
            variance = np.diagonal(self.gram) + np.sum(spikes**2, axis=1)
            cluster = _Cluster(float(weight), spikes, np.sqrt(variance), F @ mixture.means[c])
            self.clusters.append(cluster)

    def moments(
        self, function: GaussianFunction, labels: Labels, tolerance: float = 1e-10
    ) -> Moments:
        """Moments of the features ``k^{-1/2} function(F x)``, in O(k^2) memory.

        Parameters
        ----------
        function
            Activation or polynomial, of each neuron alike.
        labels
            The law of y given x.
        tolerance
            The series are cut where the bound on what is left falls below `tolerance` times the
            largest ``E f^2``, or at degree 150; see `Moments.truncation`.
        """
        k, y2 = self.F.shape[0], labels.second_moment(self.mixture)
        M, q = np.zeros((k, k)), np.zeros(k)
        truncation = 0.0
        for c, cluster in enumerate(self.clusters):
            power = function.second_moment(cluster.scale, cluster.mean)
            along = self.mixture.covariance_times(c, labels.direction(self.mixture, c))
            index = np.clip((self.F @ along) / cluster.scale, -1.0, 1.0)
            between = max(float(np.abs(r).max()) for _, r in self._blocks(cluster))
            largest = between, float(np.abs(index).max())
            label_power = labels.power(self.mixture, c)
            for degree in _DEGREES:
                A = function.coefficients(degree, cluster.scale, cluster.mean)
                a = labels.coefficients(self.mixture, c, degree)
                bound = _left_out(A, a, power, label_power, largest)
                if bound <= tolerance * float(power.max()):
                    break
            truncation = max(truncation, bound)
            self._add_gram(M, cluster, A)
            M.flat[:: k + 1] += cluster.weight * power
            q += cluster.weight * _horner(A * a, index)
        return Moments(M / k, q / np.sqrt(k), y2, truncation)

    def _blocks(self, cluster: _Cluster) -> Iterator[tuple[slice, Array]]:
        """Upper triangle of the correlations in blocks of rows, with 0 on the diagonal."""
        k = self.F.shape[0]
        for start in range(0, k, _BLOCK):
            rows = slice(start, min(start + _BLOCK, k))
            r = self.gram[rows, start:] + cluster.spikes[rows] @ cluster.spikes[start:].T
            r /= cluster.scale[rows, None]
            r /= cluster.scale[start:]
            np.clip(r, -1.0, 1.0, out=r)
            np.fill_diagonal(r, 0.0)
            yield rows, r

    def _add_gram(self, M: Array, cluster: _Cluster, A: Array) -> None:
        """Add the off-diagonal part of ``weight * sum_p A_p A_p^T r^p``, by Horner's rule.

        Horner's rule avoids powers of small correlations, which would underflow.
        """
        top = A.shape[1] - 1
        used = np.any(A != 0, axis=0)
        for rows, r in self._blocks(cluster):
            start = rows.start
            total = np.multiply.outer(A[rows, top], A[start:, top])
            term = np.empty_like(total)
            for p in range(top - 1, -1, -1):
                total *= r
                if used[p]:
                    np.multiply.outer(A[rows, p], A[start:, p], out=term)
                    total += term
            np.fill_diagonal(total, 0.0)
            total *= cluster.weight
            size = total.shape[0]
            M[rows, start:] += total
            M[start + size :, rows] += total[:, size:].T


def _left_out(
    A: Array, a: Array, power: Array, label_power: float, largest: tuple[float, float]
) -> float:
    """Bound on what the coefficients A of the neurons and a of the label leave out.

    Two functions of correlation r lose at most |r|^(P+1) times the product of their L2 remainders
    (Cauchy-Schwarz); `largest` holds the largest |r| among neurons, and of neurons with the label.
    """
    degree = a.size - 1
    neuron = max(float(np.max(power - np.sum(A**2, axis=1))), 0.0)
    label = max(label_power - float(a @ a), 0.0)
    between, index = (r ** (degree + 1) for r in largest)
    return float(max(between * neuron, index * np.sqrt(neuron * label)))


def _horner(coefficients: Array, r: Array) -> Array:
    """``sum_p coefficients[:, p] r^p``, entry by entry."""
    total = coefficients[:, -1].copy()
    for p in range(coefficients.shape[1] - 2, -1, -1):
        total = total * r + coefficients[:, p]
    return total
