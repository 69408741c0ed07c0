"""The two-layer network ``f(x) = k^{-1/2} w^T sigma(F x)``, and a gradient step on F."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._support.arrays import Array, product
from ..activations import Activation

SECOND_LAYERS = ("gaussian", "signs")
"""Laws of the second layer."""

_BLOCK = 64  # neurons


@dataclass(frozen=True)
class Weights:
    """First layer ``F``, (k, n), and second layer ``w``, (k, *outputs), before training.

    Examples
    --------
    >>> Weights(F=np.eye(2), w=np.array([1.0, -1.0])).w.shape
    (2,)
    """

    F: Array
    w: Array


def initialise(
    k: int,
    n: int,
    trace: float,
    rng: np.random.Generator,
    outputs: tuple[int, ...] = (),
    second_layer: str = "gaussian",
) -> Weights:
    """Draw ``F_ij ~ N(0, 1/tr)`` and ``w_i ~ N(0, 1/k)``, or signs of this size; w by output.

    Examples
    --------
    >>> weights = initialise(80, 50, trace=60.0, rng=np.random.default_rng(0), outputs=(3,))
    >>> weights.F.shape, weights.w.shape, round(float((weights.F**2).mean()), 3)  # 1/60
    ((80, 50), (80, 3), 0.017)
    """
    F = rng.standard_normal((k, n))
    F /= np.sqrt(trace)
    w = rng.standard_normal((k, *outputs))
    return Weights(F, (np.sign(w) if second_layer == "signs" else w) / np.sqrt(k))


def gradient(weights: Weights, X: Array, y: Array, activation: Activation) -> Array:
    """Descent direction G, (k, n), of the squared loss (1/2m) sum ||y - f(x)||^2 in F.

    ``G = (1/m) [k^{-1/2} (w (y^T - k^{-1/2} w^T sigma(F X^T))) o sigma'(F X^T)] X``, for inputs (m,
    n) and labels (m, *outputs); with several outputs, y^T and f are matrices and the same formula
    holds. At kinks sigma' is a choice of subgradient.

    Source: arXiv 2503.00856; the book's chapter *One gradient step is nearly rank one*.

    Examples
    --------
    >>> from onestep import activations
    >>> line, one = activations.get("he(1)"), Weights(F=np.array([[1.0]]), w=np.array([1.0]))
    >>> gradient(one, np.array([[1.0], [2.0]]), np.array([3.0, 2.0]), line)  # (3 - 1) / 2
    array([[1.]])
    """
    return gradient_at(product(weights.F, X), weights.w, X, y, activation)


def gradient_at(Z: Array, w: Array, X: Array, y: Array, activation: Activation) -> Array:
    """`gradient` for given ``Z = F X^T``, (k, m); products with X are in the precision of X."""
    k, m = Z.shape
    residual = y - activation(Z).T @ w / np.sqrt(k)
    residual /= m * np.sqrt(k)
    slope = activation.derivative(Z)
    if w.ndim == 1:  # both factors leave the product; the residual goes with its smaller factor
        if k < X.shape[1]:
            slope *= residual
        else:
            X = (residual[:, None] * X).astype(X.dtype, copy=False)
        G = product(slope, X.T)
        G *= w[:, None]
        return np.asarray(G)
    residual = residual.reshape(m, -1)
    for start in range(0, k, _BLOCK):  # so that the outer product stays in the cache
        rows = slice(start, start + _BLOCK)
        slope[rows] *= w[rows].reshape(-1, residual.shape[1]) @ residual.T
    return product(slope, X.T)


@dataclass(frozen=True)
class RankOne:
    """The rank-one part ``u v^T`` of the gradient: u (k,), v (n,), or a column for every output."""

    u: Array
    v: Array


def rank_one(weights: Weights, X: Array, y: Array, mean_slope: float) -> RankOne:
    """Rank-one approximation of `gradient` that the paper uses.

    ``u = a_1 w / sqrt(k)`` and ``v = X^T y / m``, with the mean slope
    ``a_1 = E sigma'(b g) = h_1(b) / b``.

    Source: the book's chapter *One gradient step is nearly rank one*.
    """
    u = mean_slope * weights.w / np.sqrt(weights.w.shape[0])
    return RankOne(u, X.T @ y / X.shape[0])
