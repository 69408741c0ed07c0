"""Functions of an input in which the means of the features are expanded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..._support.arrays import Array
from .kernel_series import Exponents, multinomial


class ClusterFunctions(NamedTuple):
    """Functions of the inputs of one cluster, of weight rho.

    With ``kappa = mean + half x`` and x standard normal they are the polynomials
    ``1_c He_alpha(x) / (rho alpha!)^{1/2}`` for the rows alpha of `exponents`, and then the same
    times the norm mode of the bulk, which is of degree 2 itself.

    Examples
    --------
    >>> one = ClusterFunctions(0.5, np.eye(1), np.zeros(1), np.array([[0], [1]]))
    >>> one.degrees
    array([0, 1, 2, 3])
    """

    rho: float
    half: Array
    mean: Array
    exponents: Exponents

    @property
    def degrees(self) -> Exponents:
        """Degree of each."""
        own = self.exponents.sum(axis=1)
        return np.concatenate([own, own + 2])


@dataclass(frozen=True)
class InputFunctions:
    """Orthonormal functions of an input: combinations of those of all clusters.

    Attributes
    ----------
    clusters
        One `ClusterFunctions` for each.
    axes
        Orthonormal columns: the combinations, shape (functions of all clusters, p).

    Examples
    --------
    >>> one = ClusterFunctions(1.0, np.eye(1), np.zeros(1), np.array([[0], [1], [2]]))
    >>> functions = InputFunctions((one,), np.eye(6)[:, :3])
    >>> functions.polynomial(0, np.array([1.0]), np.array([0.0, 2.0, 0.0]))  # 2 x
    array([0., 2., 0.])
    >>> functions.linear()[:, 0]
    array([0., 1., 0.])
    """

    clusters: tuple[ClusterFunctions, ...]
    axes: Array

    def polynomial(self, c: int, direction: Array, coefficients: Array) -> Array:
        """Products with ``1_c sum_p a_p He_p(t) / (p!)^{1/2}``, where ``t = direction^T half x``.

        Parameters
        ----------
        c
            Cluster.
        direction
            Of kappa, such that t has unit variance; 0 for a constant.
        coefficients
            ``a_p``, at least up to the largest degree of `ClusterFunctions.exponents`; shape
            (degree + 1, *outputs).

        Returns
        -------
        Array
            Shape (p, *outputs).
        """
        rho, half, _, exponents = self.clusters[c]
        index = np.prod((half.T @ direction) ** exponents, axis=1)
        factor = math.sqrt(rho) * np.sqrt(multinomial(exponents)) * index
        known = (coefficients[exponents.sum(axis=1)].T * factor).T
        return np.asarray(self._block(c)[: len(exponents)].T @ known)

    def linear(self) -> Array:
        """Products with the coordinates of kappa, shape (p, D)."""
        found = np.zeros((self.axes.shape[1], len(self.clusters[0].mean)))
        for c, (rho, half, mean, exponents) in enumerate(self.clusters):
            constant = exponents.sum(axis=1) == 0
            alone = np.where(exponents.sum(axis=1, keepdims=True) == 1, exponents, 0)
            known = np.outer(constant, mean) + alone @ half.T
            found += math.sqrt(rho) * self._block(c)[: len(exponents)].T @ known
        return found

    def by_degree(self, vectors: Array) -> Array:
        """Squared length of combinations in each degree, shape (columns, degrees)."""
        degrees = np.concatenate([each.degrees for each in self.clusters])
        return np.asarray((self.axes @ vectors).T ** 2 @ np.eye(degrees.max() + 1)[degrees])

    def _block(self, c: int) -> Array:
        """Rows of `axes` that belong to a cluster."""
        ends = np.cumsum([0, *(2 * len(each.exponents) for each in self.clusters)])
        return np.asarray(self.axes[ends[c] : ends[c + 1]])
