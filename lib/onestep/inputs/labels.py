"""Labels: a single-index target along a direction xi, or the class of the input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .._support import check
from .._support.arrays import Array, unit
from ..activations import Activation
from ..hermite import OfActivation
from .mixture import Mixture
from .spiked import GaussianMixture


class Labels(Protocol):
    """How labels are made from inputs.

    A label is a number, or a vector of `outputs` numbers. Given its cluster c, it is a function of
    one Gaussian index of the input: ``E[y | x, c] = sum_p a_p He_p(g) / sqrt(p!)`` with
    ``g = direction^T (x - mu_c)``.

    Examples
    --------
    >>> law: Labels = Classes()
    >>> law.outputs
    ()
    """

    @property
    def outputs(self) -> tuple[int, ...]:
        """Shape of one label: () for a number."""

    @property
    def noise(self) -> float:
        """Standard deviation of independent normal noise in every output."""

    def sample(self, X: Array, cluster: NDArray[np.intp], rng: np.random.Generator) -> Array:
        """Labels of the inputs X, shape (m, n), in the given clusters; shape (m, *outputs)."""

    def direction(self, mixture: Mixture, c: int) -> Array:
        """Direction of the index in cluster c, shape (n,): of unit variance, or 0."""

    def coefficients(self, mixture: Mixture, c: int, degree: int) -> Array:
        """Coefficients a_0..a_degree of the label in cluster c, shape (degree + 1, *outputs)."""

    def mean(self, mixture: Mixture, c: int, index: Array) -> Array:
        """``E[y | g]`` in cluster c at values g of the index, shape (size, *outputs)."""

    def kinks(self, mixture: Mixture, c: int) -> tuple[float, ...]:
        """Values of the index in cluster c where its label is not smooth, increasing."""

    def power(self, mixture: Mixture, c: int) -> float:
        """``E || E[y | x] ||^2`` in cluster c: the sum of all squared coefficients."""

    def second_moment(self, mixture: Mixture) -> float:
        """``E ||y||^2``, label noise included."""


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

    Examples
    --------
    >>> from onestep import activations, inputs
    >>> rng = np.random.default_rng(0)
    >>> mixture = inputs.spiked(9, (0.5, 0.5), 1, 4.0, 0.0, rng)
    >>> labels = SingleIndex(scaled(np.eye(9)[0], mixture), activations.get("he(1)"), 0.5)
    >>> excess = labels.second_moment(mixture) - mixture.variance(labels.xi)
    >>> round(excess, 12)  # the noise delta^2
    0.25
    """

    xi: Array
    target: Activation
    noise: float

    def __post_init__(self) -> None:
        check.keep(self, noise=check.magnitude("noise", self.noise))

    @property
    def outputs(self) -> tuple[int, ...]:
        """See `Labels`: a number."""
        return ()

    def sample(self, X: Array, cluster: NDArray[np.intp], rng: np.random.Generator) -> Array:
        """See `Labels`."""
        return self.target(X @ self.xi) + self.noise * rng.standard_normal(X.shape[0])

    def direction(self, mixture: Mixture, c: int) -> Array:
        """See `Labels`."""
        return np.asarray(self.xi / self._law(mixture, c)[0])

    def coefficients(self, mixture: Mixture, c: int, degree: int) -> Array:
        """See `Labels`."""
        return np.asarray(OfActivation(self.target).coefficients(degree, *self._law(mixture, c))[0])

    def mean(self, mixture: Mixture, c: int, index: Array) -> Array:
        """See `Labels`."""
        scale, mean = self._law(mixture, c)
        return self.target(mean + scale * index)

    def kinks(self, mixture: Mixture, c: int) -> tuple[float, ...]:
        """See `Labels`."""
        scale, mean = self._law(mixture, c)
        return tuple((np.array(self.target.kinks) - mean) / scale)

    def power(self, mixture: Mixture, c: int) -> float:
        """See `Labels`."""
        return float(OfActivation(self.target).second_moment(*self._law(mixture, c))[0])

    def second_moment(self, mixture: Mixture) -> float:
        """See `Labels`."""
        power = [self.power(mixture, c) for c in range(mixture.weights.size)]
        return float(mixture.weights @ power) + self.noise**2

    def _law(self, mixture: Mixture, c: int) -> tuple[Array, Array]:
        variance = self.xi @ mixture.covariance_times(c, self.xi)
        return np.sqrt([variance]), np.array([mixture.means[c] @ self.xi])


@dataclass(frozen=True)
class Classes:
    """Class labels of C >= 2 clusters, plus ``delta * eps`` in every output.

    Two clusters have the labels +1 (the first) and -1, as in the paper's Figure 2b; more clusters
    have one-hot vectors.

    Examples
    --------
    >>> two, three = Classes(), Classes(3)
    >>> two.codes, three.outputs
    (array([ 1., -1.]), (3,))
    >>> two.decide(np.array([0.2, -3.0])), three.decide(np.array([[0.1, 0.9, 0.0]]))
    (array([0, 1]), array([1]))
    """

    clusters: int = 2
    noise: float = 0.0

    def __post_init__(self) -> None:
        check.keep(
            self,
            clusters=check.integer("clusters", self.clusters, 2),
            noise=check.magnitude("noise", self.noise),
        )

    @property
    def outputs(self) -> tuple[int, ...]:
        """See `Labels`: a number for two clusters, else a vector of length C."""
        return () if self.clusters == 2 else (self.clusters,)

    @property
    def codes(self) -> Array:
        """Label of every cluster, shape (C, *outputs)."""
        return np.array([1.0, -1.0]) if self.clusters == 2 else np.eye(self.clusters)

    def sample(self, X: Array, cluster: NDArray[np.intp], rng: np.random.Generator) -> Array:
        """See `Labels`."""
        y = self.codes[cluster]
        return np.asarray(y + self.noise * rng.standard_normal(y.shape))

    def decide(self, scores: Array) -> NDArray[np.intp]:
        """Cluster of the label nearest to scores, (size, *outputs): their sign, or the largest."""
        return np.where(scores > 0, 0, 1) if self.clusters == 2 else np.argmax(scores, axis=1)

    def direction(self, mixture: Mixture, c: int) -> Array:
        """See `Labels`: a class has no index."""
        return np.zeros(mixture.n)

    def coefficients(self, mixture: Mixture, c: int, degree: int) -> Array:
        """See `Labels`."""
        coefficients = np.zeros((degree + 1, *self.outputs))
        coefficients[0] = self.codes[c]
        return coefficients

    def mean(self, mixture: Mixture, c: int, index: Array) -> Array:
        """See `Labels`."""
        return np.repeat(self.codes[c][None], len(index), axis=0)

    def kinks(self, mixture: Mixture, c: int) -> tuple[float, ...]:
        """See `Labels`: none."""
        return ()

    def power(self, mixture: Mixture, c: int) -> float:
        """See `Labels`."""
        return 1.0

    def second_moment(self, mixture: Mixture) -> float:
        """See `Labels`."""
        return 1.0 + self.noise**2 * float(np.prod(self.outputs))


def random_direction(mixture: Mixture, rng: np.random.Generator) -> Array:
    """Gaussian direction xi of norm ``||Sigma||_op^{-1/2}``, so that xi^T Sigma xi = O(1).

    Examples
    --------
    >>> from onestep import inputs
    >>> rng = np.random.default_rng(0)
    >>> mixture = inputs.spiked(100, (0.5, 0.5), 1, 8.0, 0.0, rng)
    >>> xi = random_direction(mixture, rng)
    >>> round(float(xi @ xi * mixture.spread_norm), 12)
    1.0
    """
    return scaled(rng.standard_normal(mixture.n), mixture)


def aligned_direction(mixture: GaussianMixture) -> Array:
    """Direction xi along the sum of the clusters' first spikes, of norm ``||Sigma||_op^{-1/2}``.

    Spikes that cancel, and so have no common direction, are refused.

    Examples
    --------
    >>> from onestep import inputs
    >>> mixture = inputs.spiked(10, (0.5, 0.5), 1, 8.0, 0.0, np.random.default_rng(0))
    >>> xi = aligned_direction(mixture)
    >>> (mixture.directions[..., 0] @ xi * mixture.spread_norm**0.5).round(6)
    array([0.707107, 0.707107])
    """
    total = mixture.directions[:, :, 0].sum(axis=0)
    if np.linalg.norm(total) < 1e-8:
        raise ValueError(
            "direction = 'aligned' is not allowed here: the first spikes of the clusters sum to 0"
        )
    return scaled(total, mixture)


def scaled(xi: Array, mixture: Mixture) -> Array:
    """``xi / (||xi|| ||Sigma||_op^{1/2})``, the paper's scale of any direction, shape (n,)."""
    return np.asarray(unit(xi) / np.sqrt(mixture.spread_norm))
