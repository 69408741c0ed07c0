"""Exact moments of the features, and errors of readouts: Hermite series, cluster by cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .._support.arrays import Array
from ..hermite import GaussianFunction
from ..inputs import Labels, Mixture
from .correlations import PreactivationLaw, correlations
from .series import DEGREES, Forms, Series


@dataclass(frozen=True)
class Moments:
    """Population moments of ``phi = k^{-1/2} f(F x)`` and the label, which decide its errors.

    Attributes
    ----------
    M, q, y2
        ``E phi phi^T`` of shape (k, k), ``E phi y^T`` of shape (k, *outputs), and ``E ||y||^2``.
    truncation
        Bound on the error from cutting the series, of every off-diagonal entry of ``k M`` and of
        every entry of ``k^{1/2} q``; the diagonal of M is exact to 1e-12, relatively.

    Examples
    --------
    >>> from onestep.network import Problem, TrainedLayer
    >>> moments = TrainedLayer.train(Problem(n=40, m=50, k=30)).moments()
    >>> moments.M.shape, moments.q.shape, moments.truncation < 1e-2
    ((30, 30), (30,), True)
    >>> moments.generalization_error(0 * moments.q) == moments.y2 / 2
    True
    """

    M: Array
    q: Array
    y2: float
    truncation: float

    def generalization_error(self, w: Array) -> float:
        """``(1/2) E ||y - w^T phi||^2`` of a readout w, shape (k, *outputs)."""
        return 0.5 * float(self.y2 - 2 * np.sum(w * self.q) + np.sum(w * (self.M @ w)))


@dataclass(frozen=True)
class Classwise:
    """Moments of the features by cluster: means (clusters, k), covariances (clusters, k, k)."""

    means: Array
    covariances: Array


def population_moments(
    F: Array,
    inputs: Mixture,
    labels: Labels,
    function: GaussianFunction,
    degree: int | None = None,
) -> Moments:
    """Moments of the features ``k^{-1/2} function(F x)``, in O(k^2) memory.

    With a degree l >= 0, a neuron's features in a cluster are its Hermite polynomial of this degree
    there, at its own mean and scale, plus independent noise of what is left, ``sum_{p <= l} A_p
    He_p(g) / sqrt(p!) + (E f^2 - sum_{p <= l} A_p^2)^{1/2} zeta``. A function that is not
    square-integrable at a neuron's scale is refused.

    Source: the book's chapter *Two correlated neurons* (Mehler's formula).
    """
    k = F.shape[0]
    M, q = np.zeros((k, k)), np.zeros((k, *labels.outputs))
    truncation = 0.0
    laws = preactivation_laws(F, inputs, labels)
    series = Series(function, laws, degree)
    for rows, columns, c, r in correlations(laws):
        last, bound = series.cut(float(np.abs(r).max()))
        truncation = max(truncation, bound)
        total = _horner_gram(series.coefficients[c, :, : last + 1], rows, columns, r)
        total *= laws[c].weight
        M[rows, columns] += total
        M[columns, rows] = M[rows, columns].T
    for c, law in enumerate(laws):
        part, bound = _cross(series, inputs, labels, c, law.index)
        M.flat[:: k + 1] += law.weight * series.power[c]
        q += law.weight * part
        truncation = max(truncation, bound)
    return Moments(M / k, q / np.sqrt(k), labels.second_moment(inputs), truncation)


def class_moments(
    F: Array, inputs: Mixture, labels: Labels, function: GaussianFunction
) -> Classwise:
    """Mean and covariance of the features ``k^{-1/2} function(F x)`` in every cluster."""
    k = F.shape[0]
    laws = preactivation_laws(F, inputs, labels)
    series = Series(function, laws)
    covariances = np.zeros((len(laws), k, k))
    for rows, columns, c, r in correlations(laws):
        degree, _ = series.cut(float(np.abs(r).max()))
        A = series.coefficients[c, :, : degree + 1].copy()
        A[:, 0] = 0.0  # a mean that is large leaves the covariance its digits
        covariances[c][rows, columns] = _horner_gram(A, rows, columns, r)
        covariances[c][columns, rows] = covariances[c][rows, columns].T
    means = series.coefficients[..., 0]
    for c in range(len(laws)):
        covariances[c].flat[:: k + 1] = series.power[c] - means[c] ** 2
    return Classwise(means / np.sqrt(k), covariances / k)


def generalization_errors(
    F: Array,
    inputs: Mixture,
    labels: Labels,
    functions: Sequence[GaussianFunction],
    readouts: Sequence[Array],
) -> list[float]:
    """``(1/2) E ||y - w^T phi||^2`` of a readout for every function; M is never stored."""
    k = F.shape[0]
    weights = [np.asarray(w).reshape(k, -1) for w in readouts]
    outputs = weights[0].shape[1]
    cross = np.zeros(len(weights))
    squares = np.zeros(len(weights) * outputs)
    laws = preactivation_laws(F, inputs, labels)
    every = [Series(function, laws) for function in functions]
    forms = Forms(every, weights)
    for c, law in enumerate(laws):
        for f, (series, w) in enumerate(zip(every, weights, strict=True)):
            q = _cross(series, inputs, labels, c, law.index)[0].reshape(k, -1)
            cross[f] += law.weight * np.sum(w * q)
        squares += law.weight * forms.uncorrelated(c)
    for rows, columns, c, r in correlations(laws):
        # A tile beside the diagonal stands for its mirror image as well.
        times = 1.0 if rows == columns else 2.0
        squares += times * laws[c].weight * forms.of_tile(c, rows, columns, r)
    y2 = labels.second_moment(inputs)
    halves = 0.5 * (y2 - 2 * cross / np.sqrt(k) + squares.reshape(-1, outputs).sum(axis=1) / k)
    return [float(half) for half in halves]


def preactivation_laws(F: Array, inputs: Mixture, labels: Labels) -> list[PreactivationLaw]:
    """Law of the preactivations ``F x`` in every cluster, in the order of the mixture."""
    isotropic = np.einsum("ij,ij->i", F, F)
    columns, laws = [], []
    for c in range(inputs.weights.size):
        label = inputs.covariance_times(c, labels.direction(inputs, c))
        columns.append(np.column_stack([inputs.spikes(c), label, inputs.means[c]]))
    projected = F @ np.hstack(columns)  # one pass over F serves all clusters
    ends = np.cumsum([each.shape[1] for each in columns])
    for c, part in enumerate(np.split(projected, ends[:-1], axis=1)):
        spikes, label, mean = part[:, :-2], part[:, -2], part[:, -1]
        covariance = inputs.bulk(c)
        bulk = F if covariance is None else F @ covariance
        variance = isotropic if covariance is None else np.einsum("ij,ij->i", bulk, F)
        scale = np.sqrt(variance + np.sum(spikes**2, axis=1))
        index = np.clip(label / scale, -1.0, 1.0)
        weight = float(inputs.weights[c])
        laws.append(PreactivationLaw(weight, F, bulk, spikes, scale, mean, index))
    return laws


def _cross(
    series: Series, inputs: Mixture, labels: Labels, c: int, index: Array
) -> tuple[Array, float]:
    """``E f(F x) y^T`` in cluster c, and the bound on its error."""
    # A label far from a polynomial decides the degree: as many orders as there are at hand.
    for top in DEGREES:
        if len(series.left) <= top:
            series.extend(top)
        degree = len(series.left) - 1
        a = labels.coefficients(inputs, c, degree)
        missed = max(labels.power(inputs, c) - float(np.sum(a**2)), 0.0)
        largest = float(np.abs(index).max()) ** (degree + 1)
        bound = largest * float(np.sqrt(series.left[degree] * missed))
        if bound <= series.allowed:
            break
    a = a.reshape(degree + 1, -1)
    columns = [_horner(series.coefficients[c] * each, index) for each in a.T]
    return np.stack(columns, axis=1).reshape(-1, *labels.outputs), bound


def _horner_gram(A: Array, rows: slice, columns: slice, r: Array) -> Array:
    """``sum_p A_p A_p^T r^p`` on one tile by Horner's rule, 0 on the diagonal; A (k, degree)."""
    used = np.any(A[rows], axis=0)
    total = np.multiply.outer(A[rows, -1], A[columns, -1])
    term = np.empty_like(total)
    for p in range(A.shape[1] - 2, -1, -1):
        total *= r
        if used[p]:
            np.multiply.outer(A[rows, p], A[columns, p], out=term)
            total += term
    if rows == columns:
        np.fill_diagonal(total, 0.0)
    return total


def _horner(coefficients: Array, r: Array) -> Array:
    """``sum_p coefficients[:, p] r^p``, entry by entry."""
    total = coefficients[:, -1].copy()
    for p in range(coefficients.shape[1] - 2, -1, -1):
        total = total * r + coefficients[:, p]
    return total
