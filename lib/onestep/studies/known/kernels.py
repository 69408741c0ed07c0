"""Kernels of random neurons: Cho and Saul's, and the coefficients of Liao and Couillet's."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from ... import hermite
from ..._support import check
from ..._support.arrays import Array

_ANGULAR: tuple[Callable[[Array], Array], ...] = (
    lambda t: np.pi - t,
    lambda t: np.sin(t) + (np.pi - t) * np.cos(t),
    lambda t: 3 * np.sin(t) * np.cos(t) + (np.pi - t) * (1 + 2 * np.cos(t) ** 2),
)

POWERS = ("Heaviside(z)", "relu", "Max(0, z)**2")
"""The activations ``Theta(z) z^n`` of the arc-cosine kernels, n = 0, 1, 2."""


def arc_cosine(order: int, angle: npt.ArrayLike, norms: tuple[float, float] = (1.0, 1.0)) -> Array:
    """``k_n(x, y) = |x|^n |y|^n J_n(angle) / pi`` of Cho and Saul (2009), n = 0, 1 or 2.

    It is ``2 E Theta(w x) Theta(w y) (w x)^n (w y)^n`` over standard normal w; the angle
    between x and y is in [0, pi].
    """
    order = check.integer("order", order, 0, len(_ANGULAR) - 1)
    size = (norms[0] * norms[1]) ** order
    return np.asarray(size * _ANGULAR[order](np.asarray(angle, dtype=float)) / np.pi)


GRAM: Mapping[str, Callable[[float], tuple[float, float, float]]] = {
    "z": lambda t: (0.0, 1.0, 0.0),
    "relu": lambda t: ((1 / 4 - 1 / (2 * math.pi)) * t, 1 / 4, 1 / (8 * math.pi * t)),
    "abs(z)": lambda t: ((1 - 2 / math.pi) * t, 0.0, 1 / (2 * math.pi * t)),
    "Heaviside(z)": lambda t: (1 / 4 - 1 / (2 * math.pi), 1 / (2 * math.pi * t), 0.0),
    "sign(z)": lambda t: (1 - 2 / math.pi, 2 / (math.pi * t), 0.0),
    "cos(z)": lambda t: (0.5 + math.exp(-2 * t) / 2 - math.exp(-t), 0.0, math.exp(-t) / 4),
    "sin(z)": lambda t: (0.5 - math.exp(-2 * t) / 2 - t * math.exp(-t), math.exp(-t), 0.0),
    "erf(z)": lambda t: (
        2 / math.pi * (math.asin(2 * t / (2 * t + 1)) - 2 * t / (2 * t + 1)),
        4 / (math.pi * (2 * t + 1)),
        0.0,
    ),
    "exp(-z**2/2)": lambda t: (1 / math.sqrt(2 * t + 1) - 1 / (t + 1), 0.0, 1 / (4 * (t + 1) ** 3)),
}
"""Coefficients ``(d_0, d_1, d_2)`` of Liao and Couillet (2018), as functions of tau.

The centred Gram matrix of random features of n-dimensional mixtures, whose inputs have squared
norms near tau, is ``d_1`` times that of the inputs themselves, which knows the means of classes,
plus ``d_2`` times what knows their covariances, plus ``d_0`` times the identity. For erf the
authors' table has an arccos in ``d_0``, by which it is negative; the derivation gives an arcsin.
"""


def gram_by_hermite(name: str, tau: float, scale: float) -> tuple[float, float, float]:
    """``h*_1^2, h_1^2 / tau, h_2^2 / tau^2`` at a scale: `GRAM` if that is ``tau^{1/2}``."""
    h = hermite.coefficients(name, 2, scale)
    rest = hermite.HermiteExpansion.of(name, 1, scale).residual
    return rest**2, float(h[1]) ** 2 / tau, float(h[2] / tau) ** 2
