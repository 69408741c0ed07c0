"""Labels: a single-index target along a direction xi, or the class of the input."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .activations import Activation
from .mixture import Array, GaussianMixture


def random_direction(mixture: GaussianMixture, rng: np.random.Generator) -> Array:
    """Gaussian direction xi of norm ``||Sigma||_op^{-1/2}``, so that xi^T Sigma xi = O(1)."""
    return _scaled(rng.standard_normal(mixture.n), mixture)


def aligned_direction(mixture: GaussianMixture) -> Array:
    """Direction xi along the sum of the clusters' first spikes, of norm ``||Sigma||_op^{-1/2}``.

    Raises
    ------
    ValueError
        If the first spikes cancel, so that they have no common direction.
    """
    total = mixture.directions[:, :, 0].sum(axis=0)
    if np.linalg.norm(total) < 1e-8:
        raise ValueError(
            "direction = 'aligned' is not allowed here: the first spikes of the clusters sum to 0"
        )
    return _scaled(total, mixture)


def _scaled(xi: Array, mixture: GaussianMixture) -> Array:
    scaled: Array = xi / (np.linalg.norm(xi) * np.sqrt(mixture.spread_norm))
    return scaled


def single_index(
    X: Array, xi: Array, target: Activation, noise: float, rng: np.random.Generator
) -> Array:
    """Regression labels ``y = sigma_*(xi^T x) + delta * eps``, eps standard normal.

    Parameters
    ----------
    X
        Inputs, shape (m, n).
    xi
        Direction, shape (n,).
    target
        The link ``sigma_*``.
    noise
        ``delta`` >= 0. The noise is drawn at every value, so that labels at two noise levels
        share all other randomness.
    rng
        Source of the noise.
    """
    return target(X @ xi) + noise * rng.standard_normal(X.shape[0])


def classes(cluster: NDArray[np.intp]) -> Array:
    """Class labels: +1 for the first cluster and -1 for the second (the paper's Figure 2b)."""
    return np.where(cluster == 0, 1.0, -1.0)
