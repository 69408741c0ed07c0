"""Averages over two correlated preactivations."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .._support.arrays import Array
from ..activations import Activation
from .numeric import coefficients
from .polynomials import require_degree, sqrt_factorials


def kernel(
    first: str | Activation,
    second: str | Activation,
    correlation: npt.ArrayLike,
    degree: int,
    scales: tuple[float, float] = (1.0, 1.0),
    means: tuple[float, float] = (0.0, 0.0),
) -> Array:
    """Return E sigma(z) tau(z') as its Hermite series up to ``degree`` in [0, 150].

    With z = mu + s g, z' = mu' + t g', g and g' standard normal with correlation r in [-1, 1], of
    any shape, E He_p(g) He_q(g') = p! r^p delta_pq gives sum_p p! h_p[sigma] h_p[tau] r^p; scales
    are (s, t), means (mu, mu'), as for :func:`coefficients`. What is left out is at most
    |r|^(degree+1) times the product of both residuals h*_degree.

    Examples
    --------
    >>> kernel("he(2)", "he(2)", [0.5, 1.0], degree=2).round(12)  # 2! r^2
    array([0.5, 2. ])
    >>> bool(abs(kernel("relu", "relu", 0.5, 40) - arc_cosine_kernel(0.5)) < 1e-12)
    True
    """
    r = np.asarray(correlation, dtype=np.float64)
    _require_correlation(r)
    top = require_degree(degree)
    left = coefficients(first, top, scales[0], means[0])
    right = coefficients(second, top, scales[1], means[1])
    # Each side takes its sqrt(p!), so that neither p! nor its inverse appears.
    weights = sqrt_factorials(top)
    series = (left * weights) * (right * weights)
    return np.asarray(np.polynomial.polynomial.polyval(r, series))


def arc_cosine_kernel(
    correlation: npt.ArrayLike, scales: tuple[npt.ArrayLike, npt.ArrayLike] = (1.0, 1.0)
) -> Array:
    """Return E relu(s g) relu(t g') in closed form (Cho and Saul 2009, degree 1).

    ``s t (sqrt(1 - r^2) + r (pi - arccos r)) / (2 pi)``, r in [-1, 1], s and t >= 0.

    Examples
    --------
    >>> arc_cosine_kernel([-1.0, 0.0, 1.0]).round(6)  # 0, (E relu)^2, E relu^2
    array([0.      , 0.159155, 0.5     ])
    """
    r = np.asarray(correlation, dtype=np.float64)
    _require_correlation(r)
    s, t = _require_scales(scales)
    sine = np.sqrt((1 - r) * (1 + r))
    return np.asarray(s * t * (sine + r * (np.pi - np.arccos(r))) / (2 * np.pi))


def arcsine_kernel(
    correlation: npt.ArrayLike, scales: tuple[npt.ArrayLike, npt.ArrayLike] = (1.0, 1.0)
) -> Array:
    """Return E erf(s g) erf(t g') in closed form (Williams 1997).

    ``(2/pi) arcsin(2 s t r / sqrt((1 + 2 s^2)(1 + 2 t^2)))``, r in [-1, 1], s and t >= 0.

    Examples
    --------
    >>> arcsine_kernel([0.0, 1.0], scales=(0.5**0.5, 0.5**0.5)).round(6)
    array([0.      , 0.333333])
    """
    r = np.asarray(correlation, dtype=np.float64)
    _require_correlation(r)
    s, t = _require_scales(scales)
    return np.asarray(
        2 / np.pi * np.arcsin(2 * s * t * r / np.sqrt((1 + 2 * s**2) * (1 + 2 * t**2)))
    )


def _require_correlation(r: Array) -> None:
    wrong = ~(np.abs(r) <= 1)
    if np.any(wrong):
        raise ValueError(f"correlation: {r[wrong].flat[0]!r}; allowed are numbers in [-1, 1]")


def _require_scales(scales: tuple[npt.ArrayLike, npt.ArrayLike]) -> tuple[Array, Array]:
    s, t = (np.asarray(scale, dtype=np.float64) for scale in scales)
    for scale in (s, t):
        wrong = ~((scale >= 0) & np.isfinite(scale))
        if np.any(wrong):
            raise ValueError(f"scales: {scale[wrong].flat[0]!r}; allowed are finite numbers >= 0")
    return s, t
