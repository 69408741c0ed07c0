r"""Gaussian quadrature rules that come with an error bound.

Three rules for :math:`E f(g)`, all on nodes whose weights include the Gaussian:

- *strip*: the trapezoidal rule for a function with a proven strip of analyticity. With
  :math:`N(y)` a bound of :math:`\int |f(x+iy)| dx`, its error is at most
  :math:`2 N(y) / (e^{2 \pi y/h} - 1)` (Trefethen and Weideman, SIAM Review 56, 2014, theorem 5.1).
- *smooth*: the trapezoidal rule with steps halved until two rules agree.
- *split*: tanh-sinh on every piece between kinks, steps halved until two rules agree.

The bound of the last two is the difference of the last two rules: an estimate from above, not a
proof, as the error of the finer rule is about the square of that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from onestep.activations import Activation, Strip
from onestep.hermite._polynomials import FloatArray, hermite_functions

_EPS = float(np.finfo(np.float64).eps)
_TARGET = 1e-15
ACCEPTED = 1e-12
"""Bounds above this, relative to max(1, norm of sigma), are refused."""
_CRAMER = 1.0865 * (2 * math.pi) ** -0.5  # sup of |psi_p| times the factor of sqrt(phi)
_LIMITS = (13.0, 16.0, 20.0, 26.0, 34.0)


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
        ``"strip"``, ``"smooth"`` or ``"split"``.
    """

    x: FloatArray
    root: FloatArray
    z: FloatArray
    discretisation: FloatArray
    method: str

    def coefficients(self, values: FloatArray, degree: int) -> FloatArray:
        """Return sqrt(p!) h_p, (scales, degree + 1), from ``values`` of sigma at ``z``."""
        weighted = values * self.root
        table = hermite_functions(self.x, degree)
        if self.x.ndim == 1:
            return np.asarray(weighted @ table)
        return np.einsum("sn,snp->sp", weighted, table)

    def mean_of(self, values: FloatArray) -> FloatArray:
        """Return E of ``values``, (scales,)."""
        return self.coefficients(values, 0)[:, 0]


def rule(activation: Activation, degree: int, scale: FloatArray, mean: FloatArray) -> Rule:
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
    build = _split if activation.kinks else _smooth
    previous: FloatArray | None = None
    for level in range(2, 11):
        candidate = build(activation, limit, level, scale, mean)
        values = activation(candidate.z)
        moments = np.column_stack(
            [candidate.coefficients(values, degree), candidate.mean_of(values**2)]
        )
        norm = np.maximum(np.sqrt(np.abs(moments[:, -1])), 1e-300)
        moments[:, -1] /= norm
        if previous is not None:
            change = np.abs(moments - previous).max(axis=1)
            if np.all(change <= 30 * _EPS * norm):
                return Rule(candidate.x, candidate.root, candidate.z, change, candidate.method)
        previous = moments
    # Take the last rule if it is good enough to be accepted, else refuse.
    if np.all(change <= ACCEPTED * np.maximum(1, norm)):
        return Rule(candidate.x, candidate.root, candidate.z, change, candidate.method)
    raise ValueError(
        f"activation: {activation.name!r} at scale {scale.max():g}: quadrature did not settle "
        f"(last change {np.max(change):.1e}, allowed {ACCEPTED:g}); it varies too fast for this scale"
    )


def _strip_rule(strip: Strip, degree: int, scale: FloatArray, mean: FloatArray) -> Rule:
    b, mu = float(scale.max()), float(np.abs(mean).max())
    size = strip.constant + strip.slope * (mu + b)
    step = 1.0
    while (bound := _strip_bound(strip, degree, b, mu, step)) > _TARGET * size:
        step /= 2**0.25
    limit = _LIMITS[0]
    count = math.ceil(limit / step)
    x = step * np.arange(-count, count + 1)
    tail = math.exp(-(limit**2) / 4) * (step * (1 + limit) + 2)
    truncation = 2 * _CRAMER * size * tail
    return Rule(
        x,
        np.full_like(x, step) * _root_density(x),
        mean[:, None] + scale[:, None] * x,
        np.full(len(scale), bound + truncation),
        "strip",
    )


def _strip_bound(strip: Strip, degree: int, b: float, mu: float, step: float) -> float:
    """Return the trapezoidal bound, best over the height y of the strip that is used.

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
    integral = np.exp(y**2 / 2) * np.maximum(np.sqrt(laguerre), norm) * norm
    return float(np.min(2 * integral / np.expm1(2 * np.pi * y / step)))


def _root_density(x: FloatArray) -> FloatArray:
    return np.asarray((2 * np.pi) ** -0.25 * np.exp(-(x**2) / 4))


def _limit(activation: Activation, scale: FloatArray, mean: FloatArray) -> float:
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


def _smooth(
    activation: Activation, limit: float, level: int, scale: FloatArray, mean: FloatArray
) -> Rule:
    step = 2.0**-level
    count = math.ceil(limit / step)
    x = step * np.arange(-count, count + 1)
    z = mean[:, None] + scale[:, None] * x
    return Rule(x, step * _root_density(x), z, np.full(len(scale), np.nan), "smooth")


def _split(
    activation: Activation, limit: float, level: int, scale: FloatArray, mean: FloatArray
) -> Rule:
    step = 2.0 ** -(level + 1)
    t = step * np.arange(-round(3.9 / step), round(3.9 / step) + 1)
    s = np.pi / 2 * np.sinh(t)
    share = 1 / (1 + np.exp(2 * np.abs(s)))  # distance to the nearer end, in units of the length
    weight = step * np.pi / 4 * np.cosh(t) / np.cosh(s) ** 2
    kinks = np.array(activation.kinks)
    inner = (kinks - mean[:, None]) / scale[:, None]
    shared = bool(np.all(inner == inner[:1]))
    if shared:
        inner = inner[:1]
    inner = np.clip(inner, -limit, limit)
    ends = np.concatenate(
        [np.full((len(inner), 1), -limit), inner, np.full((len(inner), 1), limit)], axis=1
    )
    length = np.diff(ends, axis=1)[..., None]
    left, right = ends[:, :-1, None], ends[:, 1:, None]
    x = np.where(t < 0, left + length * share, right - length * share)
    root = length * weight * _root_density(x)
    z = _keep_off(kinks, x, t, length * share, limit, scale, mean)
    nodes = x.shape[1] * x.shape[2]
    x, root = x.reshape(-1, nodes), root.reshape(-1, nodes)
    if shared:
        x, root = x[0], root[0]
    return Rule(x, root, z.reshape(len(scale), nodes), np.full(len(scale), np.nan), "split")


def _keep_off(
    kinks: FloatArray,
    x: FloatArray,
    t: FloatArray,
    distance: FloatArray,
    limit: float,
    scale: FloatArray,
    mean: FloatArray,
) -> FloatArray:
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
