"""Labels: a single-index target along a direction xi, or the class of the input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .activations import Activation
from .gaussian import OfActivation
from .mixture import Array, GaussianMixture


class Labels(Protocol):
    """How labels are made from inputs.

    Given its cluster c, a label is a function of one Gaussian index of the input:
    ``E[y | x, c] = sum_p a_p He_p(g) / sqrt(p!)`` with ``g = direction^T (x - mu_c)``.
    """

    def sample(self, X: Array, cluster: NDArray[np.intp], rng: np.random.Generator) -> Array:
        """Labels of the inputs X, shape (m, n), that belong to the given clusters."""

    def direction(self, mixture: GaussianMixture, c: int) -> Array:
        """Direction of the index in cluster c, shape (n,): of unit variance, or 0."""

    def coefficients(self, mixture: GaussianMixture, c: int, degree: int) -> Array:
        """Hermite coefficients a_0..a_degree of the label in cluster c."""

    def power(self, mixture: GaussianMixture, c: int) -> float:
        """``E[ E[y | x]^2 ]`` in cluster c: the sum of all its squared coefficients."""

    def second_moment(self, mixture: GaussianMixture) -> float:
        """``E y^2``, label noise included."""


@dataclass(frozen=True)
class SingleIndex:
    """Regression labels ``y = sigma_*(xi^T x) + delta * eps``, eps standard normal.

    Attributes
    ----------
    xi
        Direction, shape (n,).
    target
        The link ``sigma_*``.
    noise
        ``delta`` >= 0. The noise is drawn at every value, so that labels at two noise levels
        share all other randomness.
    """

    xi: Array
    target: Activation
    noise: float

    def sample(self, X: Array, cluster: NDArray[np.intp], rng: np.random.Generator) -> Array:
        """See `Labels`."""
        return self.target(X @ self.xi) + self.noise * rng.standard_normal(X.shape[0])

    def direction(self, mixture: GaussianMixture, c: int) -> Array:
        """See `Labels`."""
        return np.asarray(self.xi / self._law(mixture, c)[0])

    def coefficients(self, mixture: GaussianMixture, c: int, degree: int) -> Array:
        """See `Labels`."""
        return np.asarray(OfActivation(self.target).coefficients(degree, *self._law(mixture, c))[0])

    def power(self, mixture: GaussianMixture, c: int) -> float:
        """See `Labels`."""
        return float(OfActivation(self.target).second_moment(*self._law(mixture, c))[0])

    def second_moment(self, mixture: GaussianMixture) -> float:
        """See `Labels`."""
        power = [self.power(mixture, c) for c in range(mixture.weights.size)]
        return float(mixture.weights @ power) + self.noise**2

    def _law(self, mixture: GaussianMixture, c: int) -> tuple[Array, Array]:
        variance = self.xi @ mixture.covariance_times(c, self.xi)
        return np.sqrt([variance]), np.array([mixture.means[c] @ self.xi])


@dataclass(frozen=True)
class Classes:
    """Class labels: +1 for the first cluster and -1 for the second, plus ``delta * eps``.

    The paper's Figure 2b has ``noise = 0``.
    """

    noise: float = 0.0

    def sample(self, X: Array, cluster: NDArray[np.intp], rng: np.random.Generator) -> Array:
        """See `Labels`."""
        return np.where(cluster == 0, 1.0, -1.0) + self.noise * rng.standard_normal(cluster.size)

    def direction(self, mixture: GaussianMixture, c: int) -> Array:
        """See `Labels`."""
        return np.zeros(mixture.n)

    def coefficients(self, mixture: GaussianMixture, c: int, degree: int) -> Array:
        """See `Labels`."""
        coefficients = np.zeros(degree + 1)
        coefficients[0] = 1.0 if c == 0 else -1.0
        return coefficients

    def power(self, mixture: GaussianMixture, c: int) -> float:
        """See `Labels`."""
        return 1.0

    def second_moment(self, mixture: GaussianMixture) -> float:
        """See `Labels`."""
        return 1.0 + self.noise**2


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
