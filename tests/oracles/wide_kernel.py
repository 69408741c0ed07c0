"""The kernel of a wide network on the special coordinates of its inputs.

For two inputs with special coordinates kappa and kappa', neurons with rows of covariance A there,
and a bulk of variance b^2 that is independent for the two,

    K(kappa, kappa') = E sigma(z) sigma(z') = sum_p p! h_p(tau)/tau^p h_p(tau')/tau'^p
                                              (kappa^T A kappa')^p,   tau^2 = b^2 + kappa^T A kappa:

that of `onestep.theory.limit.kernel_series` with ``y = A^{1/2} kappa``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from onestep._support.arrays import Array
from onestep.hermite import GaussianFunction, gauss, gauss_on_pieces, product
from onestep.theory.label_rule import label_rule
from onestep.theory.limit import Coordinates, coordinate_rules
from onestep.theory.limit.kernel_series import (
    conditional_series,
    kept_monomials,
    monomials,
    require_size,
)

KERNEL_DEGREE = 12
"""Degree at which the series of the kernel is cut."""

_KEEP = 1e-5  # monomials whose share of the kernel is below this part of `floor` are left out
_SMALL = 1e-7  # powers of a coordinate's share of a preactivation below this do not count
_LARGE = 0.05  # share from which an axis is cut at 0
_FEWEST, _MOST = 3, 72  # nodes of a whole axis


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

    @classmethod
    def of(
        cls,
        special: Coordinates,
        function: GaussianFunction,
        feature_noise: float,
        floor: float,
    ) -> WideKernel:
        """Decompose the kernel.

        Parameters
        ----------
        special
            Special coordinates of a problem whose labels are numbers.
        function
            Activation or polynomial of the features.
        feature_noise
            Standard deviation of independent noise in every feature, before the factor
            ``k^{-1/2}``.
        floor
            Size of eigenvalues that matter: modes far below it are counted as noise of the bulk.

        Raises
        ------
        ValueError
            If labels have several outputs, or the quadrature over kappa would be too large: too
            many spikes of large strength.
        """
        inputs, labels = special.inputs, special.labels
        if labels.outputs:
            raise ValueError(f"labels of {labels.outputs[0]} outputs are not allowed: numbers are")
        rules = [_rule(special, c) for c in range(inputs.weights.size)]
        covariance = sum(
            rho * (kappa.T * q) @ kappa
            for rho, (kappa, _, q) in zip(inputs.weights, rules, strict=True)
        )
        # K is invariant under rotations of A^{1/2} kappa: principal axes keep the monomials few.
        root = coordinate_rules.symmetric_root(special.neurons)
        root = root @ np.linalg.eigh(root @ covariance @ root)[1]
        points = [kappa @ root for kappa, _, _ in rules]
        origin = np.zeros((1, inputs.n))
        (at_origin, _), *expanded = conditional_series(
            function, KERNEL_DEGREE, special.bulk_scale, [origin, *points]
        )
        spread = np.max(
            [np.sqrt(q @ y**2) for y, (_, _, q) in zip(points, rules, strict=True)], axis=0
        )
        exponents = kept_monomials(spread, np.abs(at_origin[0]), _KEEP * floor)
        require_size(max(len(y) for y in points) * len(exponents))
        gram, cross = np.zeros((len(exponents), len(exponents))), np.zeros(len(exponents))
        power = slope = 0.0
        for rho, y, (series, second), (_, label, q) in zip(
            inputs.weights, points, expanded, rules, strict=True
        ):
            root_weight = np.sqrt(rho * q)
            own = series[:, exponents.sum(axis=1)] * monomials(y, exponents)
            features = own * root_weight[:, None]
            gram += features.T @ features  # a symmetric product, at half the cost
            cross += features.T @ (root_weight * label)
            power += rho * float(q @ second)
            slope += rho * float(q @ series[:, 1] ** 2)
        eigenvalues, U = np.linalg.eigh(gram)
        eigenvalues = np.maximum(eigenvalues, 0.0)
        projected = (U.T @ cross) ** 2
        kept = eigenvalues > 1e-14 * eigenvalues.max(initial=0.0)
        left = power - float(np.trace(gram)) - slope * special.bulk_scale**2
        return cls(
            eigenvalues=eigenvalues[kept],
            label=projected[kept] / eigenvalues[kept],
            y2=labels.second_moment(inputs),
            slope=math.sqrt(max(slope, 0.0)),
            noise=math.sqrt(max(left, 0.0) + feature_noise**2),
        )


def _rule(special: Coordinates, c: int) -> tuple[Array, Array, Array]:
    """Product rule for kappa in cluster c: nodes (N, D), E[y | kappa] there, and weights."""
    inputs, labels = special.inputs, special.labels
    axes, share = coordinate_rules.input_axes(special, c)
    rules = [_axis(each) for each in share]
    if np.any(labels.direction(inputs, c)):
        rules[0] = label_rule(labels, inputs, c, _label_count(share[0]))
    require_size(math.prod(len(x) for x, _ in rules))
    grid, weights = product(rules)
    label = labels.mean(inputs, c, grid[:, 0]).reshape(len(grid), -1)[:, 0]
    return inputs.means[c] + grid @ axes.T, label, weights


def _axis(share: float) -> tuple[Array, Array]:
    """Rule along an axis that makes this share of a preactivation's variance.

    A smoothed activation has branch points in kappa, near the real line where the share is large:
    Gauss rules on half-lines then need some twenty nodes for what takes a whole one sixty.
    """
    count = _powers(share)
    return gauss(max(count, _FEWEST)) if share <= _LARGE else gauss_on_pieces([0.0], count // 2 + 3)


def _label_count(share: float) -> int:
    """Nodes on a piece of the label's index, which is to resolve the neurons as well."""
    return max(_powers(share) // 2 + 3, 12 if share > _LARGE else 9)


def _powers(share: float) -> int:
    return min(coordinate_rules.visible_powers(share, _SMALL), _MOST)
