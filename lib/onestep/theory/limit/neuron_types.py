"""Population covariance of the features of a wide layer, neuron by neuron.

A neuron is its type u, the row of the trained layer on the special coordinates, and a bulk that is
independent of all types. Given the types, k times the covariance of the features is

    k M = J + A o (F F^T) + diag(eta),    J_ij = J(u_i, u_j),  A_ij = A(u_i, u_j),

(o entry by entry, F the bulk of the rows), where J and A average over inputs the product of two
neurons' conditional means and conditional slopes given kappa, and eta is what is left of a neuron's
power. Within a cluster, J and A are those of `onestep.theory.limit.kernel_series` with
``y = Sigma_c^{1/2} u``.

The bulk of a row, and that of an input, have squared norms that fluctuate by the relative size
(2/n)^{1/2}. With standard normal x for the neuron and x' for the input, the conditional mean is
``m + (x + x') b^2 m'' / (2 n)^{1/2}``: two modes of J of the order k/n, that of the bulk.
"""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import block_diag

from ..._support.arrays import Array, RealOrComplex
from ...hermite import GaussianFunction
from . import coordinate_rules
from .bulk import TypedBulk
from .input_functions import ClusterFunctions, InputFunctions
from .kernel_series import (
    TooLarge,
    conditional_series,
    kept_monomials,
    monomials,
    require_size,
)
from .low_rank import principal_axes
from .special_coordinates import Coordinates
from .trained_types import RESOLVED, trained_types

DEGREES = (20, 16, 12)
"""Degree at which all series are cut, the label's too: the first whose tables are not too large."""

_KEEP = 1e-4  # monomials whose share of the kernel is below this part of `floor` are left out
_MODES = 1e-2  # and so are, after compression, eigenvalues below this part of it
_LOST = 1e-6  # of these: what the axes of one cluster may leave out
_FLAT = 1e-3  # share of the slopes' power that is left to the diagonal, for each of their modes


@dataclass(frozen=True)
class NeuronTypes:
    """A quadrature over types, and the features' covariance between them.

    Source: the book's chapter *The network is kernel ridge regression*.

    Attributes
    ----------
    weights
        Weights of the types, shape (N,), of sum 1.
    means
        Factor of J, shape (2 N, p): first the types as they are, then what a standard deviation of
        a neuron's norm changes in their conditional means. Columns are functions of kappa, or of
        kappa times the norm of the input.
    slopes
        ``b^2 A = slopes slopes^T`` at the types, with the size b of the bulk of each; shape (N, L).
    rest
        eta at the types, the feature noise of a model included.
    label
        ``E y m(u) = means @ label`` for the conditional mean m(u) of a type's feature; shape
        (p, outputs), 0 for the norm of the input.
    y2
        ``E ||y||^2``.

    Examples
    --------
    >>> from onestep import Problem, activations, hermite
    >>> from onestep.theory.limit import coordinates
    >>> relu = hermite.OfActivation(activations.get("relu"))
    >>> special = coordinates(Problem(n=400, m=400, k=400))
    >>> types = NeuronTypes.of(special, relu, 0.0, floor=1e-6)
    >>> own, norm = np.split(types.means, 2)
    >>> power = types.rest + (own**2).sum(axis=1) + (types.slopes**2).sum(axis=1)
    >>> float((types.weights @ power).round(2))  # E relu(g)^2
    0.5
    """

    weights: Array
    means: Array
    slopes: Array
    rest: Array
    label: Array
    y2: float

    @classmethod
    def of(
        cls,
        special: Coordinates,
        function: GaussianFunction,
        feature_noise: float,
        floor: float,
        resolved: tuple[float, ...] = RESOLVED,
    ) -> NeuronTypes:
        """Types of the neurons, and what the features of two of them have in common.

        Parameters
        ----------
        special
            Special coordinates of a problem.
        function
            Activation or polynomial of the features.
        feature_noise
            Standard deviation of independent noise in every feature, before the factor
            ``k^{-1/2}``.
        floor
            Size of eigenvalues of J that matter: what is far below it is left to eta.
        resolved
            As for `trained_types`.

        Raises
        ------
        ValueError
            If the quadrature over the types would be too large: too many spikes of large strength.
        """
        return expanded_types(special, function, feature_noise, floor, resolved)[0]

    def bulk(self, ratio: float) -> TypedBulk:
        """The bulk of the features, for ``ratio = k/n``."""
        return TypedBulk(self.slopes, np.eye(self.slopes.shape[1]), self.weights, ratio)

    def kernel(self, g: RealOrComplex) -> RealOrComplex:
        """``E_u[g m m^T]`` on the functions of inputs for a weight g of each type, (p, p)."""
        if np.iscomplexobj(g):  # the means are real: two real products
            return self.kernel(g.real) + 1j * self.kernel(g.imag)
        return np.asarray((self.means.T * np.tile(self.weights * g, 2)) @ self.means)


def expanded_types(
    special: Coordinates,
    function: GaussianFunction,
    feature_noise: float,
    floor: float,
    resolved: tuple[float, ...],
) -> tuple[NeuronTypes, InputFunctions]:
    """Types as `NeuronTypes.of`, and the functions of inputs that their means are expanded in.

    `resolved` as for `trained_types`.
    """
    rule = trained_types(special, resolved)
    *higher, lowest = DEGREES
    for degree in higher:
        with contextlib.suppress(TooLarge):
            return _up_to(degree, rule, special, function, feature_noise, floor)
    return _up_to(lowest, rule, special, function, feature_noise, floor)


def _up_to(
    degree: int,
    rule: tuple[Array, Array, Array],
    special: Coordinates,
    function: GaussianFunction,
    feature_noise: float,
    floor: float,
) -> tuple[NeuronTypes, InputFunctions]:
    """The types with series up to a degree; other arguments and errors as `NeuronTypes.of`."""
    u, scale, weights = rule
    inputs, labels = special.inputs, special.labels
    halves = [_half(special, c) for c in range(inputs.weights.size)]
    points = [u @ half for half in halves]
    shifts = [u @ mean for mean in inputs.means] if np.any(inputs.means) else None
    expanded = conditional_series(function, degree + 2, scale, points, shifts)
    of_norm = scale**2 / math.sqrt(2 * special.dimensions)
    means, axes, slopes, clusters = [], [], [], []
    root = np.sqrt(weights)
    power = np.zeros(weights.size)
    p = np.arange(degree + 1)
    for c, (rho, half, y, (series, second)) in enumerate(
        zip(inputs.weights, halves, points, expanded, strict=True)
    ):
        power += rho * second
        spread = np.sqrt(weights @ y**2)
        # f' and f'' have the coefficients sqrt(p + 1) f_(p+1) and sqrt((p + 1) (p + 2)) f_(p+2).
        mean = math.sqrt(rho) * series[:, :-2]
        slope = scale[:, None] * math.sqrt(rho) * series[:, 1:-1] * np.sqrt(p + 1)
        norm = of_norm[:, None] * math.sqrt(rho) * series[:, 2:] * np.sqrt((p + 1) * (p + 2))
        size = np.sqrt(weights @ (mean**2 + norm**2))
        exponents = kept_monomials(spread, size, _KEEP * floor)
        require_size(2 * len(y) * len(exponents))
        degrees, products = exponents.sum(axis=1), monomials(y, exponents)
        own, moved = (each[:, degrees] * products for each in (mean, norm))
        # Cluster by cluster first: far fewer axes than monomials count.
        both = np.vstack([own, moved])
        along = principal_axes(both.T * np.tile(root, 2), _LOST * _MODES * floor)
        own, moved = np.split(both @ along, 2)
        means.append(np.block([[own, moved], [moved, np.zeros_like(own)]]))
        axes += [along, along]
        clusters.append(ClusterFunctions(rho, half, inputs.means[c], exponents))
        size = np.sqrt(weights @ slope**2)
        exponents = kept_monomials(spread, size, 0.1 * _FLAT * float(np.sum(size**2)))
        slopes.append(slope[:, exponents.sum(axis=1)] * monomials(y, exponents))
    mean, turn = _compressed(np.hstack(means), np.tile(weights, 2), _MODES * floor)
    turn = block_diag(*axes) @ turn
    slope, _ = _compressed(np.hstack(slopes), weights, None)
    kept = np.sum(mean[: weights.size] ** 2, axis=1) + np.sum(slope**2, axis=1)
    functions = InputFunctions(tuple(clusters), turn)
    label = np.zeros((turn.shape[1], special.step.noise.shape[1]))
    for c in range(len(clusters)):
        a = labels.coefficients(inputs, c, degree).reshape(degree + 1, -1)
        label += functions.polynomial(c, labels.direction(inputs, c), a)
    types = NeuronTypes(
        weights=weights,
        means=mean,
        slopes=slope,
        rest=np.maximum(power - kept, 0.0) + feature_noise**2,
        label=label,
        y2=labels.second_moment(inputs),
    )
    return types, functions


def _half(special: Coordinates, c: int) -> Array:
    """A square root of the covariance of kappa in cluster c, along axes of the neurons."""
    half = coordinate_rules.half(special, c)
    return np.asarray(half @ np.linalg.eigh(half @ special.neurons @ half)[1])


def _compressed(columns: Array, weights: Array, floor: float | None) -> tuple[Array, Array]:
    """Columns along the principal axes of their Gram matrix, and those axes.

    Axes are kept above a floor, or by default above the share `_FLAT` of the whole.
    """
    factor = columns.T * np.sqrt(weights)
    axes = principal_axes(factor, _FLAT * float(np.sum(factor**2)) if floor is None else floor)
    return columns @ axes, axes
