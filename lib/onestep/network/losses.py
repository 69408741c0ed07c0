"""Convex losses of the readout, and what becomes of a Gaussian score under their proximal step.

A sample that a convex readout has learned has the score ``z = prox_{V l(y, .)}(omega)``, the
minimiser of ``l(y, z) + (z - omega)^2 / 2 V``, where omega is its score under a readout trained
without it; ``f = (z - omega) / V = -l'(y, z)``. V = 0 is a fresh input.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from .._support import check
from .._support.arrays import Array

_ROUNDING = 1e-12  # by which a slope may be out of bounds
_REACH = 13.0  # standard deviations: beyond, a Gaussian has 1e-38 of its mass
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(90)  # of one piece as wide as the reach
_NEWTON = 200  # steps at most: five are the rule, and one for each power of e of a large V
_FEW, _FEW_WEIGHTS = np.polynomial.legendre.leggauss(14)  # of a short one


@dataclass(frozen=True)
class ProximalAverages:
    """Averages over a Gaussian score: ``E f``, ``E f^2``, ``-E df/d omega``, and ``E l(y, z)``."""

    f: Array
    square: Array
    response: Array
    loss: Array


@dataclass(frozen=True)
class Loss(ABC):
    """A convex loss ``l(y, z)`` of a label and a score.

    Attributes
    ----------
    name, margin
        Name of the loss, and whether it sees ``y z`` only, of labels +1 and -1.
    curvature
        Largest c with ``|l'(y, z) - l'(y, z')| <= |z - z'| / c``.
    low, high
        Bounds of ``f = -l'``, of ``y f`` for a margin.

    Examples
    --------
    >>> loss: Loss = LOSSES["hinge"]
    >>> loss.margin, loss.value(np.array([1.0, -1.0]), np.array([0.5, 0.5]))
    (True, array([0.5, 1.5]))
    """

    name: str
    margin: bool
    curvature: float
    low: float
    high: float

    @abstractmethod
    def value(self, y: Array, z: Array) -> Array:
        """``l(y, z)``, entry by entry."""

    @abstractmethod
    def proximal(self, y: Array, mean: Array, variance: Array, V: Array) -> ProximalAverages:
        """Averages over ``omega ~ N(mean, variance)``, for V >= 0; entry by entry."""

    @abstractmethod
    def pull(self, y: Array, omega: Array, V: Array) -> Array:
        """``f`` at omega: by what a learned sample moves its score, over V."""

    @abstractmethod
    def conjugate(self, y: Array, f: Array) -> Array:
        """``max_z (-f z - l(y, z))``, infinite where f is no slope."""

    @abstractmethod
    def slopes(self, y: Array, z: Array) -> tuple[Array, Array]:
        """``f = -l'`` and ``l''`` in z, of a loss whose `curvature` is above 0."""


@dataclass(frozen=True)
class Clipped(Loss):
    """``l = max_{low <= p <= high} (p r - curvature p^2 / 2)``: f is linear, and clipped.

    The residual r is ``1 - y z`` for a `margin`, of labels +1 and -1, else ``y - z``; the curvature
    is >= 0, and above 0 where a bound of ``f = -l'`` is infinite, ``low <= 0 <= high``.

    Examples
    --------
    >>> median = Clipped("absolute", margin=False, curvature=0.0, low=-1.0, high=1.0)
    >>> median.value(np.zeros(2), np.array([-3.0, 2.0]))
    array([3., 2.])
    """

    def __post_init__(self) -> None:
        check.number("curvature", self.curvature, 0.0)
        if not self.low <= 0 <= self.high or self.low == self.high:
            raise ValueError(
                f"low = {self.low!r} and high = {self.high!r} are not allowed: "
                "low <= 0 <= high, and not both 0, is needed"
            )
        if self.curvature == 0 and math.isinf(self.high - self.low):
            raise ValueError(
                f"curvature = {self.curvature!r} is not allowed with low = {self.low!r} and "
                f"high = {self.high!r}: the loss would be infinite"
            )

    def value(self, y: Array, z: Array) -> Array:
        """See `Loss`."""
        r = 1 - y * z if self.margin else y - z
        if self.curvature == 0:
            return np.asarray(np.where(r > 0, self.high * r, self.low * r))
        p = np.clip(r / self.curvature, self.low, self.high)
        return np.asarray(p * r - 0.5 * self.curvature * p**2)

    def pull(self, y: Array, omega: Array, V: Array) -> Array:
        """See `Loss`."""
        r, width = 1 - y * omega if self.margin else y - omega, V + self.curvature
        with np.errstate(divide="ignore", invalid="ignore"):
            p = np.clip(r / width, self.low, self.high)
        p = np.where(width > 0, p, np.where(r > 0, self.high, self.low))
        return y * p if self.margin else p

    def conjugate(self, y: Array, f: Array) -> Array:
        """See `Loss`."""
        p, target = (y * f, 1.0) if self.margin else (f, y)
        inside = np.clip(p, self.low, self.high)
        value = 0.5 * self.curvature * inside**2 - target * inside
        return np.where(np.abs(p - inside) <= _ROUNDING, value, np.inf)

    def slopes(self, y: Array, z: Array) -> tuple[Array, Array]:
        """See `Loss`."""
        r = 1 - y * z if self.margin else y - z
        p = r / self.curvature
        inside = (self.low < p) & (p < self.high)
        p = np.clip(p, self.low, self.high)
        return y * p if self.margin else p, inside / self.curvature

    def proximal(self, y: Array, mean: Array, variance: Array, V: Array) -> ProximalAverages:
        """See `Loss`: by normal integrals over the piece on which f is linear, exact to rounding.

        ``l(z) = f r - (V + curvature / 2) f^2``, and Stein's lemma gives ``E f r``.
        """
        sign = y if self.margin else np.ones_like(mean)
        r = 1 - y * mean if self.margin else y - mean
        size, width = np.sqrt(variance), V + self.curvature
        with np.errstate(divide="ignore", invalid="ignore"):
            ends = np.stack([(bound * width - r) / size for bound in (self.low, self.high)])
        below, above = special.ndtr(ends[0]), special.ndtr(-ends[1])
        ends = np.clip(ends, -_REACH, _REACH)
        half = 0.5 * (ends[1] - ends[0])[..., None]
        xi = ends[0][..., None] + half * (1 + _NODES)
        weight = half * _WEIGHTS * np.exp(-0.5 * xi**2) / math.sqrt(2 * math.pi)
        safe = np.where(width > 0, width, 1.0)  # the piece is a point where the width is 0
        inner = (r[..., None] + size[..., None] * xi) / safe[..., None]
        low, high = max(self.low, -1e300), min(self.high, 1e300)  # times a probability of 0
        first = low * below + high * above + np.sum(weight * inner, axis=-1)
        second = _squared(low, below) + _squared(high, above) + np.sum(weight * inner**2, axis=-1)
        jump = (high - low) * np.exp(-0.5 * (r / size) ** 2) / (size * math.sqrt(2 * math.pi))
        response = np.where(width > 0, np.sum(weight, axis=-1) / safe, jump)
        loss = r * first + variance * response - (V + 0.5 * self.curvature) * second
        return ProximalAverages(sign * first, second, response, np.maximum(loss, 0.0))


def _squared(bound: float, probability: Array) -> Array:
    """``bound^2`` times a probability, which is 0 if the bound stands for infinity."""
    return np.asarray(np.where(probability > 0, bound * (bound * probability), 0.0))


@dataclass(frozen=True)
class Logistic(Loss):
    """``l = log(1 + exp(-y z))`` of labels +1 and -1.

    Examples
    --------
    >>> Logistic().value(np.ones(1), np.zeros(1)).round(6)  # log 2
    array([0.693147])
    """

    name: str = "logistic"
    margin: bool = True
    curvature: float = 4.0
    low: float = 0.0
    high: float = 1.0

    def value(self, y: Array, z: Array) -> Array:
        """See `Loss`."""
        return np.asarray(-special.log_expit(y * z))

    def pull(self, y: Array, omega: Array, V: Array) -> Array:
        """See `Loss`."""
        return np.asarray(y * special.expit(-_proximal_point(y * omega, V)))

    def conjugate(self, y: Array, f: Array) -> Array:
        """See `Loss`: the negative entropy."""
        p = y * f
        inside = np.clip(p, 0.0, 1.0)
        value = -(special.entr(inside) + special.entr(1 - inside))
        return np.where(np.abs(p - inside) <= _ROUNDING, value, np.inf)

    def slopes(self, y: Array, z: Array) -> tuple[Array, Array]:
        """See `Loss`."""
        p = special.expit(-y * z)
        return y * p, p * (1 - p)

    def proximal(self, y: Array, mean: Array, variance: Array, V: Array) -> ProximalAverages:
        """See `Loss`: by integration over z, which needs no proximal step.

        ``y omega = z - V expit(-z)`` is explicit and increasing. Gauss rules on pieces that are
        short for the logistic function and for the Gaussian; rounding is what is left.
        """
        margin, size = y * mean, np.sqrt(variance)
        u = margin[..., None] + size[..., None] * np.arange(-12.0, 13.0, 2.0)
        ends = _proximal_point(u, V[..., None])
        grid = np.clip(np.arange(-40.0, 41.0, 2.0), ends[..., :1], ends[..., -1:])
        cuts = np.sort(np.concatenate([ends, grid], axis=-1), axis=-1)
        lengths = np.diff(cuts)
        pieces = np.nonzero(lengths)  # half of them have no length: the grid reaches far
        half = 0.5 * lengths[pieces][:, None]
        z = cuts[..., :-1][pieces][:, None] + half * (1 + _FEW)
        width, centre, root = (each[pieces[:-1]][:, None] for each in (V, margin, size))
        small = np.exp(-np.abs(z))
        p, slope = np.where(z > 0, small, 1.0) / (1 + small), small / (1 + small) ** 2
        stretch = 1 + width * slope
        xi = (z - width * p - centre) / root
        weight = half * _FEW_WEIGHTS * stretch * np.exp(-0.5 * xi**2) / root
        values = (p, p**2, slope / stretch, np.log1p(small) - np.minimum(z, 0.0))
        node = np.ravel_multi_index(pieces[:-1], V.shape)
        sums = (np.bincount(node, np.sum(weight * each, axis=1), V.size) for each in values)
        first, *others = (each.reshape(V.shape) / math.sqrt(2 * math.pi) for each in sums)
        return ProximalAverages(y * first, *others)


def _proximal_point(u: Array, V: Array) -> Array:
    """``z - V expit(-z) = u``, solved for z by Newton's steps, which cannot overshoot here.

    The left side is concave above 0, where steps from the left stay on the left of the root, and
    convex below, where steps from the right stay on its right. It bends less than it rises, so
    that a small step leaves about half its square at most.
    """
    u, V = np.broadcast_arrays(u, V)
    z = np.where(u > -0.5 * V, np.maximum(u, 0.0), np.minimum(u + V, 0.0))
    for _ in range(_NEWTON):
        p = special.expit(-z)
        step = (z - V * p - u) / (1 + V * p * (1 - p))
        z = z - step
        if np.all(step**2 <= 1e-17 * (np.abs(z) + np.abs(u))):
            break
    return np.asarray(z)


def huber(threshold: float = 1.0) -> Clipped:
    """Huber's loss: half the squared residual up to a threshold > 0, linear beyond.

    Examples
    --------
    >>> huber(2.0).value(np.zeros(2), np.array([1.0, 3.0]))
    array([0.5, 4. ])
    """
    threshold = check.positive("threshold", threshold)
    return Clipped("huber", False, 1.0, -threshold, threshold)


LOSSES: Mapping[str, Loss] = {
    "square": Clipped("square", False, 1.0, -math.inf, math.inf),
    "logistic": Logistic(),
    "hinge": Clipped("hinge", True, 0.0, 0.0, 1.0),
    "huber": huber(),
}
"""Losses that can be given by name; the square loss is half a squared residual."""


def against_the_rest(y: Array, loss: Loss) -> Array:
    """Labels as a loss sees them, one column a readout, shape (..., outputs).

    One-hot vectors of three and more classes are +1 and -1, of one class against the rest, where
    the loss sees margins: each output is a readout of two classes, to which the theory of one
    output applies. (A multinomial loss would couple them.)
    """
    columns = y if y.ndim > 1 else y[:, None]
    return 2 * columns - 1 if loss.margin and columns.shape[1] > 1 else columns


def loss_of(loss: str | Loss) -> Loss:
    """Loss of a name in `LOSSES`, or the loss itself; ValueError if it is neither."""
    return loss if isinstance(loss, Loss) else LOSSES[check.choice("loss", loss, LOSSES)]
