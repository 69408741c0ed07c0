"""Spikes of the features by formula: a kernel on the spike coordinates, no random matrix.

Given an input's cluster and its coordinates kappa on all spikes, neuron i has the conditional mean
``sigma_b(s_i . kappa)`` with ``sigma_b(t) = E sigma(b g + t)`` and ``s_i ~ N(0, I / tr)``. The part
of the features' second moment that these means make has, for many neurons, the eigenvalues of

    K(kappa, kappa') = E_s sigma_b(s . kappa) sigma_b(s . kappa')

on functions of (c, kappa). It is the mean of ``sigma(z) sigma(z')`` over Gaussians z, z' of
variances ``b^2 + |kappa|^2 / tr`` and covariance ``kappa . kappa' / tr``: a Hermite series.

It is the kernel of `onestep.theory.limit.wide_kernel` before the step, by Nystrom's method at
quadrature nodes and not in a basis of monomials, on purpose: eigenfunctions are wanted here, and
the tests hold the two methods against each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .. import activations, hermite
from .._support.arrays import Array
from ..hermite import OfActivation, gauss, product
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

    Examples
    --------
    >>> found = spike_modes(Problem(n=100, m=100, k=100), modes=3)
    >>> found.share.shape, bool((np.diff(found.strength) <= 0).all())
    ((3, 7), True)
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


def limit_bulk(problem: Problem) -> Bulk:
    """Law of k times the population covariance of the features, spikes left out, in the limit.

    Slope and residual are those of a neuron's bulk alone, ``a = h_1(b)/b`` and ``h*_1(b)``.

    Examples
    --------
    >>> round(limit_bulk(Problem(n=400, m=400, k=400)).slope, 6)
    0.5
    """
    _require_supported(problem)
    dimensions, scale = _bulk_sizes(problem)
    return Bulk.of(problem.activation, problem.k, dimensions, scale)


def feature_bulk(problem: Problem) -> Bulk:
    """Law of k times the population covariance of the features, spikes left out.

    Given kappa, a neuron's output has the mean slope ``a(kappa) = E sigma'(z)`` and, about the
    conditional mean, the variance ``E sigma(z)^2 - K(kappa, kappa)``. The population covariance is
    an average over kappa: this law has the root mean square a of the slopes, as two neurons share
    the product of theirs, and the residual that makes its mean the average variance. It differs
    from `limit_bulk` by O(theta / tr).

    Source: the book's chapter *Spikes in the features*.

    Examples
    --------
    >>> problem = Problem(n=100, m=100, k=100, activation="tanh")
    >>> feature_bulk(problem).slope < limit_bulk(problem).slope  # spikes saturate tanh
    True
    """
    _require_supported(problem)
    dimensions, b = _bulk_sizes(problem)
    nodes = _Nodes.of(problem)
    A, scale, total = _series(problem, nodes.kappa)
    own = 1 - (b / scale) ** 2
    given = np.sum(A**2 * own[:, None] ** np.arange(_DEGREE + 1), axis=1)
    slope = float(np.sqrt(nodes.weight @ (A[:, 1] / scale) ** 2))
    residual = max(float(nodes.weight @ (total - given)) - (slope * b) ** 2, 0.0)
    return Bulk(problem.k, dimensions, slope, float(np.sqrt(residual)), b)


def _bulk_sizes(problem: Problem) -> tuple[int, float]:
    """Dimensions outside the spikes of all clusters, and the size of a preactivation there.

    Raises
    ------
    ValueError
        If there are none.
    """
    spikes = len(problem.weights) * problem.rank
    if problem.n <= spikes:
        raise ValueError(
            f"n = {problem.n} is not allowed: it must exceed the number of spikes of all clusters"
        )
    return problem.n - spikes, float(np.sqrt((problem.n - spikes) / problem.trace))


def _series(problem: Problem, kappa: Array) -> tuple[Array, Array, Array]:
    """``a_p`` up to `_DEGREE`, the scale of preactivations, and E sigma^2, at every kappa."""
    _, b = _bulk_sizes(problem)
    scale = np.sqrt(b**2 + np.sum(kappa**2, axis=1) / problem.trace)
    function, zero = OfActivation(activations.get(problem.activation)), np.zeros_like(scale)
    A = function.coefficients(_DEGREE, scale, zero)
    return A, scale, function.second_moment(scale, zero)


def spike_modes(problem: Problem, modes: int = 12, powers: int = 6) -> SpikeModes:
    """Leading modes of the features' conditional means.

    Source: the book's chapter *Spikes in the features*.

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

    Examples
    --------
    >>> found = spike_modes(Problem(n=400, m=400, k=400, alpha=0.0, beta=0.8), modes=4)
    >>> found.power  # the constant, each cluster's own coordinate, and their difference of squares
    array([0, 1, 1, 2])
    """
    _require_supported(problem)
    nodes = _Nodes.of(problem)
    A, scale, _ = _series(problem, nodes.kappa)
    correlation = nodes.kappa @ nodes.kappa.T / problem.trace / np.multiply.outer(scale, scale)
    K = np.zeros_like(correlation)
    for p in range(_DEGREE, -1, -1):
        K *= correlation
        K += np.multiply.outer(A[:, p], A[:, p])
    root = np.sqrt(nodes.weight)
    values, vectors = np.linalg.eigh(root[:, None] * K * root)
    leading = slice(-1, -min(modes, values.size) - 1, -1)
    basis = hermite.normalised_polynomials(nodes.own, powers) * root[:, None]
    share = np.zeros((vectors[:, leading].shape[1], powers + 1))
    for c, rho in enumerate(problem.weights):
        inside = nodes.cluster == c
        share += (vectors[inside][:, leading].T @ basis[inside]) ** 2 / rho
    constant = (root @ vectors[:, leading]) ** 2
    return SpikeModes(problem.k * values[leading], share, constant)


@dataclass(frozen=True)
class _Nodes:
    """Quadrature over inputs: kappa, shape (N, C), weights, own coordinate in unit variance, c.

    The conditional means are smooth, so Gauss rules converge whatever the kinks of sigma.
    """

    kappa: Array
    weight: Array
    own: Array
    cluster: NDArray[np.intp]

    @classmethod
    def of(cls, problem: Problem) -> _Nodes:
        clusters = len(problem.weights)
        grid, weight = product([gauss(_NODES), *[gauss(_OTHER_NODES)] * (clusters - 1)])
        own, others = grid[:, 0], grid[:, 1:]
        spread = own * np.sqrt(1 + problem.theta)
        return cls(
            kappa=np.vstack([np.insert(others, c, spread, axis=1) for c in range(clusters)]),
            weight=np.multiply.outer(problem.weights, weight).ravel(),
            own=np.tile(own, clusters),
            cluster=np.repeat(np.arange(clusters), own.size),
        )


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
