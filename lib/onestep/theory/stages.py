"""What is known of the features given coordinates: nodes, and the features' law at each of them.

`onestep.theory.conditional` conditions on the label's index and on the axes that dominate the
preactivations; this finds the axes and makes the rules over them, cluster by cluster.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

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
from ..network import PreactivationLaw

_SHARE = 0.05  # of the preactivations' variance, and
_PART = 0.2  # of what larger axes leave of it: an axis that makes less of both stays in the bulk
_AXES = 6  # kept at most, beside the label's index
_PRODUCT = 4096  # nodes of a product rule at most; more axes take
_QUASI = 2048  # quasi-random nodes, which are good to half a per cent of an error
_PIECE = 10  # nodes on each smooth piece of the label
_POWER = 0.03  # by which the nodes may miss the power of the features
_NOTHING = 1e-9
_DUST = 1e-150


@dataclass(frozen=True)
class Stage:
    """Nodes s of one cluster, and the features' law given each of them; arrays (k, N)."""

    weight: Array  # of every node, with that of the cluster
    label: Array  # E[y | s], shape (N, outputs)
    gram: Array  # correlations of the bulk, (k, k)
    mean: Array  # h_0
    linear: Array  # h_1
    norm: Array  # h_2 times the size of the bulk's norm
    rest: Array  # variance that is independent between neurons


def forms(stage: Stage, X: Array) -> Array:
    """``k Tr S(s) X`` at every node s, for a symmetric X of shape (k, k)."""
    found = np.sum(stage.linear * ((stage.gram * X) @ stage.linear), axis=0)
    for factor in (stage.mean, stage.norm):
        found += np.sum(factor * (X @ factor), axis=0)
    return np.asarray(found + np.diagonal(X) @ stage.rest)


def stage_of(
    law: PreactivationLaw,
    labels: Labels,
    inputs: Mixture,
    c: int,
    function: GaussianFunction,
    feature_noise: float,
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

    Raises
    ------
    ValueError
        If the nodes miss the power of the features.
    """
    covariance = law.gram + law.spikes @ law.spikes.T
    bent = isinstance(function, OfActivation) and bool(function.activation.kinks)
    total = float(np.trace(covariance))
    columns = []
    rules = []
    if np.any(law.index):
        columns.append(law.index * law.scale)
        kinks = labels.kinks(inputs, c)
        rules.append(gauss_on_pieces(kinks, _PIECE if kinks else 2 * _PIECE))
        covariance -= np.outer(columns[0], columns[0])
    last = len(covariance) - 1
    values, vectors = eigh(covariance, subset_by_index=[max(last - _AXES + 1, 0), last])
    left = float(np.trace(covariance))
    for value, vector in zip(values[::-1], vectors.T[::-1], strict=True):
        # A small axis counts where it is large in what is left: a bulk is weakly correlated.
        if value <= _SHARE * total and value <= _PART * left:
            break
        if left - value <= _NOTHING * total:  # a few neurons keep a bulk of their own
            break
        columns.append(np.sqrt(value) * vector)
        if value <= 0.1 * total:
            rules.append(gauss_on_pieces((), 8))
        else:
            # An axis that dominates carries every neuron through its kink near 0.
            rules.append(gauss_on_pieces((0.0,), 7) if bent else gauss_on_pieces((), 14))
        covariance -= value * np.outer(vector, vector)
        left -= value
    if not columns:
        columns, rules = [np.zeros(len(covariance))], [gauss_on_pieces((), 1)]
    small = math.prod(weight.size for _, weight in rules) <= _PRODUCT
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
        mean=_without_dust(local.h0),
        linear=_without_dust(local.h1),
        norm=_without_dust(norm),
        rest=np.maximum(local.residual - norm**2, 0.0) + feature_noise**2,
    )


def _without_dust(values: Array) -> Array:
    """Zeros for numbers whose products are subnormal, with which processors are very slow."""
    return np.where(np.abs(values) < _DUST, 0.0, values)
