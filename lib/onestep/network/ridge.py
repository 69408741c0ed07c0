"""The readout: ridge regression on the features of a fresh sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from .._support import check
from .._support.arrays import Array
from .losses import LOSSES, Loss

_LEAST = 1e-15  # of the features' mean square, for the smallest ridge of an exact error
_LEAST_FITTED = 1e-26  # and of a readout; w and its training error then have two digits at least
_SQUARED = 1e-9  # below, a Gram matrix loses digits of w: more than 1e-7 of it


@dataclass(frozen=True)
class Readout:
    """A fitted second layer.

    Attributes
    ----------
    weights
        ``w^ = argmin (1/2m) ||y - Phi^T w||^2 + (lambda/2) ||w||^2``, shape (k, *outputs).
    training_error, plain_training_error
        That minimum, the paper's training error; and without the regulariser.
    intercept
        b, or one for each of several outputs; 0 without one.
    gap
        Certified distance of `training_error` from the minimum, where it was found by iteration.
    power
        Mean ``||phi||^2`` over the sample.

    Examples
    --------
    >>> readout = ridge_regression(np.eye(2), np.array([2.0, 0.0]), ridge=0.5)
    >>> readout.weights.round(12), readout.training_error, round(readout.plain_training_error, 12)
    (array([1., 0.]), 0.5, 0.25)
    """

    weights: Array
    training_error: float
    plain_training_error: float
    intercept: float | Array = 0.0
    gap: float = 0.0
    power: float = 0.0


def is_ridge_regression(loss: str | Loss, intercept: bool) -> bool:
    """Whether a readout is plain ridge regression: the square loss without an intercept."""
    return loss in ("square", LOSSES["square"]) and not intercept


def ridge_regression(Phi: Array, y: Array, ridge: float) -> Readout:
    """Fit the readout by one Cholesky factorisation of the smaller of the two Gram matrices.

    Where the ridge is small beside the features, by one of the features themselves.

    Parameters
    ----------
    Phi
        Features, shape (k, m): one sample a column.
    y
        Labels, shape (m,), or (m, outputs) for several outputs: their errors are summed.
    ridge
        lambda > 0, on the scale of the objective in `Readout`; at least 1e-26 of the mean
        ``||phi||^2``, below which rounding decides.

    Raises
    ------
    ValueError
        If shapes disagree, lambda is out of range, or features or labels are not finite.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> Phi, y = rng.standard_normal((3, 20)), rng.standard_normal(20)
    >>> w = ridge_regression(Phi, y, ridge=0.1).weights
    >>> np.allclose(Phi @ (y - Phi.T @ w) / 20, 0.1 * w)  # the gradient vanishes
    True
    """
    require_sample(Phi, y)
    m = Phi.shape[1]
    tall = Phi.shape[0] > m
    gram: Array = Phi.T @ Phi if tall else Phi @ Phi.T
    # Every entry of Phi enters a sum of squares on the diagonal: no pass over Phi is needed.
    with np.errstate(over="ignore"):
        finite = np.isfinite(gram.diagonal()).all() and np.isfinite(np.sum(y**2))
    if not finite:
        raise ValueError(
            "Phi must be finite, with finite squares, and so must y: if these are features of a "
            "problem, its activation grows too fast for its preactivations"
        )
    power = float(np.trace(gram)) / m
    require_digits(ridge, power, _LEAST_FITTED)
    if ridge < _SQUARED * power:
        w, residual = _by_features(Phi, y, np.sqrt(m * ridge))
    else:
        gram.flat[:: gram.shape[0] + 1] += m * ridge
        # LAPACK works on columns: the transpose, which is the same matrix, needs no copy.
        factor = linalg.cho_factor(gram.T, lower=True, overwrite_a=True, check_finite=False)
        solved = linalg.cho_solve(factor, y if tall else Phi @ y, check_finite=False)
        # Of tall features this is the dual a of w = Phi a, and m lambda a is the residual.
        w = Phi @ solved if tall else solved
        residual = m * ridge * solved if tall else y - Phi.T @ w
    plain = 0.5 * float(np.sum(residual**2)) / m
    return Readout(w, plain + 0.5 * ridge * float(np.sum(w**2)), plain, power=power)


def _by_features(Phi: Array, y: Array, root: float) -> tuple[Array, Array]:
    """The same w and residual without a Gram matrix, for ``root = (m lambda)^{1/2}``.

    w is a least-squares solution of ``[Phi^T; root I] w = [y; 0]``, or of tall features
    ``[w; residual / root]`` the shortest solution of ``[Phi^T, root I] x = y``.
    """
    k, m = Phi.shape
    if k > m:
        factor, triangle = linalg.qr(np.vstack([Phi, root * np.eye(m)]), mode="economic")
        both = factor @ linalg.solve_triangular(triangle, y, trans="T")
        return both[:k], root * both[k:]
    factor, triangle = linalg.qr(np.vstack([Phi.T, root * np.eye(k)]), mode="economic")
    w = linalg.solve_triangular(triangle, factor[:m].T @ y)
    return w, y - Phi.T @ w


def require_sample(Phi: Array, y: Array) -> None:
    """Refuse features and labels unless Phi has shape (k, m), and y (m,) or (m, outputs)."""
    if Phi.ndim != 2 or not Phi.size:
        raise ValueError(f"Phi has shape {Phi.shape}; (k, m) with k, m >= 1 is needed")
    m = Phi.shape[1]
    if y.shape[:1] != (m,) or y.ndim > 2:
        raise ValueError(
            f"y has shape {y.shape}; {(m,)} or {(m, 'outputs')} is needed, "
            f"as Phi has shape {Phi.shape}"
        )


def require_digits(ridge: float, power: float, least: float = _LEAST) -> float:
    """The ridge > 0, refused below a share of the power, the mean ``||phi||^2``."""
    smallest = least * power
    if not np.isfinite(power):
        raise ValueError("activation: the mean square of a feature is beyond float64 here")
    if not check.positive("ridge", ridge, check.MAGNITUDE) >= smallest:
        raise ValueError(
            f"ridge = {ridge!r} is too small for these features: {smallest:.1e} is the least that "
            "rounding leaves of any digits"
        )
    return ridge
