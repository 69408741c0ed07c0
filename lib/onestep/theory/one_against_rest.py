"""Several readouts on the same samples, each of one class against the rest.

Every one is a convex readout of its own. Which class wins is decided by the joint law of their
scores: as the one score's variance, at a fresh input of node s,

    Cov_s(a, b) = w_a^T C_s w_b + (1/m) sum_s' rho_s' E[f_a f_b] Tr S_s B_a^{-1} S_s' B_b^{-1},

where E[f_a f_b] at s' is over Gaussian scores of this very covariance: a fixed point for each pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import scipy  # loads its `stats`, a second, when several scores are compared

from .._support.arrays import Array
from ..hermite import normalised_polynomials
from .class_features import DenseFeatures
from .convex_readout import ClassErrors, ConvexReadout
from .secants import Secants

_TOLERANCE = 1e-9  # of a correlation
_DEGREE = 60
_REACH = 9.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(400)
_XI = _REACH * _NODES
_BASIS = (
    normalised_polynomials(_XI, _DEGREE)
    * (_REACH * _WEIGHTS * np.exp(-0.5 * _XI**2) / np.sqrt(2 * np.pi))[:, None]
)


@dataclass(frozen=True)
class OneAgainstRest:
    """Readouts of one class each against the rest, and the class of the largest score.

    A single readout of two classes, or of numbers, is itself.

    Source: the book's chapter *Other losses*.

    Attributes
    ----------
    readouts
        One for each output, on the same features.
    classes
        Class of every node.

    Examples
    --------
    >>> import onestep
    >>> problem = onestep.Problem(
    ...     n=60, m=90, k=50, target="class", weights=(0.4, 0.3, 0.3), loss="logistic", ridge=1e-2
    ... )
    >>> found = onestep.predict(problem, ["network"], trials=1)
    >>> bool(found.accuracy > 1 / 3)  # better than chance
    True
    """

    readouts: Sequence[ConvexReadout]
    classes: Array

    def errors(self) -> ClassErrors:
        """Sums of the objectives and losses over the outputs, and the share of found classes."""
        found = [readout.errors() for readout in self.readouts]
        if len(found) == 1:
            return replace(found[0], accuracy=1 - found[0].class_error)
        worst = max(found, key=lambda each: (each.status != "converged", each.residual))
        total = replace(
            worst,
            training_error=sum(each.training_error for each in found),
            plain_training_error=sum(each.plain_training_error for each in found),
            generalization_error=sum(each.generalization_error for each in found),
            kappa=min(each.kappa for each in found),
            left=min(each.left for each in found),
            intercept_scatter=max(each.intercept_scatter for each in found),
        )
        if worst.status != "converged":
            return total
        # None where the features know no covariance of two readouts, as in the limit.
        features = self.readouts[0].features
        if not isinstance(features, DenseFeatures):
            return replace(total, accuracy=None)
        return replace(total, accuracy=self._accuracy(features))

    def _accuracy(self, features: DenseFeatures) -> float:
        solved = [each.solution for each in self.readouts]
        means = np.array([each.offsets for each in solved])
        covariances = np.zeros((len(self.classes), len(solved), len(solved)))
        for i, one in enumerate(solved):
            covariances[:, i, i] = one.q
        for i, j in combinations(range(len(solved)), 2):
            shared = _covariances(features, self.readouts[i], self.readouts[j])
            covariances[:, i, j] = covariances[:, j, i] = shared
        right = [_largest(means[:, s], covariances[s], int(c)) for s, c in enumerate(self.classes)]
        return float(self.readouts[0].rho @ right)


def _largest(mean: Array, covariance: Array, c: int) -> float:
    """Probability that score c of several Gaussian ones is the largest."""
    others = np.delete(np.eye(len(mean)), c, axis=0) - np.eye(len(mean))[c]
    law = scipy.stats.multivariate_normal(
        others @ mean, others @ covariance @ others.T, allow_singular=True
    )
    return float(law.cdf(np.zeros(len(others))))


def _covariances(features: DenseFeatures, one: ConvexReadout, other: ConvexReadout) -> Array:
    """Of two scores, at every node."""
    a, b = one.solution, other.solution
    first, second = _coefficients(one), _coefficients(other)
    size, seen = np.sqrt(a.q * b.q), np.sqrt(one.seen(a.q) * other.seen(b.q))
    own = features.covariances(a.w, b.w)
    stiffness = (one.rho @ a.averages.response) * (other.rho @ b.averages.response)

    def moved(correlation: Array) -> Array:
        powers = np.clip(correlation * size / seen, -1, 1)[:, None] ** np.arange(_DEGREE + 1)
        square = one.rho * np.sum(first * second * powers, axis=1)
        found = own + features.cross(a.Q, b.Q, square) / one.m
        if one.intercept:
            found = found + square.sum() / (one.m * stiffness)
        return np.asarray(found / size)

    correlation, _ = Secants().solve(moved, own / size, _TOLERANCE)
    return np.asarray(correlation * size)


def _coefficients(readout: ConvexReadout) -> Array:
    """Of f in the normalised Hermite polynomials of the score, shape (nodes, degrees)."""
    at = readout.solution
    scores = at.offsets[:, None] + np.sqrt(readout.seen(at.q))[:, None] * _XI
    return np.asarray(readout.loss.pull(readout.y[:, None], scores, at.V[:, None]) @ _BASIS)
