"""Rows of the trained layer on the special coordinates: the types of its neurons.

Neuron i has the row u before the step, and the second-layer weight z / k^{1/2}. The gradient moves
it by

    (eta / k) z E[y kappa m'(u^T kappa)],    m'(t) = E sigma'(t + b g),

and by the sampling noise of that mean; and its bulk, by the factor ``1 + (eta / k) z E[y m'']`` and
by noise without a common direction. To leading order m' is a number, a_1 = E sigma'(b g), and
the trained rows are Gaussian with the covariance `Coordinates.neurons`. The step depends on the row
by a part of relative order theta / tr + n^(beta - 1); near full strength labels that are even in
kappa move rows that E[y x] = 0 would leave.
Derived in the book's chapter *The network is kernel ridge regression*.
"""

from __future__ import annotations

import functools
import math
from dataclasses import replace

import numpy as np
from scipy.special import ndtri

from ..._support.arrays import Array
from ...hermite import OfActivation, gauss
from . import coordinate_rules
from .mean_gradient import mean_gradient
from .special_coordinates import Coordinates

RESOLVED = (1e-8, 1e-6)
"""Powers of a coordinate's share of a preactivation below this do not count: the first for which a
product rule has room."""
_NEGLIGIBLE = 1e-8  # nodes of a weight below this part of the largest are left out
_MOST = 12  # nodes for each coordinate of a row
_MOST_WEIGHTS = 6  # and for a second-layer weight, in which rows are linear
_PRODUCT = 25_000  # nodes, times axes, of a product rule; beyond, the types are a lattice
_LATTICE = 4096


def resolved_down_to(level: float) -> tuple[float, ...]:
    """Levels for `trained_types` from this one on, coarser and coarser, `RESOLVED` the last.

    A power that makes a share of a feature makes k times that share of the kernel's ridge: what
    may be left out falls with k.
    """
    finer = [level]
    while 100 * finer[-1] < RESOLVED[0]:
        finer.append(100 * finer[-1])
    return (*finer, *RESOLVED) if level < RESOLVED[0] else RESOLVED


@functools.lru_cache(maxsize=16)  # the domain asks for them, and every model's limit
def trained_types(special: Coordinates, resolved: tuple[float, ...]) -> tuple[Array, Array, Array]:
    """Quadrature over the trained rows; kept, so read-only.

    Parameters
    ----------
    special
        Special coordinates of a problem.
    resolved
        As for `coordinate_rules.node_count`: the first for which a product rule has room is taken,
        and a lattice where there is none.

    Returns
    -------
    tuple
        Nodes, shape (N, D); the bulk scale of each, (N,); and weights of sum 1.
    """
    before = replace(special, neurons=special.step.variance * np.eye(special.inputs.n))
    power = _step_power(special)
    for level in resolved:
        root, counts = coordinate_rules.type_axes(before, level)
        counts = [min(count, _MOST) for count in counts] + [
            min(coordinate_rules.node_count(share, level), _MOST_WEIGHTS)
            for share in power / (special.bulk_scale**2 + power)
        ]
        if math.prod(count for count in counts if count > 2) <= _PRODUCT / len(counts):
            grid, weights = coordinate_rules.joined([gauss(count) for count in counts])
            counted = weights > _NEGLIGIBLE * weights.max()
            grid, weights = grid[counted], weights[counted] / weights[counted].sum()
            break
    else:
        grid = _lattice(len(counts))
        weights = np.full(len(grid), 1 / len(grid))
    D = special.inputs.n
    u, z = grid[:, :D] @ root.T, grid[:, D:]
    moved, stretched = _gradient(special, u)
    step = special.step
    bulk = (step.scale * (1 + np.sum(stretched * z, axis=1))) ** 2 + z**2 @ step.scatter
    rule = u + np.einsum("uio,uo->ui", moved, z), np.sqrt(bulk), weights
    for values in rule:
        values.flags.writeable = False
    return rule


def _step_power(special: Coordinates) -> Array:
    """What the step makes of a preactivation's variance, by output."""
    D = special.inputs.n
    corners = math.sqrt(D * special.step.variance) * np.vstack([np.eye(D), -np.eye(D)])
    moved, _ = _gradient(special, corners)  # their mean is exact where rows move linearly
    seconds = coordinate_rules.second_moments(special)
    return np.asarray(np.einsum("uio,cij,ujo->co", moved, seconds, moved).max(axis=0) / len(moved))


def _gradient(special: Coordinates, u: Array) -> tuple[Array, Array]:
    """How rows u move for z = 1 in each output, (N, D, outputs), and their bulk, relatively."""
    step, clusters = special.step, range(special.inputs.weights.size)
    student = OfActivation(step.slope)
    halves = [coordinate_rules.half(special, c) for c in clusters]
    signal, bends = mean_gradient(special.inputs, special.labels, halves, student, step.scale, u)
    mean = float(student.coefficients(0, np.array([step.scale]), np.zeros(1))[0, 0])
    return step.size * (signal + mean * step.noise), step.size * bends


def _lattice(dimensions: int) -> Array:
    """Points of a rank-one lattice, mapped to the normal law, with their mirror images.

    Generator: powers of the root of ``x^(D+1) = x + 1`` (Roberts' sequence). First and second
    moments, on which linear modes depend, are made exact.
    """
    root = 2.0
    for _ in range(60):
        root = (1 + root) ** (1 / (dimensions + 1))
    steps = root ** -np.arange(1.0, dimensions + 1)
    x = ndtri((0.5 + np.outer(np.arange(1, _LATTICE // 2 + 1), steps)) % 1)
    x = np.linalg.solve(np.linalg.cholesky(x.T @ x / len(x)), x.T).T
    return np.vstack([x, -x])
