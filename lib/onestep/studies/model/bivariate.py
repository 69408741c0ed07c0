"""Two correlated neurons: sampled averages of products against the series in the correlation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import activations, hermite
from ..._support.arrays import Array

BATCHES = 20
"""Independent batches of pairs, whose scatter gives the standard errors."""

CLOSED: dict[str, Callable[..., Any]] = {
    "relu": hermite.arc_cosine_kernel,
    "erf": hermite.arcsine_kernel,
}
"""Kernels in closed form, by activation."""


class Pairs:
    """Independent Gaussians, `draws` pairs in each batch, to be mixed to any correlation."""

    def __init__(self, draws: int, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self._g = rng.standard_normal((BATCHES, draws))
        self._h = rng.standard_normal((BATCHES, draws))

    def _second(self, correlation: float) -> Array:
        mixed: Array = correlation * self._g + np.sqrt(1 - correlation**2) * self._h
        return mixed

    def kernel(
        self, first: str, second: str, correlations: Sequence[float], scales: Sequence[float]
    ) -> Array:
        """Means of the products of two activations, shape (correlations, batches)."""
        sigma, tau, (s, t) = activations.get(first), activations.get(second), scales
        return np.array(
            [(sigma(s * self._g) * tau(t * self._second(r))).mean(axis=1) for r in correlations]
        )

    def products(self, correlation: float, claimed: float) -> Array:
        """Means of ``He_p He_q``, normalised, less ``claimed^p`` if p = q; shape (orders, batches).

        Orders are those with ``1 <= p <= q <= 3``.
        """
        left = hermite.normalised_polynomials(self._g, 3)
        right = hermite.normalised_polynomials(self._second(correlation), 3)
        orders = [(p, q) for p in range(1, 4) for q in range(p, 4)]
        means = [(left[..., p] * right[..., q]).mean(axis=1) for p, q in orders]
        return np.array(
            [m - (p == q) * claimed**p for m, (p, q) in zip(means, orders, strict=True)]
        )


def series_gap(
    name: str, correlations: Array, degree: int, scales: Sequence[float], factor: float = 1.0
) -> Array:
    """Series of one of `CLOSED` minus its closed form, in units of the product of the scales.

    The first scale of the series is wrong by a factor.
    """
    s, t = scales
    series = hermite.kernel(name, name, correlations, degree, (factor * s, t))
    return np.asarray(series - CLOSED[name](correlations, (s, t))) / (s * t)
