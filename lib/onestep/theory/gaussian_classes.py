"""Gaussian inputs of given class means and covariances: errors of a convex readout by formula."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .._support import check
from .._support.arrays import Array
from ..network import Loss, loss_of, require_digits
from .class_features import DenseClasses, DiagonalClasses
from .convex_readout import ClassErrors, ConvexReadout

_ROUNDING = 1e-10


def gaussian_classes(
    means: Sequence[Sequence[float]] | Array,
    covariances: Sequence[Sequence[float]] | Sequence[Sequence[Sequence[float]]] | Array,
    labels: Sequence[float] | Array,
    weights: Sequence[float] | Array | None = None,
    *,
    m: float,
    ridge: float,
    loss: str | Loss = "square",
    intercept: bool = False,
) -> ClassErrors:
    """Errors of the readout ``argmin (1/m) sum l(y, w^T x + b) + (lambda/2) ||w||^2`` by formula.

    The limit of many inputs and samples, at a given ratio; nothing is drawn. Several readouts, one
    for each class against the rest, are several calls.

    Source: Loureiro et al. (2021).

    Parameters
    ----------
    means
        One row mu_c for each class, shape (classes, d).
    covariances
        S_c, shape (classes, d, d); or their diagonals, shape (classes, d).
    labels
        y_c: +1 or -1 for the losses that see a margin (logistic, hinge), any number for the others.
    weights
        rho_c: probabilities of the classes; None for equal ones.
    m
        Number of samples > 0, which need not be whole: only ratios such as m / d enter.
    ridge
        lambda > 0 of the objective above, in which the loss is a *mean* over the samples. For a
        sum over the samples, take ``lambda / m``. b has no ridge.
    loss
        ``"square"`` (half a squared residual), ``"logistic"``, ``"hinge"`` (``(1 - y z)_+``),
        ``"huber"`` (with threshold 1), or a loss such as ``onestep.network.huber(0.5)``.
    intercept
        Whether b is fitted; else it is 0.

    Raises
    ------
    ValueError
        If an argument is out of its range, or the readout does not exist or is not determined: with
        an intercept and labels of one value, or with labels that all vanish.

    Examples
    --------
    Two classes at -1 and +1 along one of 50 axes:

    >>> means = np.eye(1, 50) * [[1.0], [-1.0]]
    >>> few, many = (
    ...     gaussian_classes(means, np.ones((2, 50)), [1, -1], m=m, ridge=0.1, loss="logistic")
    ...     for m in (50, 5000)
    ... )
    >>> few.status, few.plain_training_error < many.plain_training_error
    ('converged', True)
    >>> best = 0.158655  # P(xi > 1)
    >>> best < many.class_error < best + 0.01 < few.class_error
    True

    The published units, features ``x / sqrt(d)`` and a sum over the samples, are a scale:

    >>> d, m, published = 50, 100, 0.01
    >>> found = gaussian_classes(
    ...     means / d**0.5, np.full((2, d), 0.5 / d), [1, -1], m=m, ridge=published / m,
    ...     loss="logistic", intercept=True,
    ... )
    >>> found.status, abs(found.intercept) < 1e-9
    ('converged', True)
    """
    loss = loss_of(loss)
    mu, S, y, rho = _checked(means, covariances, labels, weights, loss, intercept)
    m, ridge = check.positive("m", m), check.positive("ridge", ridge, check.MAGNITUDE)
    traces = S.sum(axis=1) if S.ndim == 2 else np.einsum("cii->c", S)
    power = float(rho @ (np.sum(mu**2, axis=1) + traces))
    require_digits(ridge, power)
    features = (DiagonalClasses if S.ndim == 2 else DenseClasses)(mu, S)
    return ConvexReadout(features, y, rho, m, ridge, loss, intercept).errors()


def _checked(
    means: Any, covariances: Any, labels: Any, weights: Any, loss: Loss, intercept: bool
) -> tuple[Array, Array, Array, Array]:
    mu = _finite("means", means)
    if mu.ndim != 2 or not mu.size:
        raise ValueError(f"means has shape {mu.shape}; (classes, d) is needed")
    count, d = mu.shape
    S = _finite("covariances", covariances)
    if S.shape not in ((count, d), (count, d, d)):
        raise ValueError(
            f"covariances has shape {S.shape}; {(count, d)} or {(count, d, d)} is needed, "
            f"as means has shape {mu.shape}"
        )
    least = S.min() if S.ndim == 2 else np.linalg.eigvalsh(S).min()
    if least < -_ROUNDING * np.abs(S).max() or (
        S.ndim == 3 and np.abs(S - S.swapaxes(1, 2)).max() > _ROUNDING * np.abs(S).max()
    ):
        raise ValueError(
            f"covariances has an eigenvalue {least:.3g} or is not symmetric: "
            "covariance matrices are needed"
        )
    rho = np.full(count, 1 / count) if weights is None else _finite("weights", weights)
    if rho.shape != (count,) or rho.min() < 0 or abs(math.fsum(rho) - 1) > 1e-12:
        raise ValueError(
            f"weights = {weights!r} is not allowed: {count} numbers >= 0 that sum to 1 are needed"
        )
    y = _finite("labels", labels)
    if y.shape != (count,) or (loss.margin and not np.all(np.abs(y) == 1)):
        kind = "of +1 and -1" if loss.margin else "numbers"
        raise ValueError(
            f"labels = {labels!r} is not allowed: {count} {kind} are needed, as loss is "
            f"{loss.name!r}"
        )
    seen = y[rho > 0]
    if not seen.any() or (intercept and np.all(seen == seen[0])):
        raise ValueError(
            f"labels = {labels!r} is not allowed with intercept = {intercept!r}: "
            "labels that are not all 0 are needed, with an intercept of two values"
        )
    return mu, S, y, rho


def _finite(name: str, values: Any) -> Array:
    try:
        found = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} = {values!r} is not allowed: numbers are needed") from None
    if not np.isfinite(found).all():
        raise ValueError(f"{name} must be finite numbers")
    return found
