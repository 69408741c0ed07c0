"""Which part of their features, and of the label, neurons hold along polynomials of an input."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..._support import streams
from ..._support.arrays import Array
from ...network import FeatureMap
from ..limit.kernel_series import Exponents, conditional_series, multinomial
from .input_modes import hermite_products, kept_modes, power_products, unlearned
from .shared_axes import SharedAxes

_DEGREE = 40
_SHARE = 3e-2  # of what k modes at least leave, the least that a mode holds
_LOOKED = 64  # rows that tell which modes matter


@dataclass(frozen=True)
class HeldModes:
    """Modes of every cluster, one set after the other.

    Attributes
    ----------
    axes
        The laws of inputs and labels.
    exponents
        Of one cluster's, shape (number, n).
    columns
        f_u, shape (modes, rows).
    label
        Coefficients of ``E[y | x]``, shape (modes, outputs).
    power
        ``E phi_u^2``, shape (rows,).
    product_with_label
        ``E phi_u y``, shape (rows, outputs), all modes counted.
    """

    axes: SharedAxes
    exponents: Exponents
    columns: Array
    label: Array
    power: Array
    product_with_label: Array

    @classmethod
    def of(cls, axes: SharedAxes, rows: Array, features: FeatureMap, k: int) -> HeldModes:
        """Those that matter to a layer of width k, for rows of shape (N, n)."""
        inputs, labels = axes.inputs, axes.labels
        points = [rows * np.sqrt(each) for each in axes.eigenvalues]
        shifts = [rows @ mean for mean in inputs.means] if np.any(inputs.means) else None
        found = conditional_series(features.gaussian, _DEGREE, 0.0, points, shifts)
        power = inputs.weights @ [each for _, each in found] + features.noise**2
        series = [each for each, _ in found]
        exponents = _exponents(inputs.weights, points, series, k)
        degree, root = exponents.sum(axis=1), np.sqrt(multinomial(exponents))[:, None]
        columns, label = [], []
        together = np.zeros((len(rows), math.prod(labels.outputs)))
        for c, rho in enumerate(inputs.weights):
            columns.append(
                power_products(points[c], exponents, math.sqrt(rho) * root * series[c].T[degree])
            )
            along = np.sqrt(axes.eigenvalues[c]) * labels.direction(inputs, c)
            a = labels.coefficients(inputs, c, _DEGREE).reshape(_DEGREE + 1, -1)
            label.append(a[degree] * power_products(along[None], exponents, math.sqrt(rho) * root))
            turns = (points[c] @ along)[:, None] ** np.arange(_DEGREE + 1)
            together += rho * (series[c] * turns) @ a
        return cls(axes, exponents, np.vstack(columns), np.vstack(label), power, together)

    def parity(self, moved: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Of every mode along every axis; 0 along the moved ones, where it does not matter."""
        one = np.where(moved, 0, self.exponents % 2)
        return np.tile(one, (self.axes.inputs.weights.size, 1))

    def at_inputs(self, size: int) -> tuple[Array, Array]:
        """Inputs (size, n), the same at every call, and values of the modes, (modes, size)."""
        inputs = self.axes.inputs
        g = streams.generator("inputs of a spectrum").standard_normal((size, inputs.n))
        places = (np.arange(size) + 0.5) / size
        cluster = np.searchsorted(np.cumsum(inputs.weights)[:-1], places)
        X = g * np.sqrt(self.axes.eigenvalues)[cluster] + inputs.means[cluster]
        values = hermite_products(g, self.exponents)
        each = [
            values * (cluster == c) / math.sqrt(rho) if rho else 0 * values
            for c, rho in enumerate(inputs.weights)
        ]
        return X, np.vstack(each)


def _exponents(weights: Array, points: list[Array], series: list[Array], k: int) -> Exponents:
    sizes = [np.linalg.norm(a, axis=1, keepdims=True) for a in points]
    v2 = np.vstack([(a / s)[:_LOOKED] ** 2 for a, s in zip(points, sizes, strict=True)])
    orders = np.arange(_DEGREE + 1)
    powers = [
        weights.size * rho * (f * s**orders)[:_LOOKED] ** 2
        for rho, f, s in zip(weights, series, sizes, strict=True)
    ]
    floor = _SHARE * unlearned(v2, np.vstack(powers), k) / k
    found = kept_modes(v2, np.vstack(powers), floor)
    # All linear modes: of small eigenvalues there are many.
    return np.vstack([found[found.sum(axis=1) != 1], np.eye(v2.shape[1], dtype=np.intp)])
