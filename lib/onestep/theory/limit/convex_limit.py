"""A readout by any convex loss in the limit, given the coordinates of an input.

The fixed point of `onestep.theory.convex_readout` needs the features only through traces and forms
of ``Q = (lambda I + sum_s a_s S(s))^{-1}``. In the limit they are slopes of two numbers in the
weights a: of ``log det Q^{-1}``, whose slope is Tr S Q, and of ``c^T M^T Q M c`` with the means M,
whose slope is ``-w^T S w``. `onestep.theory.limit.scalar_conditional` has both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..._support.arrays import Array, RealOrComplex
from ...inputs import Labels
from ...network import FeatureMap, Loss, is_ridge_regression
from ..class_features import Features
from ..convex_equivalent import ConvexEquivalent
from .coordinate_rules import LABELLED, SCORED
from .scalar_conditional import STEP, ConditionalLimit, State
from .special_coordinates import Coordinates


def convex_limit(
    special: Coordinates,
    k: int,
    features: FeatureMap,
    loss: str | Loss,
    intercept: bool = False,
    law: Callable[[ConditionalLimit], Features] | None = None,
) -> ConvexEquivalent:
    """What `ConditionalLimit` is to the square loss, or, by `AveragedFeatures`, what `Limit` is.

    Source: the book's chapter *Other losses*.

    Parameters
    ----------
    special, k, features
        As for `ConditionalLimit`.
    loss, intercept
        As for `onestep.theory.gaussian_classes`.
    law
        What to take of the limit: by default a bulk for every input.

    Raises
    ------
    ValueError
        As `ConditionalLimit` and `ConvexEquivalent`.

    Examples
    --------
    >>> from onestep import Problem, activations
    >>> from onestep.network import Network
    >>> from onestep.theory.limit import coordinates
    >>> problem = Problem(n=400, m=400, k=400, target="class")
    >>> features = Network().feature_map(activations.get("relu"), problem.scale, 1)
    >>> found = convex_limit(coordinates(problem), 400, features, "logistic").errors(400, 1e-3)
    >>> found.status, found.accuracy > 0.5
    ('converged', True)
    """
    piece = LABELLED if is_ridge_regression(loss, intercept) else SCORED
    limit = ConditionalLimit.of(special, k, features, piece=piece)
    return with_loss(limit, special.labels, loss, intercept, law)


def with_loss(
    limit: ConditionalLimit,
    labels: Labels,
    loss: str | Loss,
    intercept: bool = False,
    law: Callable[[ConditionalLimit], Features] | None = None,
) -> ConvexEquivalent:
    """The readout by another loss on features in the limit, which several losses can share.

    Arguments and errors as for `convex_limit`; the labels are those of the special coordinates.

    Examples
    --------
    >>> from onestep import Problem, activations
    >>> from onestep.network import Network
    >>> from onestep.theory.limit import coordinates
    >>> problem = Problem(n=400, m=400, k=400, activation="tanh", target="class")
    >>> features = Network().feature_map(activations.get("tanh"), problem.scale, 1)
    >>> special = coordinates(problem)
    >>> limit = ConditionalLimit.of(special, problem.k, features)
    >>> found = {loss: with_loss(limit, special.labels, loss) for loss in ("square", "hinge")}
    >>> own, same = limit.errors(400, 1e-3), found["square"].errors(400, 1e-3)
    >>> abs(own.generalization_error / same.generalization_error - 1) < 1e-9
    True
    """
    nodes = limit.inputs.size
    label = limit.label[:nodes]
    if intercept:  # it takes what all means share
        P, modes = limit.means
        common = modes[:, :nodes] @ limit.inputs
        modes = modes - np.outer(common, np.arange(2 * nodes) < nodes)
        limit = replace(limit, means=(P, modes))
    features = (law or LimitFeatures)(limit)
    return ConvexEquivalent(features, labels, label, limit.inputs, loss, intercept)


class LimitFeatures:
    """Traces and forms of Q in the limit; see `onestep.theory.class_features.Features`."""

    with_means = True

    def __init__(self, limit: ConditionalLimit) -> None:
        self._limit = limit
        self._start: RealOrComplex | None = None
        self.parts, self.groups = limit.means[1][:, : limit.inputs.size], limit.groups

    def inverse(self, ridge: float, a: Array) -> State:
        """See `Features`."""
        limit = self._limit
        state = State(limit, 1, ridge * limit.k, a / limit.inputs, self._start)
        self._start = state.g
        return state

    def traces(self, Q: State) -> Array:
        """See `Features`."""
        return np.asarray(Q.V)

    def spread(self, Q: State, u: Array) -> Array:
        """See `Features`."""
        moved = State(self._limit, 1, Q.omega, Q.W + STEP * u / self._limit.inputs, Q.g)
        return np.asarray(-moved.V.imag / STEP.imag)

    def gram(self, Q: State) -> Array:
        """See `Features`."""
        return Q.kept

    def weights(self, Q: State, c: Array) -> tuple[State, Array]:
        """See `Features`: told by Q and c."""
        return Q, c

    def variances(self, w: tuple[State, Array]) -> Array:
        """See `Features`."""
        Q, c = w
        P, modes = self._limit.means
        norm = modes[:, self._limit.inputs.size :].T @ (Q.kept @ c)
        return np.asarray(norm**2 - Q.through_bulk((P @ (Q.left @ c)) ** 2))

    def norm(self, w: tuple[State, Array], Q: State, u: Array) -> float:
        """See `Features`: slopes in the ridge."""
        _, c = w
        moved = State(self._limit, 1, Q.omega * (1 + STEP), Q.W + 0j, Q.g)
        slope = c @ moved.kept.imag @ c + u @ moved.V.imag
        return float(-slope / STEP.imag * self._limit.k / Q.omega)
