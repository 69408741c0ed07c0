"""The readout: ridge regression on the features of a fresh sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from . import check
from .mixture import Array


@dataclass(frozen=True)
class Readout:
    """A fitted second layer.

    Attributes
    ----------
    weights
        ``w^ = argmin (1/2m) ||y - Phi^T w||^2 + (lambda/2) ||w||^2``, shape (k,).
    training_error
        That minimum, regulariser included: the paper's training error.
    """

    weights: Array
    training_error: float


def ridge_regression(Phi: Array, y: Array, ridge: float) -> Readout:
    """Fit the readout by one Cholesky factorisation of the smaller of the two Gram matrices.

    Parameters
    ----------
    Phi
        Features, shape (k, m): one sample a column.
    y
        Labels, shape (m,).
    ridge
        lambda > 0, on the scale of the objective in `Readout`.

    Raises
    ------
    ValueError
        If shapes disagree, lambda is not positive, or the features are not finite.
    """
    k, m = Phi.shape
    if y.shape != (m,):
        raise ValueError(f"y has shape {y.shape}; {(m,)} is needed, as Phi has shape {Phi.shape}")
    if not (np.isfinite(Phi).all() and np.isfinite(y).all()):
        raise ValueError("Phi must be finite, and so must y")
    check.positive("ridge", ridge)
    tall = k > m
    gram = Phi.T @ Phi if tall else Phi @ Phi.T
    gram.flat[:: min(k, m) + 1] += m * ridge
    try:
        factor = linalg.cho_factor(gram, lower=True, overwrite_a=True, check_finite=False)
    except linalg.LinAlgError as error:
        raise ValueError(f"ridge = {ridge!r} is too small for these features") from error
    # Tall features take the dual: w = Phi a with (Phi^T Phi + m lambda) a = y.
    w: Array = Phi @ linalg.cho_solve(factor, y) if tall else linalg.cho_solve(factor, Phi @ y)
    residual = y - w @ Phi
    return Readout(w, 0.5 * float(residual @ residual) / m + 0.5 * ridge * float(w @ w))
