"""Quadrature nodes whose weights include the Gaussian density."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .._support.arrays import Array
from ..activations import Activation
from .polynomials import hermite_functions

_POSITION, _WEIGHT = np.polynomial.legendre.leggauss(20)


@dataclass(frozen=True)
class Rule:
    """Nodes for a block of scales: ``E f(mean + b g) ~ sum weight * f(z)``.

    Attributes
    ----------
    x
        Standard nodes, (nodes,) or (scales, nodes).
    root
        Weight divided by sqrt(phi(x)), same shape: the weight for Hermite functions.
    z
        ``mean + scale * x``, (scales, nodes).
    discretisation
        (scales,) bound of the error before rounding, for every normalised coefficient up to the
        degree asked for; nan until known.
    method
        ``"strip"``, ``"smooth"``, ``"split"`` or ``"endpoint"``.
    """

    x: Array
    root: Array
    z: Array
    discretisation: Array
    method: str

    def coefficients(self, values: Array, degree: int) -> Array:
        """Return sqrt(p!) h_p, (scales, degree + 1), from ``values`` of sigma at ``z``."""
        weighted = values * self.root
        table = hermite_functions(self.x, degree)
        if self.x.ndim == 1:
            return np.asarray(weighted @ table)
        return np.asarray(np.einsum("sn,snp->sp", weighted, table))

    def mean_of(self, values: Array) -> Array:
        """Return E of ``values``, (scales,)."""
        return self.coefficients(values, 0)[:, 0]


Build = Callable[[Activation, float, int, Array, Array], Rule]
"""``build(activation, limit, level, scale, mean)``: each level halves the step."""


def smooth(activation: Activation, limit: float, level: int, scale: Array, mean: Array) -> Rule:
    """Trapezoidal rule on [-limit, limit], for functions without kinks."""
    return trapezoid(limit, 2.0 ** -(level + 1), scale, mean, "smooth")


def trapezoid(limit: float, step: float, scale: Array, mean: Array, method: str) -> Rule:
    """Trapezoidal rule of a given step."""
    count = math.ceil(limit / step)
    x = step * np.arange(-count, count + 1, dtype=np.float64)
    z = mean[:, None] + scale[:, None] * x
    return Rule(x, step * root_density(x), z, np.full(len(scale), np.nan), method)


def split(activation: Activation, limit: float, level: int, scale: Array, mean: Array) -> Rule:
    """Composite Gauss-Legendre between the kinks, 2^(level + 1) panels on each piece."""
    ends = _ends(activation, limit, scale, mean)
    panels = 2 ** (level + 1)
    fraction = ((np.arange(panels)[:, None] + (_POSITION + 1) / 2) / panels).ravel()
    length = np.diff(ends, axis=1)[..., None]
    x = (ends[:, :-1, None] + length * fraction).reshape(len(ends), -1)
    root = (length * np.tile(_WEIGHT / (2 * panels), panels)).reshape(len(ends), -1)
    root = root * root_density(x)
    z = mean[:, None] + scale[:, None] * x
    if len(ends) == 1:
        x, root = x[0], root[0]
    return Rule(x, root, z, np.full(len(scale), np.nan), "split")


def endpoint(activation: Activation, limit: float, level: int, scale: Array, mean: Array) -> Rule:
    """Tanh-sinh on every piece: also for functions that are singular at a kink, like sqrt(|z|)."""
    step = 2.0 ** -(level + 2)
    t: Array = step * np.arange(-round(3.9 / step), round(3.9 / step) + 1, dtype=np.float64)
    s = np.pi / 2 * np.sinh(t)
    share = 1 / (1 + np.exp(2 * np.abs(s)))  # distance to the nearer end, over the length
    weight = step * np.pi / 4 * np.cosh(t) / np.cosh(s) ** 2
    ends = _ends(activation, limit, scale, mean)
    length = np.diff(ends, axis=1)[..., None]
    left, right = ends[:, :-1, None], ends[:, 1:, None]
    x = np.where(t < 0, left + length * share, right - length * share)
    root = length * weight * root_density(x)
    kinks = np.array(activation.kinks)
    distance = np.asarray(length * share)
    z = _keep_off(kinks, x, t, distance, limit, scale, mean).reshape(len(scale), -1)
    x, root = x.reshape(len(ends), -1), root.reshape(len(ends), -1)
    if len(ends) == 1:
        x, root = x[0], root[0]
    return Rule(x, root, z, np.full(len(scale), np.nan), "endpoint")


def _ends(activation: Activation, limit: float, scale: Array, mean: Array) -> Array:
    """Return the ends of the pieces in standard units, (scales or 1, pieces + 1).

    One row where all scales share them, as for one kink at the mean.
    """
    inner = (np.array(activation.kinks) - mean[:, None]) / scale[:, None]
    if np.all(inner == inner[:1]):
        inner = inner[:1]
    inner = np.clip(inner, -limit, limit)
    edge = np.full((len(inner), 1), limit)
    return np.concatenate([-edge, inner, edge], axis=1)


def root_density(x: Array) -> Array:
    """Return the square root of the Gaussian density."""
    return np.asarray((2 * np.pi) ** -0.25 * np.exp(-(x**2) / 4))


def _keep_off(
    kinks: Array,
    x: Array,
    t: Array,
    distance: Array,
    limit: float,
    scale: Array,
    mean: Array,
) -> Array:
    """Return z = mean + scale x, computed from the nearer kink so that no node crosses it."""
    b = scale[:, None, None]
    z = mean[:, None, None] + b * x
    pieces = z.shape[1]
    for piece in range(pieces):
        lower = kinks[piece - 1] if piece else -np.inf
        upper = kinks[piece] if piece < pieces - 1 else np.inf
        near, away = z[:, piece], b[:, 0] * distance[:, piece]
        if piece:
            use = (t < 0) & (x[:, piece, :1] > -limit)
            near = np.where(use, lower + away, near)
        if piece < pieces - 1:
            use = (t >= 0) & (x[:, piece, -1:] < limit)
            near = np.where(use, upper - away, near)
        z[:, piece] = np.clip(near, np.nextafter(lower, np.inf), np.nextafter(upper, -np.inf))
    return z
