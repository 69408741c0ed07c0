"""The kernel of a wide network on the special coordinates of its inputs.

For two inputs with special coordinates kappa and kappa', neurons with rows of covariance A there,
and a bulk of variance b^2 that is independent for the two,

    K(kappa, kappa') = E sigma(z) sigma(z') = sum_p p! h_p(tau)/tau^p h_p(tau')/tau'^p
                                              (kappa^T A kappa')^p,   tau^2 = b^2 + kappa^T A kappa:

it is a sum over monomials in ``A^{1/2} kappa``, and so a kernel of finite rank up to any accuracy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..._support.arrays import Array
from ...hermite import GaussianFunction, ScaleTable, gauss, gauss_on_pieces, product
from . import coordinate_rules
from .coordinates import Coordinates
from .monomials import kept_monomials, monomials, require_size

DEGREE = 12
"""Degree at which the series of the kernel is cut."""

_KEEP = 1e-5  # monomials whose share of the kernel is below this part of `floor` are left out
_SMALL = 1e-7  # powers of a coordinate's share of a preactivation below this do not count
_LARGE = 0.05  # share from which an axis is cut at 0


@dataclass(frozen=True)
class WideKernel:
    """Spectrum of K, the label on its eigenfunctions, and what is left to the bulk.

    Attributes
    ----------
    eigenvalues, label
        ``mu_j`` of K in L2 over the law of kappa, and ``E[y e_j]^2`` for its eigenfunctions e_j of
        unit length; shape (modes,).
    y2
        ``E y^2``.
    slope, noise
        a and h of the bulk ``a^2 F F^T + h^2 I`` of the features given kappa, root mean squares
        over kappa; the feature noise of a model is included in h.
    """

    eigenvalues: Array
    label: Array
    y2: float
    slope: float
    noise: float


def wide_kernel(
    at: Coordinates, function: GaussianFunction, feature_noise: float, floor: float
) -> WideKernel:
    """Decompose the kernel.

    Parameters
    ----------
    at
        Special coordinates of a problem.
    function
        Activation or polynomial of the features.
    feature_noise
        Standard deviation of independent noise in every feature, before the factor ``k^{-1/2}``.
    floor
        Size of eigenvalues that matter: modes far below it are counted as noise of the bulk.

    Raises
    ------
    ValueError
        If the quadrature over kappa would be too large: too many spikes of large strength.
    """
    if at.labels.outputs:
        raise ValueError(f"labels of {at.labels.outputs[0]} outputs are not allowed: numbers are")
    rules = [_rule(at, c) for c in range(at.inputs.weights.size)]
    values, vectors = np.linalg.eigh(at.neurons)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    covariance = sum(
        w * (k.T * q) @ k for w, (k, _, q) in zip(at.inputs.weights, rules, strict=True)
    )
    # K is invariant under rotations of A^{1/2} kappa: principal axes keep the monomials few.
    _, axes = np.linalg.eigh(root @ covariance @ root)
    root = root @ axes
    points = [kappa @ root for kappa, _, _ in rules]
    tau = [np.sqrt(at.bulk_scale**2 + np.sum(y**2, axis=1)) for y in points]
    table = ScaleTable(function, DEGREE, at.bulk_scale, max(float(t.max()) for t in tau))
    spread = np.max([np.sqrt(q @ y**2) for y, (_, _, q) in zip(points, rules, strict=True)], axis=0)
    orders = np.arange(DEGREE + 1)
    size = np.abs(table(np.array([at.bulk_scale]))[0][0]) / at.bulk_scale**orders
    powers = kept_monomials(spread, size, _KEEP * floor)
    require_size(max(len(y) for y in points) * len(powers))
    gram, cross = np.zeros((len(powers), len(powers))), np.zeros(len(powers))
    power = slope = 0.0
    for weight, y, t, (_, label, q) in zip(at.inputs.weights, points, tau, rules, strict=True):
        A, second = table(t)
        series = A / t[:, None] ** orders
        features = monomials(y, powers, series)
        weighted = features * q[:, None]
        gram += weight * features.T @ weighted
        cross += weight * weighted.T @ label
        power += weight * float(q @ second)
        slope += weight * float(q @ series[:, 1] ** 2)
    eigenvalues, U = np.linalg.eigh(gram)
    eigenvalues = np.maximum(eigenvalues, 0.0)
    projected = (U.T @ cross) ** 2
    kept = eigenvalues > 1e-14 * eigenvalues.max(initial=0.0)
    left = power - float(np.trace(gram)) - slope * at.bulk_scale**2
    return WideKernel(
        eigenvalues=eigenvalues[kept],
        label=projected[kept] / eigenvalues[kept],
        y2=at.labels.second_moment(at.inputs),
        slope=math.sqrt(max(slope, 0.0)),
        noise=math.sqrt(max(left, 0.0) + feature_noise**2),
    )


def _rule(at: Coordinates, c: int) -> tuple[Array, Array, Array]:
    """Product rule for kappa in cluster c: nodes (N, D), E[y | kappa] there, and weights."""
    law, labels = at.inputs, at.labels
    axes, share = coordinate_rules.input_axes(at, c)
    rules = [_axis(each) for each in share]
    if np.any(labels.direction(law, c)):
        rules[0] = _label_axis(share[0], labels.kinks(law, c))
    require_size(math.prod(len(x) for x, _ in rules))
    grid, weights = product(rules)
    label = labels.mean(law, c, grid[:, 0]).reshape(len(grid), -1)[:, 0]
    return law.means[c] + grid @ axes.T, label, weights


def _axis(share: float) -> tuple[Array, Array]:
    """Rule along an axis that makes this share of a preactivation's variance.

    A smoothed activation has branch points in kappa, near the real line where the share is large:
    Gauss rules on half-lines then need some twenty nodes for what takes a whole one sixty.
    """
    count = _powers(share)
    return gauss(max(count, 3)) if share <= _LARGE else gauss_on_pieces([0.0], count // 2 + 3)


def _label_axis(share: float, kinks: Sequence[float]) -> tuple[Array, Array]:
    """Rule along the label's index, which is to resolve the label as well."""
    least = 12 if share > _LARGE else 9
    return gauss_on_pieces(kinks or [0.0], max(_powers(share) // 2 + 3, least))


def _powers(share: float) -> int:
    return min(coordinate_rules.visible_powers(share, _SMALL), 72)
