"""Rows of the trained layer on the special coordinates, when a row's step depends on the row.

Neuron i has the row u before the step, and the second-layer weight z / k^{1/2}. The gradient moves
it by

    (eta / k) z E[y kappa m'(u^T kappa)],    m'(t) = E sigma'(t + b g),

and by the sampling noise of that mean; and its bulk, by the factor ``1 + (eta / k) z E[y m'']`` and
by noise without a common direction. To leading order m' is a number, a_1 = E sigma'(b g), and
the trained rows are Gaussian with the covariance `Coordinates.neurons`. Near full strength
u^T kappa is of order 1, and they are not: labels that are even in kappa move rows that E[y x] = 0
would leave.
Derived in the book's chapter *The network is kernel ridge regression*.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ..._support.arrays import Array
from ...hermite import OfActivation, gauss, local_coefficients
from . import coordinate_rules
from .kernel_series import require_size
from .special_coordinates import Coordinates

_NEGLIGIBLE = 1e-8  # nodes of a weight below this part of the largest are left out
_MOST = 12  # nodes for each coordinate of a row
_MOST_WEIGHTS = 6  # and for a second-layer weight, in which rows are linear


def trained_types(
    special: Coordinates, kappa: Array, pull: Array, resolved: float
) -> tuple[Array, Array, Array]:
    """Quadrature over the trained rows.

    Parameters
    ----------
    special
        Special coordinates of a problem.
    kappa, pull
        Nodes of the inputs, shape (S, D), and their weights times ``E[y | kappa]``, (S, outputs).
    resolved
        As for `coordinate_rules.node_count`.

    Returns
    -------
    tuple
        Nodes, shape (N, D); the bulk scale of each, (N,); and weights of sum 1.

    Raises
    ------
    ValueError
        If there are too many coordinates of large strength.
    """
    before = replace(special, neurons=special.step.variance * np.eye(special.inputs.n))
    root, counts = coordinate_rules.type_axes(before, resolved)
    rules = [gauss(min(count, _MOST)) for count in counts]
    require_size(math.prod(len(x) for x, _ in rules if len(x) > 2))
    grid, weights = coordinate_rules.joined(rules)
    moved, _ = _gradient(special, grid @ root.T, kappa, pull)
    power = np.max([
        np.einsum("u,uio,ij,ujo->o", weights, moved, second, moved)
        for second in coordinate_rules.second_moments(special)
    ], axis=0)  # fmt: skip
    rules += [
        gauss(min(coordinate_rules.node_count(share, resolved), _MOST_WEIGHTS))
        for share in power / (special.bulk_scale**2 + power)
    ]
    require_size(math.prod(len(x) for x, _ in rules if len(x) > 2))
    grid, weights = coordinate_rules.joined(rules)
    counted = weights > _NEGLIGIBLE * weights.max()
    grid, weights = grid[counted], weights[counted] / weights[counted].sum()
    D = special.inputs.n
    u, z = grid[:, :D] @ root.T, grid[:, D:]
    moved, stretched = _gradient(special, u, kappa, pull)
    step = special.step
    bulk = (step.scale * (1 + np.sum(stretched * z, axis=1))) ** 2 + z**2 @ step.scatter
    return u + np.einsum("uio,uo->ui", moved, z), np.sqrt(bulk), weights


def _gradient(special: Coordinates, u: Array, kappa: Array, pull: Array) -> tuple[Array, Array]:
    """How rows u move for z = 1 in each output, (N, D, outputs), and their bulk, relatively."""
    require_size(len(u) * len(kappa))
    step = special.step
    student, scale = OfActivation(step.activation), np.array([step.scale])
    local = local_coefficients(student, scale, (u @ kappa.T).reshape(1, -1))
    slope = local.h1.reshape(len(u), -1) / step.scale
    curvature = 2 * local.h2.reshape(len(u), -1) / step.scale**2
    signal = np.einsum("us,si,so->uio", slope, kappa, pull, optimize=True)
    mean = float(student.coefficients(1, scale, np.zeros(1))[0, 1]) / step.scale
    return step.size * (signal + mean * step.noise), step.size * curvature @ pull
