"""Labels that are numbers, linear in the input, and noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._support import check
from .._support.arrays import Array
from .mixture import Mixture


@dataclass(frozen=True)
class Linear:
    """Numbers that depend linearly on the input: ``y = slope^T x + offset + delta * eps``.

    Attributes
    ----------
    slope, offset
        Shape (n,), and a number.
    noise
        ``delta`` >= 0.

    Examples
    --------
    >>> from onestep import inputs
    >>> mixture = inputs.spiked(9, (0.5, 0.5), 1, 4.0, 0.0, np.random.default_rng(0))
    >>> labels = Linear(np.eye(9)[0], 2.0, 0.5)
    >>> excess = labels.second_moment(mixture) - mixture.variance(labels.slope)
    >>> round(excess, 12)  # offset^2 + delta^2
    4.25
    """

    slope: Array
    offset: float = 0.0
    noise: float = 0.0

    def __post_init__(self) -> None:
        check.keep(
            self,
            offset=check.number("offset", self.offset),
            noise=check.magnitude("noise", self.noise),
        )

    @property
    def outputs(self) -> tuple[int, ...]:
        """See `Labels`: a number."""
        return ()

    def sample(self, X: Array, cluster: NDArray[np.intp], rng: np.random.Generator) -> Array:
        """See `Labels`."""
        return X @ self.slope + self.offset + self.noise * rng.standard_normal(X.shape[0])

    def direction(self, mixture: Mixture, c: int) -> Array:
        """See `Labels`."""
        scale = self._scale(mixture, c)
        return np.asarray(self.slope / scale if scale else 0 * self.slope)

    def coefficients(self, mixture: Mixture, c: int, degree: int) -> Array:
        """See `Labels`: of degree 1."""
        found = np.zeros(degree + 1)
        found[:2] = [self._mean(mixture, c), self._scale(mixture, c)][: degree + 1]
        return found

    def mean(self, mixture: Mixture, c: int, index: Array) -> Array:
        """See `Labels`."""
        return self._mean(mixture, c) + self._scale(mixture, c) * index

    def kinks(self, mixture: Mixture, c: int) -> tuple[float, ...]:
        """See `Labels`: none."""
        return ()

    def power(self, mixture: Mixture, c: int) -> float:
        """See `Labels`."""
        return self._mean(mixture, c) ** 2 + self._scale(mixture, c) ** 2

    def second_moment(self, mixture: Mixture) -> float:
        """See `Labels`."""
        power = [self.power(mixture, c) for c in range(mixture.weights.size)]
        return float(mixture.weights @ power) + self.noise**2

    def _mean(self, mixture: Mixture, c: int) -> float:
        return float(mixture.means[c] @ self.slope) + self.offset

    def _scale(self, mixture: Mixture, c: int) -> float:
        return math.sqrt(max(float(self.slope @ mixture.covariance_times(c, self.slope)), 0.0))
