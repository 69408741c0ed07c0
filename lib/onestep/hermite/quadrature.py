r"""Gaussian quadrature rules with a proven error bound.

Two rules for :math:`E f(g)`, on nodes whose weights include the Gaussian:

- *strip*: the trapezoidal rule for a function with a strip of analyticity known by hand. With
  :math:`N(y)` a bound of :math:`\int |f(x+iy)| dx`, its error is at most
  :math:`2 N(y) / (e^{2 \pi y/h} - 1)` (Trefethen and Weideman, SIAM Review 56, 2014, theorem 5.1).
- *panels*: Gauss-Legendre between the kinks, on panels that are halved until bounds of sigma on
  discs of the complex plane prove them fine enough; see :mod:`.panels`.

Neither asks for two rules that agree: both may miss the same peak, or take sin(50 z) for a slow
wave.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import eval_laguerre

from .._support.arrays import Array
from ..activations import Activation, Strip
from .panels import Laws, Panels, Unresolved, resolve
from .polynomials import hermite_functions
from .tails import CRAMER, tail_bound

_EPS = float(np.finfo(np.float64).eps)
_TARGET = 1e-15
ACCEPTED = 1e-12
"""Bounds above this, relative to max(1, norm of sigma), are refused."""
_BLOCK = 100_000  # floats of a block of quadrature nodes: stays in cache
_CHUNK = 20_000  # nodes for which all degrees are in memory
_LEAST = 1e-6  # norms of sigma below this count as this where errors are measured against them
_LIMITS = (13.0, 16.0, 20.0, 26.0, 34.0)


@dataclass(frozen=True)
class Rule:
    """Nodes for a block of scales: ``E f(mean + b g) ~ sum weight * f(z)``."""

    x: Array  # standard nodes, (nodes,) or (scales, nodes)
    root: Array  # weight divided by sqrt(phi(x)), same shape: the weight for Hermite functions
    # sigma at ``mean + scale * x``, (scales, nodes), and bounds of the errors of these values where
    # they are more than a few units of the last place
    values: Array
    rounding: Array | None
    # (scales,) bounds of the error before rounding: of every normalised coefficient up to the
    # degree asked for, and of E sigma^2
    error: Array
    square_error: Array
    method: str  # ``"strip"`` or ``"panels"``

    def coefficients(self, degree: int) -> tuple[Array, Array]:
        """Return sqrt(p!) h_p, (scales, degree + 1), and one bound for all orders, (scales,)."""
        weighted = self.values * self.root
        found = np.zeros((len(weighted), degree + 1))
        for start in range(0, self.x.shape[-1], _CHUNK):
            part = slice(start, start + _CHUNK)
            table = hermite_functions(self.x[..., part], degree)
            if self.x.ndim == 1:
                found += weighted[:, part] @ table
            else:
                found += np.einsum("sn,snp->sp", weighted[:, part], table)
        norm = np.sqrt(self._mean_square(self.values))
        summing = _EPS * (8 + 2 * math.sqrt(self.values.shape[1]) + 4 * degree)
        return found, self.error + summing * norm + self._noise()

    def second_moment(self) -> tuple[Array, Array]:
        """Return E sigma^2 and its error bound, (scales,)."""
        found = self._mean_square(self.values)
        summing = _EPS * (16 + 2 * math.sqrt(self.values.shape[1]))
        return found, self.square_error + summing * found + 3 * np.sqrt(found) * self._noise()

    def _noise(self) -> Array | float:
        """Return the root mean square of the errors of the values."""
        return 0.0 if self.rounding is None else np.sqrt(self._mean_square(self.rounding))

    def _mean_square(self, values: Array) -> Array:
        weights = self.root * root_density(self.x)
        if weights.ndim == 1:
            return np.asarray((values * values) @ weights)
        return np.asarray(np.einsum("sn,sn,sn->s", values, values, weights))


def rules(
    sigma: Activation, degree: int, scale: Array, mean: Array
) -> Iterator[tuple[slice, Rule]]:
    """Yield a rule with proven bounds per block of scales; a block's nodes stay in cache."""
    start, size = 0, min(len(scale), 64)
    while start < len(scale):
        block = slice(start, min(start + size, len(scale)))
        try:
            found = _rule(sigma, degree, scale[block], mean[block])
        except Unresolved:
            if block.stop > start + 1:
                size = max(1, (block.stop - start) // 4)
                continue
            raise ValueError(
                f"activation: {sigma.name!r} at scale {scale[start]:g}, mean {mean[start]:g}, "
                f"degree {degree}: no error bound could be proven; it varies too fast for this "
                "scale, or is too wild near a point; allowed are smaller scales and "
                "smoother functions"
            ) from None
        yield block, found
        start = block.stop
        per_scale = found.values.shape[1] * (1 if found.x.ndim == 1 else degree + 1)
        size = max(1, _BLOCK // max(per_scale, 1))


def _rule(activation: Activation, degree: int, scale: Array, mean: Array) -> Rule:
    """Return a rule for a_0..a_degree and E sigma^2, at all given scales."""
    if activation.strip is not None:
        return _strip_rule(activation, activation.strip, degree, scale, mean)
    return _panel_rule(activation, degree, scale, mean)


def _panel_rule(activation: Activation, degree: int, scale: Array, mean: Array) -> Rule:
    limit, tail, square_tail = _limit(activation, scale, mean)
    laws = Laws(activation, scale, mean, limit)

    def integrands(largest: Array, x: Array, t: Array) -> Array:
        with np.errstate(all="ignore"):
            linear = largest * largest_weight(x, t, degree)
            square = largest**2 * largest_weight(x, t, 0)
        return np.stack([linear, square])

    def allowed(norm: Array) -> Array:
        size = np.clip(norm, _LEAST, 1e150)
        return 1e-17 * np.stack([size, size**2])

    panels = resolve(laws, integrands, allowed)
    x, root, values, rounding = _nodes(laws, panels)
    error, square_error = panels.error
    return Rule(x, root, values, rounding, error + tail, square_error + square_tail, "panels")


def _nodes(laws: Laws, panels: Panels) -> tuple[Array, Array, Array, Array]:
    """Return standard nodes, weights without sqrt(phi), and sigma with its error at the nodes."""
    x, weights, slices = panels.nodes(laws.ends())
    shape = (len(laws.scale), x.shape[1])
    values, rounding = np.empty(shape), np.empty(shape)
    for piece, columns in enumerate(slices):
        values[:, columns], rounding[:, columns] = laws.values(piece, x[:, columns])
    outside = weights == 0  # in a piece without length for some of the laws
    if np.any(outside):
        values, rounding = np.where(outside, 0.0, values), np.where(outside, 0.0, rounding)
    root = weights * root_density(x)
    return (x[0], root[0], values, rounding) if len(x) == 1 else (x, root, values, rounding)


def _limit(activation: Activation, scale: Array, mean: Array) -> tuple[float, Array, Array]:
    """Return where to cut the tails, and what they hold at most: of coefficients, of E sigma^2."""
    near = np.abs(Laws(activation, scale, mean, 1.0).anywhere(np.array([-1.0, 1.0])))
    size = np.max(np.where(np.isfinite(near), near, 0.0), axis=1, initial=_LEAST)
    for limit in _LIMITS:
        tail, square = tail_bound(activation, limit, scale, mean)
        if np.all(tail <= 1e-17 * size):
            return limit, tail, square
    raise ValueError(
        f"activation: {activation.name!r} at scale {scale.max():g}: its tails reach beyond "
        f"{_LIMITS[-1]:g} standard deviations, or have no known bound; allowed are smaller scales"
    )


def largest_weight(x: Array, t: Array, degree: int) -> Array:
    r"""Bound :math:`|He_p \varphi|/\sqrt{p!}`, all p <= degree, on discs of radius t about x.

    By Mehler's formula, for any r in (0, 1), at most :math:`r^{-p/2} (1-r^2)^{-1/4}
    \exp(-\Re^2/(2(1+r)) + \Im^2/(2(1-r)))/\sqrt{2\pi}`; r = 0 serves for degree 0.
    """
    gap = t / (t + math.sqrt(degree)) if degree else np.ones_like(t)
    gap = np.maximum(gap, 1e-3)
    r = 1 - gap
    least = np.maximum(np.abs(x) - t, 0.0)
    power = -0.5 * degree * np.log(r) if degree else 0.0
    exponent = power - 0.25 * np.log(1 - r**2) - least**2 / (2 * (1 + r)) + t**2 / (2 * gap)
    return np.asarray(np.exp(exponent) / math.sqrt(2 * math.pi))


def root_density(x: Array) -> Array:
    """Return the square root of the Gaussian density."""
    return np.asarray((2 * np.pi) ** -0.25 * np.exp(-(x**2) / 4))


def _strip_rule(
    activation: Activation, strip: Strip, degree: int, scale: Array, mean: Array
) -> Rule:
    b, mu = float(scale.max()), float(np.abs(mean).max())
    size = strip.constant + strip.slope * (mu + b)
    y, integral = _strip_integrals(strip, degree, b, mu)
    step, target = 1.0, _TARGET * strip.share * size
    while (bound := float(np.min(2 * integral / np.expm1(2 * np.pi * y / step)))) > target:
        step /= 2**0.25
    limit = _LIMITS[0]
    tail = math.exp(-(limit**2) / 4) * (step * (1 + limit) + 2)
    count = math.ceil(limit / step)
    x = step * np.arange(-count, count + 1, dtype=np.float64)
    error = np.full(len(scale), bound + 2 * CRAMER * size * tail)
    values = activation(mean[:, None] + scale[:, None] * x)
    return Rule(x, step * root_density(x), values, None, error, error, "strip")


def _strip_integrals(strip: Strip, degree: int, b: float, mu: float) -> tuple[Array, Array]:
    """Return heights y of the strip that may be used, and the bound N(y) at each.

    By Cauchy-Schwarz the integral of |sigma He_p phi|/sqrt(p!) along Im g = y is at most
    exp(y^2/2) sqrt(L_p(-y^2)) times the L2 norm of sigma there, L_p the Laguerre polynomial:
    E |He_p(g + iy)|^2 = p! L_p(-y^2).
    """
    height = strip.half_width / b
    y = np.minimum(height * np.linspace(0.1, 0.99, 60), 12.0)
    laguerre = eval_laguerre(degree, -(y**2))
    norm = (strip.constant + strip.slope * (mu + b * np.sqrt(1 + y**2))) / np.cos(
        np.pi * b * y / (2 * strip.half_width)
    )
    # The same strip must also serve E sigma^2, whose bound has the square of the norm.
    return y, np.exp(y**2 / 2) * np.maximum(np.sqrt(laguerre), norm) * norm
