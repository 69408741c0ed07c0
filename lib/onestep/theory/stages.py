"""What is known of the features given coordinates: nodes, and the features' law at each of them.

`onestep.theory.conditional` conditions on the label's index and on the axes that dominate the
preactivations; this finds the axes and makes the rules over them, cluster by cluster.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import block_diag, eigh, qr

from .._support.arrays import Array
from ..hermite import (
    GaussianFunction,
    OfActivation,
    gauss_on_pieces,
    local_coefficients,
    product,
    quasi_random,
)
from ..inputs import Labels, Mixture
from ..network import PreactivationLaw, TrainedLayer
from .label_rule import label_rule

_SHARE = 0.05  # of the preactivations' variance, and
_PART = 0.2  # of what larger axes leave of it: an axis that makes less of both stays in the bulk
_AXES = 6  # kept at most, beside the label's index
_PRODUCT = 4096  # nodes of a product rule at most; more axes take
_QUASI = 2048  # quasi-random nodes, which are good to half a per cent of an error
_PIECE = 10  # nodes on each smooth piece of the label at least
COARSE = 7  # nodes on each side of 0 of an axis that dominates
FINE = 14  # the same for losses other than the square, and half as many as on a piece of the label
_POWER = 0.03  # by which the nodes may miss the power of the features
_NOTHING = 1e-9
_SPAN = 1e-8  # of the largest column: what their factors may leave of columns, as of an error
_DUST = 1e-150


Factors = tuple[Array, Array]
Rule = tuple[Array, Array]  # nodes and weights


@dataclass(frozen=True)
class Stage:
    """N nodes s of one cluster, and the features' law given each of them.

    Columns over neurons, one for each node, are products of two factors: few directions count.
    """

    weight: Array  # of every node, with that of the cluster
    label: Array  # E[y | s], shape (N, outputs)
    gram: Array  # correlations of the bulk, (k, k)
    shared: Factors  # h_0, and then h_2 times the size of the bulk's norm, (k, 2 N)
    linear: Factors  # h_1, (k, N)
    rest: Array  # variance that is independent between neurons, (k, N)

    def sum(self, u: Array) -> Array:
        """``k sum_s u(s) S(s)`` over the nodes, shape (k, k)."""
        total = self.gram * _weighted(self.linear, u) + _weighted(self.shared, np.tile(u, 2))
        total.flat[:: len(total) + 1] += self.rest @ u
        return np.asarray(total)

    def traces(self, X: Array) -> Array:
        """``k Tr S(s) X`` at every node s, for a symmetric X of shape (k, k)."""
        shared = _forms(self.shared, X).reshape(2, -1).sum(axis=0)
        alone = np.diagonal(X) @ self.rest
        return np.asarray(shared + _forms(self.linear, self.gram * X) + alone)

    def mean_times(self, u: Array) -> Array:
        """``sum_s h_0(s) u(s)^T``, for u of shape (N, outputs)."""
        axes, parts = self.shared
        return np.asarray(axes @ (parts[:, : len(u)] @ u))

    def means(self, w: Array) -> Array:
        """``h_0(s)^T w`` at every node, shape (N, outputs)."""
        axes, parts = self.shared
        return np.asarray(parts[:, : self.weight.size].T @ (axes.T @ w))

    def shifted(self, common: Array) -> Stage:
        """Features less a constant each, shape (k,)."""
        axes, parts = self.shared
        columns = axes @ parts
        columns[:, : self.weight.size] -= common[:, None]
        return replace(self, shared=_factors(columns))

    def centred(self) -> Stage:
        """The same without means: `sum` and `traces` are of the conditional covariances."""
        axes, parts = self.shared
        nothing = np.zeros((len(parts), self.weight.size))
        norm = parts[:, self.weight.size :]
        return replace(self, shared=(axes, np.hstack([nothing, norm])))


@dataclass(frozen=True)
class Stages:
    """The stages of all clusters of a layer, and sums over all their nodes.

    Attributes
    ----------
    parts
        One for each cluster.
    k
        Number of neurons; features are k^{-1/2} times functions of preactivations.
    """

    parts: list[Stage]
    k: int

    @classmethod
    def of(
        cls,
        layer: TrainedLayer,
        function: GaussianFunction | None,
        feature_noise: float,
        side: int = COARSE,
    ) -> Stages:
        """Arguments and errors as for `onestep.theory.ConditionalFeatures`, and nodes on a side."""
        f = OfActivation(layer.activation) if function is None else function
        stages = [
            stage_of(law, layer.labels, layer.inputs, c, f, feature_noise, side)
            for c, law in enumerate(layer.laws())
        ]
        return cls(stages, layer.k)

    @functools.cached_property
    def weight(self) -> Array:
        """Of all nodes, shape (nodes,)."""
        return np.concatenate([stage.weight for stage in self.parts])

    @functools.cached_property
    def label(self) -> Array:
        """``E[y | s]``, shape (nodes, outputs)."""
        return np.concatenate([stage.label for stage in self.parts])

    def about_the_mean(self) -> Stages:
        """Features less their mean over all inputs, which an intercept takes."""
        common = math.sqrt(self.k) * self.mean_times(self.weight)
        return Stages([stage.shifted(common) for stage in self.parts], self.k)

    def centred(self) -> Stages:
        """The same without means."""
        return Stages([stage.centred() for stage in self.parts], self.k)

    def sum(self, u: Array) -> Array:
        """``sum_s u(s) S(s)``, shape (k, k)."""
        parts = zip(self.parts, self._split(u), strict=True)
        return np.asarray(sum(stage.sum(part) for stage, part in parts) / self.k)

    def traces(self, X: Array) -> Array:
        """``Tr S(s) X`` at every node, for a symmetric X."""
        return np.asarray(np.concatenate([stage.traces(X) for stage in self.parts]) / self.k)

    def mean_times(self, u: Array) -> Array:
        """``sum_s E[phi | s] u(s)^T``, for u of shape (nodes, outputs)."""
        parts = zip(self.parts, self._split(u), strict=True)
        return np.asarray(sum(stage.mean_times(part) for stage, part in parts) / math.sqrt(self.k))

    def means(self, w: Array) -> Array:
        """``E[w^T phi | s]`` at every node, shape (nodes, outputs)."""
        means = [stage.means(w) for stage in self.parts]
        return np.asarray(np.concatenate(means) / math.sqrt(self.k))

    def mean_factors(self) -> Factors:
        """Axes and parts whose product is ``E[phi | s]``, a column for each node."""
        axes, parts = zip(*(stage.shared for stage in self.parts), strict=True)
        own = [part[:, : stage.weight.size] for stage, part in zip(self.parts, parts, strict=True)]
        return np.hstack(axes), block_diag(*own) / math.sqrt(self.k)

    def _split(self, values: Array) -> list[Array]:
        ends = np.cumsum([stage.weight.size for stage in self.parts])[:-1]
        return np.split(values, ends)


def _weighted(factors: Factors, u: Array) -> Array:
    """``sum_s u(s) c(s) c(s)^T`` for columns c."""
    axes, parts = factors
    return np.asarray(axes @ ((parts * u) @ parts.T) @ axes.T)


def _forms(factors: Factors, X: Array) -> Array:
    """``c(s)^T X c(s)`` for columns c."""
    axes, parts = factors
    return np.asarray(np.sum(parts * ((axes.T @ (X @ axes)) @ parts), axis=0))


def _factors(columns: Array) -> Factors:
    """Orthonormal axes of columns, and the columns along them."""
    axes, turned, order = qr(columns, mode="economic", pivoting=True, check_finite=False)
    sizes = np.abs(np.diagonal(turned))
    rank = max(int(np.sum(sizes > _SPAN * sizes[0])), 1)
    parts = np.empty((rank, columns.shape[1]))
    parts[:, order] = turned[:rank]
    return axes[:, :rank], _without_dust(parts)


def stage_of(
    law: PreactivationLaw,
    labels: Labels,
    inputs: Mixture,
    c: int,
    function: GaussianFunction,
    feature_noise: float,
    side: int,
) -> Stage:
    """Condition on the label's index and on the axes that dominate the preactivations.

    Parameters
    ----------
    law
        Of the preactivations in cluster c.
    labels, inputs, c
        The law of the labels, the mixture, and the cluster.
    function, feature_noise
        As for `onestep.theory.ConditionalFeatures`.
    side
        Nodes on each side of 0 of an axis that dominates, if there are not too many in all; if
        more than `COARSE`, twice as many on each piece of the label.

    Raises
    ------
    ValueError
        If the nodes miss the power of the features.
    """
    covariance = law.gram + law.spikes @ law.spikes.T
    bent = isinstance(function, OfActivation) and bool(function.activation.kinks)
    total = float(np.trace(covariance))
    columns = []
    if np.any(law.index):
        columns.append(law.index * law.scale)
        covariance -= np.outer(columns[0], columns[0])
    last = len(covariance) - 1
    values, vectors = eigh(covariance, subset_by_index=[max(last - _AXES + 1, 0), last])
    left, dominate = float(np.trace(covariance)), []
    for value, vector in zip(values[::-1], vectors.T[::-1], strict=True):
        # A small axis counts where it is large in what is left: a bulk is weakly correlated.
        if value <= _SHARE * total and value <= _PART * left:
            break
        if left - value <= _NOTHING * total:  # a few neurons keep a bulk of their own
            break
        columns.append(np.sqrt(value) * vector)
        dominate.append(value > 0.1 * total)
        covariance -= value * np.outer(vector, vector)
        left -= value
    columns = columns or [np.zeros(len(covariance))]
    for count in sorted({side, COARSE}, reverse=True):
        rules = [_along(large, bent, count) for large in dominate]
        if np.any(law.index):
            piece = 2 * count if count > COARSE else _PIECE
            rules.insert(0, label_rule(labels, inputs, c, piece))
        rules = rules or [gauss_on_pieces((), 1)]
        small = math.prod(weight.size for _, weight in rules) <= _PRODUCT
        if small:
            break
    grid, weight = product(rules) if small else quasi_random(len(rules), _QUASI)
    index = grid[:, 0]
    label = labels.mean(inputs, c, index).reshape(index.size, -1)
    scale = np.sqrt(np.diagonal(covariance))
    correlation = covariance / np.multiply.outer(scale, scale)
    np.fill_diagonal(correlation, 1.0)
    local = local_coefficients(
        function, scale, law.mean[:, None] + np.stack(columns, axis=1) @ grid.T
    )
    found = float(np.sum((local.h0**2 + local.h1**2 + local.residual) @ weight))
    power = float(np.sum(function.second_moment(law.scale, law.mean)))
    if not abs(found - power) <= _POWER * power:
        raise ValueError(
            f"activation: it grows too fast for the nodes given {len(rules)} coordinates of an "
            f"input: they miss its power by {found / power - 1:.0%}, and {_POWER:.0%} are allowed"
        )
    # The mean of r_ij^2 is the variance of the bulk's norm, common to all neurons.
    k = len(covariance)
    common = (float(np.sum(correlation**2)) - k) / max(k * (k - 1), 1)
    norm = math.sqrt(2 * common) * local.h2
    return Stage(
        weight=law.weight * weight,
        label=label,
        gram=correlation,
        shared=_factors(np.hstack([local.h0, norm])),
        linear=_factors(local.h1),
        rest=np.maximum(local.residual - norm**2, 0.0) + feature_noise**2,
    )


def _along(dominates: bool, bent: bool, side: int) -> Rule:
    """Nodes along an axis; one that dominates carries every neuron through its kink near 0."""
    if not dominates:
        return gauss_on_pieces((), 8)
    return gauss_on_pieces((0.0,), side) if bent or side > COARSE else gauss_on_pieces((), 2 * side)


def _without_dust(values: Array) -> Array:
    """Zeros for numbers whose products are subnormal, with which processors are very slow."""
    return np.where(np.abs(values) < _DUST, 0.0, values)
