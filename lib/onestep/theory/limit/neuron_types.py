"""Population covariance of the features of a wide layer, neuron by neuron.

A neuron is its type u, the row of the trained layer on the special coordinates, and a bulk that is
independent of all types. Given the types, k times the covariance of the features is

    k M = J + A o (F F^T) + diag(eta),    J_ij = J(u_i, u_j),  A_ij = A(u_i, u_j),

(o entry by entry, F the bulk of the rows), where J and A average over inputs the product of two
neurons' conditional means and conditional slopes given kappa, and eta is what is left of a neuron's
power. Within a cluster, J and A are Hermite series in ``u^T Sigma_c u'``: sums over monomials in
``Sigma_c^{1/2} u``, and so of finite rank up to any accuracy.
"""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from ..._support.arrays import Array
from ...hermite import GaussianFunction, ScaleTable, gauss, product
from . import coordinate_rules
from .coordinates import Coordinates
from .monomials import TooLarge, kept_monomials, monomials, multinomial, require_size

DEGREES = (20, 16, 12)
"""Degree at which all series are cut, the label's too: the first whose tables are not too large."""

_KEEP = 1e-4  # monomials whose share of the kernel is below this part of `floor` are left out
_MODES = 1e-2  # and so are, after compression, eigenvalues below this part of it
_FLAT = 1e-3  # share of the slopes' power that is left to the diagonal, for each of their modes
_PRODUCT = 8000  # nodes that a product rule may have; beyond, the types are a lattice
_LATTICE = 4096
_RESOLVED = (1e-8, 1e-6)  # powers of a coordinate's share of a preactivation below this do not
# count: the first for which a product rule has room


@dataclass(frozen=True)
class NeuronTypes:
    """A quadrature over types, and the features' covariance between them.

    Attributes
    ----------
    weights
        Weights of the types, shape (N,), of sum 1.
    means, slopes
        ``J = means means^T`` and ``A = slopes slopes^T`` at the types, shapes (N, p) and (N, L).
    rest
        eta at the types, the feature noise of a model included.
    label
        ``E y m(u) = means @ label`` for the conditional mean m(u) of a type's feature; shape
        (p, outputs).
    y2
        ``E ||y||^2``.
    """

    weights: Array
    means: Array
    slopes: Array
    rest: Array
    label: Array
    y2: float


def neuron_types(
    at: Coordinates, function: GaussianFunction, feature_noise: float, floor: float
) -> NeuronTypes:
    """Types of the neurons, and what the features of two of them have in common.

    Parameters
    ----------
    at
        Special coordinates of a problem.
    function
        Activation or polynomial of the features.
    feature_noise
        Standard deviation of independent noise in every feature, before the factor ``k^{-1/2}``.
    floor
        Size of eigenvalues of J that matter: what is far below it is left to eta.

    Raises
    ------
    ValueError
        If the quadrature over the types would be too large: too many spikes of large strength.
    """
    rule = _rule(at)
    *higher, lowest = DEGREES
    for degree in higher:
        with contextlib.suppress(TooLarge):
            return _up_to(degree, rule, at, function, feature_noise, floor)
    return _up_to(lowest, rule, at, function, feature_noise, floor)


def _up_to(
    degree: int,
    rule: tuple[Array, Array],
    at: Coordinates,
    function: GaussianFunction,
    feature_noise: float,
    floor: float,
) -> NeuronTypes:
    """The types with series up to a degree; other arguments and errors as `neuron_types`."""
    u, weights = rule
    expand = _Expansion(at, function, u, degree + 1)
    means, slopes, label = [], [], []
    power = np.zeros(weights.size)
    p = np.arange(degree + 1)
    for c, rho in enumerate(at.inputs.weights):
        half = _half(at, c)
        y = u @ half
        series, second = expand(np.sqrt(at.bulk_scale**2 + np.sum(y**2, axis=1)), c)
        power += rho * second
        spread = np.sqrt(weights @ y**2)
        conditional_mean = math.sqrt(rho) * series[:, :-1]
        # f' has the coefficients sqrt(p + 1) a_(p+1) / scale.
        conditional_slope = math.sqrt(rho) * series[:, 1:] * np.sqrt(p + 1)
        size = np.sqrt(weights @ conditional_mean**2)
        exponents = kept_monomials(spread, size, _KEEP * floor)
        require_size(len(y) * len(exponents))
        means.append(monomials(y, exponents, conditional_mean))
        a = at.labels.coefficients(at.inputs, c, degree).reshape(degree + 1, -1)
        index = np.prod((half.T @ at.labels.direction(at.inputs, c)) ** exponents, axis=1)
        factor = math.sqrt(rho) * np.sqrt(multinomial(exponents)) * index
        label.append(a[exponents.sum(axis=1)] * factor[:, None])
        size = np.sqrt(weights @ conditional_slope**2)
        exponents = kept_monomials(spread, size, 0.1 * _FLAT * float(np.sum(size**2)))
        slopes.append(monomials(y, exponents, conditional_slope))
    mean, turn = _compressed(np.hstack(means), weights, _MODES * floor)
    slope, _ = _compressed(np.hstack(slopes), weights, None)
    kept = np.sum(mean**2, axis=1) + at.bulk_scale**2 * np.sum(slope**2, axis=1)
    return NeuronTypes(
        weights=weights,
        means=mean,
        slopes=slope,
        rest=np.maximum(power - kept, 0.0) + feature_noise**2,
        label=turn.T @ np.vstack(label),
        y2=at.labels.second_moment(at.inputs),
    )


def _half(at: Coordinates, c: int) -> Array:
    """A square root of the covariance of kappa in cluster c, along axes of the neurons."""
    half = coordinate_rules.half(at, c)
    return np.asarray(half @ np.linalg.eigh(half @ at.neurons @ half)[1])


def _rule(at: Coordinates) -> tuple[Array, Array]:
    """Rule for u ~ N(0, A): nodes (N, D) and weights."""
    for resolved in _RESOLVED:
        root, counts = coordinate_rules.type_axes(at, resolved)
        if math.prod(counts) <= _PRODUCT:
            grid, weights = product([gauss(count) for count in counts])
            counted = weights > 1e-12 * weights.max()
            return grid[counted] @ root.T, weights[counted]
    return _lattice(at.inputs.n) @ root.T, np.full(_LATTICE, 1 / _LATTICE)


def _lattice(dimensions: int) -> Array:
    """Points of a rank-one lattice, mapped to the normal law, with their mirror images.

    Generator: powers of the root of ``x^(D+1) = x + 1`` (Roberts' sequence). First and second
    moments, on which linear modes depend, are made exact.
    """
    root = 2.0
    for _ in range(60):
        root = (1 + root) ** (1 / (dimensions + 1))
    steps = root ** -np.arange(1.0, dimensions + 1)
    x = special.ndtri((0.5 + np.outer(np.arange(1, _LATTICE // 2 + 1), steps)) % 1)
    x = np.linalg.solve(np.linalg.cholesky(x.T @ x / len(x)), x.T).T
    return np.vstack([x, -x])


class _Expansion:
    """Coefficients ``a_p / scale^p`` and power of the features' function at the types."""

    def __init__(self, at: Coordinates, function: GaussianFunction, u: Array, degree: int) -> None:
        self._function, self._degree = function, degree
        self._mean = u @ at.inputs.means.T
        self._table = None
        if not np.any(self._mean):
            largest = max(
                float(np.max(np.sum((u @ _half(at, c)) ** 2, axis=1)))
                for c in range(at.inputs.weights.size)
            )
            self._table = ScaleTable(
                function, degree, at.bulk_scale, math.sqrt(at.bulk_scale**2 + largest)
            )

    def __call__(self, scale: Array, c: int) -> tuple[Array, Array]:
        if self._table is not None:
            a, power = self._table(scale)
        else:
            a = self._function.coefficients(self._degree, scale, self._mean[:, c])
            power = self._function.second_moment(scale, self._mean[:, c])
        return a / scale[:, None] ** np.arange(self._degree + 1), power


def _compressed(columns: Array, weights: Array, floor: float | None) -> tuple[Array, Array]:
    """Columns along the principal axes of their Gram matrix, and those axes.

    Axes are kept above a floor, or by default above the share `_FLAT` of the whole.
    """
    values, axes = np.linalg.eigh((columns.T * weights) @ columns)
    axes = axes[:, values > (_FLAT * float(values.sum()) if floor is None else floor)]
    return columns @ axes, axes
