r"""Gaussian quadrature rules that come with an error bound.

Four rules for :math:`E f(g)`, all on nodes whose weights include the Gaussian:

- *strip*: the trapezoidal rule for a function with a proven strip of analyticity. With
  :math:`N(y)` a bound of :math:`\int |f(x+iy)| dx`, its error is at most
  :math:`2 N(y) / (e^{2 \pi y/h} - 1)` (Trefethen and Weideman, SIAM Review 56, 2014, theorem 5.1).
- *smooth*: the trapezoidal rule with steps halved until two rules agree.
- *split*: Gauss-Legendre on panels between the kinks, panels halved until two rules agree.
- *endpoint*: tanh-sinh between the kinks where *split* does not settle, as for sqrt(|z|).

The bound of the last three is the difference from the rule of twice the step: an estimate from
above, not a proof, as the error of the finer rule is about the square of that.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from .._support.arrays import Array
from ..activations import Activation, Strip, Z
from .nodes import Build, Rule, endpoint, root_density, smooth, split, trapezoid

_EPS = float(np.finfo(np.float64).eps)
_TARGET = 1e-15
ACCEPTED = 1e-12
"""Bounds above this, relative to max(1, norm of sigma), are refused."""
_CRAMER = 1.0865 * (2 * math.pi) ** -0.5  # sup of |psi_p| times the factor of sqrt(phi)
_MAX_LEVELS: dict[Build, int] = {smooth: 10, split: 6, endpoint: 8}
_LIMITS = (13.0, 16.0, 20.0, 26.0, 34.0)


def rule(activation: Activation, degree: int, scale: Array, mean: Array) -> Rule:
    """Return a rule exact to near rounding for a_0..a_degree and E sigma^2, at all given scales.

    Raises
    ------
    ValueError
        No rule of the family reaches the accuracy: sigma varies too fast on the scale b, or is
        too wild near a point or in its tails.
    """
    if activation.strip is not None:
        return _strip_rule(activation.strip, degree, scale, mean)
    limit = _limit(activation, scale, mean)
    families: tuple[Build, ...] = (split, endpoint) if activation.kinks else (smooth,)
    # The level is found on extreme scales and means and the one nearest to 0, then raised until all
    # of them settle: a function that is constant far out is simple at extreme means.
    some = np.unique(
        [scale.argmin(), scale.argmax(), mean.argmin(), mean.argmax(), np.abs(mean).argmin()]
    )
    for build in families:
        for level in range(1, _MAX_LEVELS[build] + 1):
            _, change, norm = _refine(
                build, activation, degree, limit, level, scale[some], mean[some]
            )
            if np.all(change <= 30 * _EPS * norm):
                break
        for raised in range(level, _MAX_LEVELS[build] + 1):
            found, change, norm = _refine(build, activation, degree, limit, raised, scale, mean)
            # Where sigma all but vanishes, its norm is below what rounding leaves of the nodes.
            settled = np.all(change <= ACCEPTED / 4 * np.maximum(norm, 1.0))
            if settled and not _misses_a_peak(found, activation, limit, norm, scale, mean):
                return replace(found, discretisation=change)
    raise ValueError(
        f"activation: {activation.name!r} at scale {scale.max():g}: quadrature did not settle "
        f"(last change {np.max(change):.1e}); it varies too fast for this scale"
    )


def _misses_a_peak(
    found: Rule,
    activation: Activation,
    limit: float,
    norm: Array,
    scale: Array,
    mean: Array,
) -> bool:
    """Return whether sigma all but vanishes at the nodes of some scale, and not between them.

    There two rules agree whatever they have not seen.
    """
    rows = np.flatnonzero(norm < ACCEPTED)
    if not rows.size:
        return False
    density = np.broadcast_to(root_density(found.x), found.z.shape)
    seen = np.max(np.abs(activation(found.z[rows])) * density[rows], axis=1)
    peaks = np.array([_peak(activation, limit, float(scale[i]), float(mean[i])) for i in rows])
    return bool(np.any((peaks > 10 * seen) & (2 * limit * peaks > ACCEPTED / 4)))


@lru_cache(maxsize=4096)
def _peak(activation: Activation, limit: float, scale: float, mean: float) -> float:
    """Return a peak of |sigma(mean + scale x)| sqrt(phi(x)) on [-limit, limit].

    The logarithm does not underflow, so its slope leads to a peak too narrow for a grid: from the
    best of some points by golden sections.
    """
    function = sp.lambdify(Z, activation.expression, "mpmath")

    def height(x: float) -> Any:
        try:
            size = abs(function(mpmath.mpf(mean) + mpmath.mpf(scale) * x))
        except (ValueError, ZeroDivisionError, OverflowError):
            return -mpmath.inf  # at a singular point
        return mpmath.log(size) - x * x / 4 if size else -mpmath.inf

    with mpmath.workdps(20):
        points = [mpmath.mpf(x) for x in np.linspace(-limit, limit, 28)]
        best = max(range(1, 27), key=lambda i: height(points[i]))
        low, high = points[best - 1], points[best + 1]
        golden = (mpmath.sqrt(5) - 1) / 2
        left, right = high - golden * (high - low), low + golden * (high - low)
        at_left, at_right = height(left), height(right)
        for _ in range(60):
            if at_left > at_right:
                high, right, at_right = right, left, at_left
                left = high - golden * (high - low)
                at_left = height(left)
            else:
                low, left, at_left = left, right, at_right
                right = low + golden * (high - low)
                at_right = height(right)
        return float(mpmath.exp(max(at_left, at_right)))


def _refine(
    build: Build,
    activation: Activation,
    degree: int,
    limit: float,
    level: int,
    scale: Array,
    mean: Array,
) -> tuple[Rule, Array, Array]:
    """Return the rule of a level, how much it differs from the level below, and norms of sigma."""
    rules = [build(activation, limit, at, scale, mean) for at in (level - 1, level)]
    moments = []
    for one in rules:
        values = activation(one.z)
        moments.append((one.coefficients(values, degree), one.mean_of(values**2)))
    (coarse, coarse_square), (fine, square) = moments
    norm = np.maximum(np.sqrt(np.abs(square)), 1e-300)
    change = np.maximum(np.abs(fine - coarse).max(axis=1), np.abs(square - coarse_square) / norm)
    return rules[1], change, norm


def root_mean_square(
    function: Callable[[Array], Array],
    activation: Activation,
    degree: int,
    scale: float,
    mean: float,
    noise: float,
) -> Array:
    """Return the L2 norm of function(z), z ~ N(mean, scale^2), if it grows like z^degree.

    Composite rules between the kinks of ``activation``, refined until the norms settle to a
    relative 1e-9 or to ``noise``. The tails are cut where z^(2 degree) phi is negligible: its
    maximum is at sqrt(2 degree) and it falls like exp(-x^2) on either side.

    Parameters
    ----------
    function
        From z, shape (N,), to values of shape (N, k).

    Raises
    ------
    ValueError
        No rule settles.
    """
    b, mu = np.array([scale]), np.array([mean])
    limit = max(_limit(activation, b, mu), math.sqrt(2 * degree) + 9)
    for build in (split, endpoint):
        previous: Array | None = None
        for level in range(1, _MAX_LEVELS[build] + 2):
            nodes = build(activation, limit, level, b, mu)
            weights = (nodes.root * root_density(nodes.x)).ravel()
            roots = np.asarray(np.sqrt(weights @ function(nodes.z[0]) ** 2))
            # Of the roots: rounding of size eps enters a square times its root.
            settled = previous is not None and np.abs(roots - previous) <= 1e-9 * roots + noise
            if np.all(settled):
                return roots
            previous = roots
    raise ValueError(
        f"activation: {activation.name!r} at scale {scale:g}, degree {degree}: the mean square of "
        "the truncation error did not settle"
    )


def _strip_rule(strip: Strip, degree: int, scale: Array, mean: Array) -> Rule:
    b, mu = float(scale.max()), float(np.abs(mean).max())
    size = strip.constant + strip.slope * (mu + b)
    y, integral = _strip_integrals(strip, degree, b, mu)
    step = 1.0
    while (bound := float(np.min(2 * integral / np.expm1(2 * np.pi * y / step)))) > _TARGET * size:
        step /= 2**0.25
    limit = _LIMITS[0]
    tail = math.exp(-(limit**2) / 4) * (step * (1 + limit) + 2)
    truncation = 2 * _CRAMER * size * tail
    found = trapezoid(limit, step, scale, mean, "strip")
    return replace(found, discretisation=np.full(len(scale), bound + truncation))


def _strip_integrals(strip: Strip, degree: int, b: float, mu: float) -> tuple[Array, Array]:
    """Return heights y of the strip that may be used, and the bound N(y) at each.

    By Cauchy-Schwarz the integral of |sigma He_p phi|/sqrt(p!) along Im g = y is at most
    exp(y^2/2) sqrt(L_p(-y^2)) times the L2 norm of sigma there, L_p the Laguerre polynomial:
    E |He_p(g + iy)|^2 = p! L_p(-y^2).
    """
    height = strip.half_width / b
    y = np.minimum(height * np.linspace(0.1, 0.99, 60), 12.0)
    laguerre = sum(
        math.comb(degree, k) * y ** (2 * k) / math.factorial(k) for k in range(degree + 1)
    )
    norm = (strip.constant + strip.slope * (mu + b * np.sqrt(1 + y**2))) / np.cos(
        np.pi * b * y / (2 * strip.half_width)
    )
    # The same strip must also serve E sigma^2, whose bound has the square of the norm.
    return y, np.exp(y**2 / 2) * np.maximum(np.sqrt(laguerre), norm) * norm


def _limit(activation: Activation, scale: Array, mean: Array) -> float:
    """Return where to cut the tails: sigma sqrt(phi) must be negligible there, both sides."""
    for limit in _LIMITS:
        ends = np.stack([mean - scale * limit, mean + scale * limit, mean - scale, mean + scale])
        size = np.abs(activation(ends))
        far, near = (
            size[:2].max(axis=0),
            size.max(axis=0, initial=1e-6, where=np.array([[0], [0], [1], [1]], bool)),
        )
        if np.all(far * limit * math.exp(-(limit**2) / 4) < 1e-17 * near):
            return limit
    raise ValueError(
        f"activation: {activation.name!r} at scale {scale.max():g}: its tails reach beyond "
        f"{_LIMITS[-1]:g} standard deviations"
    )
