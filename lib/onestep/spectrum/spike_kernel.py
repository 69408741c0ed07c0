"""Spikes of the features by formula: a kernel on the spike coordinates, no random matrix.

Given an input's cluster and its coordinates kappa on all spikes, neuron i has the conditional mean
``sigma_b(s_i . kappa)`` with ``sigma_b(t) = E sigma(b g + t)`` and ``s_i ~ N(0, I / tr)``. The part
of the features' second moment that these means make has, for many neurons, the eigenvalues of

    K(kappa, kappa') = E_s sigma_b(s . kappa) sigma_b(s . kappa')

on functions of (c, kappa). It is the mean of ``sigma(z) sigma(z')`` over Gaussians z, z' of
variances ``b^2 + |kappa|^2 / tr`` and covariance ``kappa . kappa' / tr``: a Hermite series.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .. import hermite
from .._support.arrays import Array
from ..hermite import gauss
from ..network import Problem
from .marchenko_pastur import Bulk

_NODES = 60  # of the own coordinate: visible modes to 1e-4 up to theta = n^0.9
_OTHER_NODES = 3  # of a coordinate without spread, where the features are all but linear
_DEGREE = (
    60  # of the series; correlations of two inputs are below 0.9 except at the outermost nodes
)


@dataclass(frozen=True)
class SpikeModes:
    """Eigenvalues and eigenfunctions of the kernel, largest eigenvalue first.

    Attributes
    ----------
    strength
        Eigenvalues of K times k: on the scale of the bulk ``Sigma~``; shape (modes,).
    share
        Shape (modes, powers + 1): squared length of the eigenfunction (of unit length) along
        ``He_p`` of the own spike coordinate in unit variance, ``sum_c <f, He_p 1_c>^2`` with the
        normalised functions of every cluster; p = 0 is the cluster's indicator.
    constant
        Shape (modes,): squared length along the constant function.
    """

    strength: Array
    share: Array
    constant: Array

    @property
    def power(self) -> NDArray[np.intp]:
        """The power that each mode belongs to: 0 for the constant, else the largest share.

        Differences of clusters in an even power are of that power, although part of such a mode
        is the difference of the indicators.
        """
        return np.where(self.constant > 0.5, 0, 1 + self.share[:, 1:].argmax(axis=1))


def bulk_dimensions(problem: Problem) -> int:
    """Dimensions of an input outside the spikes of all clusters.

    Raises
    ------
    ValueError
        If there are none.
    """
    if problem.n <= len(problem.weights) * problem.rank:
        raise ValueError(
            f"n = {problem.n} is not allowed: it must exceed the number of spikes of all clusters"
        )
    return problem.n - len(problem.weights) * problem.rank


def limit_bulk(problem: Problem) -> Bulk:
    """Law of k times the population covariance of the features, spikes left out, in the limit.

    Slope and residual are those of a neuron's bulk alone, ``a = h_1(b)/b`` and ``h*_1(b)``.
    """
    _require_supported(problem)
    scale = _bulk_scale(problem)
    expansion = hermite.HermiteExpansion.of(problem.activation, degree=1, scale=scale)
    slope = float(expansion.coefficients[1]) / scale
    return Bulk(problem.k, bulk_dimensions(problem), slope, expansion.residual, scale)


def feature_bulk(problem: Problem) -> Bulk:
    """Law of k times the population covariance of the features, spikes left out.

    Given kappa, a neuron's output has the mean slope ``a(kappa) = E sigma'(z)`` and, about the
    conditional mean, the variance ``E sigma(z)^2 - K(kappa, kappa)``. The population covariance is
    an average over kappa: this law has the root mean square a of the slopes, as two neurons share
    the product of theirs, and the residual that makes its mean the average variance. It differs
    from `limit_bulk` by O(theta / tr).
    """
    _require_supported(problem)
    points, weight, _, _ = _quadrature(problem)
    b = _bulk_scale(problem)
    scale = np.sqrt(b**2 + np.sum(points**2, axis=1) / problem.trace)
    A = hermite.coefficients(problem.activation, _DEGREE, scale)
    A *= hermite.sqrt_factorials(_DEGREE)
    total = hermite.second_moment(problem.activation, scale)
    own = 1 - (b / scale) ** 2
    variance = float(weight @ (total - np.sum(A**2 * own[:, None] ** np.arange(_DEGREE + 1), 1)))
    slope = float(np.sqrt(weight @ (A[:, 1] / scale) ** 2))
    residual = np.sqrt(max(variance - (slope * b) ** 2, 0.0))
    return Bulk(problem.k, bulk_dimensions(problem), slope, float(residual), b)


def _bulk_scale(problem: Problem) -> float:
    return float(np.sqrt(bulk_dimensions(problem) / problem.trace))


def spike_modes(problem: Problem, modes: int = 12, powers: int = 6) -> SpikeModes:
    """Leading modes of the features' conditional means.

    Parameters
    ----------
    problem
        Centred clusters (at most 3) with one spike each, of one strength and mutually orthogonal.
        The gradient step does not enter: valid where ``eta`` is of order 1 and the direction is
        random.
    modes
        How many, >= 1.
    powers
        Highest degree in `SpikeModes.share`.

    Raises
    ------
    ValueError
        If the problem is outside this range; the message names the field.
    """
    _require_supported(problem)
    points, weight, own, cluster = _quadrature(problem)
    covariance = points @ points.T / problem.trace
    scale = np.sqrt(_bulk_scale(problem) ** 2 + np.diagonal(covariance))
    correlation = covariance / np.multiply.outer(scale, scale)
    A = hermite.coefficients(problem.activation, _DEGREE, scale)
    A *= hermite.sqrt_factorials(_DEGREE)
    K = np.zeros_like(correlation)
    for p in range(_DEGREE, -1, -1):
        K *= correlation
        K += np.multiply.outer(A[:, p], A[:, p])
    root = np.sqrt(weight)
    values, vectors = np.linalg.eigh(root[:, None] * K * root)
    leading = slice(-1, -min(modes, values.size) - 1, -1)
    basis = hermite.normalised_polynomials(own, powers) * root[:, None]
    share = np.zeros((vectors[:, leading].shape[1], powers + 1))
    for c, rho in enumerate(problem.weights):
        inside = cluster == c
        share += (vectors[inside][:, leading].T @ basis[inside]) ** 2 / rho
    constant = (root @ vectors[:, leading]) ** 2
    return SpikeModes(problem.k * values[leading], share, constant)


def _quadrature(problem: Problem) -> tuple[Array, Array, Array, Array]:
    """Nodes kappa, shape (N, C), their weights, the own coordinate in unit variance, the cluster.

    The conditional means are smooth, so Gauss rules converge whatever the kinks of sigma.
    """
    clusters = len(problem.weights)
    x, weight_x = gauss(_NODES)
    z, weight_z = gauss(_OTHER_NODES)
    points, weights, own, cluster = [], [], [], []
    for c, rho in enumerate(problem.weights):
        rest = [j for j in range(clusters) if j != c]
        for i, *others in itertools.product(range(x.size), *[range(z.size)] * len(rest)):
            kappa = np.zeros(clusters)
            kappa[c] = x[i] * np.sqrt(1 + problem.theta)
            kappa[rest] = z[others]
            points.append(kappa)
            weights.append(rho * weight_x[i] * np.prod(weight_z[others]))
            own.append(x[i])
            cluster.append(c)
    return np.array(points), np.array(weights), np.array(own), np.array(cluster)


def _require_supported(problem: Problem) -> None:
    needed = {
        "rank": (problem.rank, 1),
        "alignment": (problem.alignment, 0.0),
        "means": (problem.means, None),
        "strengths": (problem.strengths, None),
    }
    for name, (value, allowed) in needed.items():
        if value != allowed:
            raise ValueError(f"{name} = {value!r} is not allowed here: {allowed!r} is needed")
    if len(problem.weights) > 3 or min(problem.weights) == 0:
        raise ValueError(
            f"weights = {problem.weights!r} is not allowed here: at most 3 clusters, all of "
            "positive weight, are needed"
        )
