"""Exact population moments of the features, and the exact error of a trained readout.

Given the trained layer, the errors of any linear readout depend on the features phi only through
``M = E phi phi^T``, ``q = E phi y^T`` and ``E ||y||^2``. Within a cluster the preactivations are
Gaussian, so each moment is a sum over clusters of Hermite series in the correlations of the
neurons. No test sample is needed, and there is no test noise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .gaussian import GaussianFunction
from .labels import Labels
from .mixture import Array, Mixture

_DEGREES = (16, 32, 64, 150)
_BLOCK = 64  # rows: the working set of one block stays in the cache up to k of some thousands
TOLERANCE = 1e-10
"""Series are cut where the bound on what is left is below this share of the largest E f^2."""


@dataclass(frozen=True)
class Moments:
    """Population moments of ``phi = k^{-1/2} f(F x)`` and the label.

    Attributes
    ----------
    M, q, y2
        ``E phi phi^T`` of shape (k, k), ``E phi y^T`` of shape (k, *outputs), and ``E ||y||^2``.
    truncation
        Bound on the error from cutting the series, of every off-diagonal entry of ``k M`` and of
        every entry of ``k^{1/2} q``; the diagonal of M is exact.
    """

    M: Array
    q: Array
    y2: float
    truncation: float

    def generalization_error(self, w: Array) -> float:
        """``(1/2) E ||y - w^T phi||^2`` of a readout w, shape (k, *outputs)."""
        return 0.5 * float(self.y2 - 2 * np.sum(w * self.q) + np.sum(w * (self.M @ w)))


@dataclass(frozen=True)
class PreactivationLaw:
    """Law of the k preactivations in one cluster.

    Attributes
    ----------
    weight
        Probability of the cluster.
    gram, spikes
        Their covariance is ``gram + spikes spikes^T``; shapes (k, k) and (k, d).
    scale, mean
        Standard deviations and means, shape (k,).
    index
        Correlation of every neuron with the label's index, shape (k,).
    """

    weight: float
    gram: Array
    spikes: Array
    scale: Array
    mean: Array
    index: Array


class _Series:
    """Hermite coefficients of the neurons in one cluster, as many as are asked for."""

    def __init__(self, function: GaussianFunction, cluster: PreactivationLaw) -> None:
        self._function, self._cluster = function, cluster
        self.power = function.second_moment(cluster.scale, cluster.mean)
        self.extend(_DEGREES[0])

    def extend(self, top: int) -> None:
        """Hold the coefficients up to degree `top`, and what each degree leaves out."""
        cluster = self._cluster
        self.coefficients = self._function.coefficients(top, cluster.scale, cluster.mean)
        caught = np.cumsum(self.coefficients**2, axis=1)
        self.left = np.maximum(np.max(self.power[:, None] - caught, axis=0), 0.0)

    def cut(self, largest: float) -> tuple[int, float]:
        """Degree that suffices for correlations up to `largest`, and the bound on the rest.

        Two functions of correlation r lose at most |r|^(P+1) times the product of their L2
        remainders (Cauchy-Schwarz).
        """
        allowed = TOLERANCE * float(self.power.max())
        for top in _DEGREES:
            if self.left.size <= top:
                self.extend(top)
            bounds = largest ** np.arange(1, self.left.size + 1) * self.left
            enough = np.flatnonzero(bounds <= allowed)
            if enough.size:
                return int(enough[0]), float(bounds[enough[0]])
        return self.left.size - 1, float(bounds[-1])


class Layer:
    """A trained first layer F, shape (k, n), in front of a mixture."""

    def __init__(self, F: Array, mixture: Mixture) -> None:
        self.F = F
        self.mixture = mixture
        self._identity_gram: Array | None = None

    def moments(self, function: GaussianFunction, labels: Labels) -> Moments:
        """Moments of the features ``k^{-1/2} function(F x)``, in O(k^2) memory.

        Parameters
        ----------
        function
            Activation or polynomial, of each neuron alike.
        labels
            The law of y given x.
        """
        k = self.F.shape[0]
        M, q = np.zeros((k, k)), np.zeros((k, *labels.outputs))
        truncation = 0.0
        for c, cluster in enumerate(self.laws(labels)):
            series = _Series(function, cluster)
            for rows, r in _correlations(cluster):
                degree, bound = series.cut(float(np.abs(r).max()))
                truncation = max(truncation, bound)
                total = _horner_gram(series.coefficients[:, : degree + 1], rows, r)
                total *= cluster.weight
                size, end = total.shape[0], rows.stop
                M[rows, rows.start :] += total
                M[end:, rows] += total[:, size:].T
            M.flat[:: k + 1] += cluster.weight * series.power
            part, bound = self._cross(series, labels, c, cluster.index)
            q += cluster.weight * part
            truncation = max(truncation, bound)
        return Moments(M / k, q / np.sqrt(k), labels.second_moment(self.mixture), truncation)

    def generalization_errors(
        self, functions: Sequence[GaussianFunction], labels: Labels, readouts: Sequence[Array]
    ) -> list[list[float]]:
        """``(1/2) E ||y - w^T phi||^2`` of trained readouts, without ever storing M.

        The powers of the correlations are shared by all functions and readouts, which makes this
        several times cheaper than `moments`.

        Parameters
        ----------
        functions
            Activations or polynomials, whose features ``k^{-1/2} function(F x)`` the readouts take.
        labels
            The law of y given x.
        readouts
            For every function, its readouts, shape (number, k, *outputs).

        Returns
        -------
        list
            For every function, one error for each of its readouts.
        """
        k = self.F.shape[0]
        weights = [np.asarray(w).reshape(len(w), k, -1) for w in readouts]
        squares = [np.zeros(len(w)) for w in weights]
        cross = [np.zeros(len(w)) for w in weights]
        for c, cluster in enumerate(self.laws(labels)):
            every = [_Series(function, cluster) for function in functions]
            for f, (series, w) in enumerate(zip(every, weights, strict=True)):
                q = self._cross(series, labels, c, cluster.index)[0].reshape(k, -1)
                cross[f] += cluster.weight * np.sum(w * q, axis=(1, 2))
                squares[f] += cluster.weight * np.sum(w**2 * series.power[:, None], axis=(1, 2))
            columns = [np.moveaxis(w, 1, 0).reshape(k, -1) for w in weights]
            for f, form in enumerate(_quadratic_forms(cluster, every, columns)):
                squares[f] += cluster.weight * form.reshape(len(weights[f]), -1).sum(axis=1)
        y2 = labels.second_moment(self.mixture)
        return [
            list(0.5 * (y2 - 2 * one / np.sqrt(k) + two / k))
            for one, two in zip(cross, squares, strict=True)
        ]

    def laws(self, labels: Labels) -> Iterator[PreactivationLaw]:
        """Law of the preactivations in every cluster."""
        for c, weight in enumerate(self.mixture.weights):
            bulk = self.mixture.bulk(c)
            gram = self._gram() if bulk is None else self.F @ bulk @ self.F.T
            spikes = self.F @ self.mixture.spikes(c)
            scale = np.sqrt(np.diagonal(gram) + np.sum(spikes**2, axis=1))
            along = self.mixture.covariance_times(c, labels.direction(self.mixture, c))
            index = np.clip((self.F @ along) / scale, -1.0, 1.0)
            mean = self.F @ self.mixture.means[c]
            yield PreactivationLaw(float(weight), gram, spikes, scale, mean, index)

    def _gram(self) -> Array:
        """``F F^T``, shared by all clusters whose bulk is the identity, and by all functions."""
        if self._identity_gram is None:
            self._identity_gram = self.F @ self.F.T
        return self._identity_gram

    def _cross(self, series: _Series, labels: Labels, c: int, index: Array) -> tuple[Array, float]:
        """``E f(F x) y^T`` in cluster c, and the bound on its error."""
        # A label far from a polynomial decides the degree: as many orders as there are at hand.
        for top in _DEGREES:
            if series.coefficients.shape[1] <= top:
                series.extend(top)
            degree = series.coefficients.shape[1] - 1
            a = labels.coefficients(self.mixture, c, degree)
            missed = max(labels.power(self.mixture, c) - float(np.sum(a**2)), 0.0)
            largest = float(np.abs(index).max()) ** (degree + 1)
            bound = largest * float(np.sqrt(series.left[degree] * missed))
            if bound <= TOLERANCE * float(series.power.max()):
                break
        a = a.reshape(degree + 1, -1)
        columns = [_horner(series.coefficients * each, index) for each in a.T]
        return np.stack(columns, axis=1).reshape(-1, *labels.outputs), bound


def _correlations(cluster: PreactivationLaw) -> Iterator[tuple[slice, Array]]:
    """Upper triangle of the correlations in blocks of rows, with 0 on the diagonal."""
    k = cluster.scale.size
    inverse = 1.0 / cluster.scale
    spikes = cluster.spikes * inverse[:, None]
    for start in range(0, k, _BLOCK):
        rows = slice(start, min(start + _BLOCK, k))
        r = cluster.gram[rows, start:] * inverse[start:]
        r *= inverse[rows, None]
        if spikes.shape[1]:
            r += spikes[rows] @ spikes[start:].T
        np.fill_diagonal(r, 0.0)
        yield rows, r


def _horner_gram(A: Array, rows: slice, r: Array) -> Array:
    """``sum_p A_p A_p^T r^p`` off the diagonal, for a block of rows of the upper triangle.

    Horner's rule avoids powers of small correlations, which would underflow.
    """
    start, top = rows.start, A.shape[1] - 1
    used = np.any(A != 0, axis=0)
    total = np.multiply.outer(A[rows, top], A[start:, top])
    term = np.empty_like(total)
    for p in range(top - 1, -1, -1):
        total *= r
        if used[p]:
            np.multiply.outer(A[rows, p], A[start:, p], out=term)
            total += term
    np.fill_diagonal(total, 0.0)
    return total


def _quadratic_forms(
    cluster: PreactivationLaw, every: Sequence[_Series], columns: Sequence[Array]
) -> list[Array]:
    """``sum_p (w A_p)^T r^p (w A_p)`` off the diagonal, for every series and its columns w."""
    forms = [np.zeros(w.shape[1]) for w in columns]
    for rows, r in _correlations(cluster):
        largest = max(float(r.max()), -float(r.min()))
        degrees = [series.cut(largest)[0] for series in every]
        power = np.ones_like(r)
        np.fill_diagonal(power, 0.0)
        for p in range(max(degrees) + 1):
            if p:
                power *= r
            for form, series, degree, w in zip(forms, every, degrees, columns, strict=True):
                if p > degree or not np.any(a := series.coefficients[:, p]):
                    continue
                left, right = w[rows] * a[rows, None], w[rows.start :] * a[rows.start :, None]
                size = left.shape[0]
                # Pairs beyond the square block stand for their mirror images as well.
                right[size:] *= 2.0
                form += np.sum(left * (power @ right), axis=0)
    return forms


def _horner(coefficients: Array, r: Array) -> Array:
    """``sum_p coefficients[:, p] r^p``, entry by entry."""
    total = coefficients[:, -1].copy()
    for p in range(coefficients.shape[1] - 2, -1, -1):
        total = total * r + coefficients[:, p]
    return total
