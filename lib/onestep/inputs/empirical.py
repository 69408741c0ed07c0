"""A data set as a mixture: drawn from without replacement, or as Gaussians with its moments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._support import check
from .._support.arrays import Array
from .checked import Data
from .dense import DenseMixture
from .labels import Classes
from .linear import Linear

SHRINKAGES = ("none", "ledoit-wolf")
"""Covariances: those of the data as they are, or shrunk towards a multiple of the identity."""


def halves(cluster: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows of two halves of a data set, which have as many inputs of every class, or one more."""
    order = np.argsort(cluster, kind="stable")
    return order[::2], order[1::2]


@dataclass(frozen=True)
class EmpiricalMixture:
    """Classes of a data set, as often as they occur in it, with traces of any size.

    Or one cluster of inputs whose labels are numbers.

    Attributes
    ----------
    X, y, names
        Inputs (N, n) and their classes (N,), 0 to C - 1, each of which occurs; and how these are
        called. No names, if y are numbers.
    shrinkage
        One of `SHRINKAGES`; the moments of the data themselves are of the first.
    noise
        Standard deviation >= 0 of what each input is given anew, N(0, noise^2 I), whenever it is
        drawn; moments know it exactly.

    Raises
    ------
    ValueError
        If the shrinkage is unknown, the noise below 0, or all inputs of a class, or all numbers,
        are equal.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat([0, 1], 100)
    >>> mixture = EmpiricalMixture.from_arrays(rng.standard_normal((200, 3)) * (1 + y[:, None]), y)
    >>> mixture.weights, (mixture.traces / 3).round()
    (array([0.5, 0.5]), array([1., 4.]))
    >>> [X.shape for X, _ in mixture.samples([80, 120], rng)]
    [(80, 3), (120, 3)]

    Of numbers, Gaussians know the linear regression:

    >>> X = rng.standard_normal((4000, 3))
    >>> found = EmpiricalMixture.from_arrays(X, X[:, 0] + X[:, 1] ** 2).labels
    >>> found.slope.round(1) + 0.0, bool(1.2 < found.noise < 1.6)  # Var x^2 = 2
    (array([1., 0., 0.]), True)
    """

    X: Array
    y: NDArray[np.intp] | Array
    names: tuple[str, ...]
    shrinkage: str = "none"
    noise: float = 0.0

    def __post_init__(self) -> None:
        check.choice("shrinkage", self.shrinkage, SHRINKAGES)
        check.keep(self, noise=check.magnitude("noise", self.noise))
        rounding = 1e-24 * float(np.mean(np.sum(self.X**2, axis=1)))
        for name, trace in zip(self.clusters, self._traces_of_data, strict=True):
            if not trace > rounding:
                raise ValueError(f"X is not allowed: all inputs of the class {name!r} are equal")
        if self.numbers and not np.ptp(self.y) > 0:
            raise ValueError("y is not allowed: all numbers are equal")

    @classmethod
    def from_arrays(
        cls,
        X: ArrayLike,
        y: ArrayLike,
        *,
        labels: str = "auto",
        shrinkage: str = "none",
        drop_constant: bool = False,
    ) -> EmpiricalMixture:
        """The mixture of a data set; arguments and refusals as for `onestep.inputs.Data.of`."""
        return cls.of(Data.of(X, y, labels=labels, drop_constant=drop_constant), shrinkage)

    @classmethod
    def of(cls, data: Data, shrinkage: str = "none") -> EmpiricalMixture:
        """The mixture of what `onestep.inputs.read` has read."""
        return cls(data.X, data.y, data.names, shrinkage)

    @property
    def n(self) -> int:
        """Input dimension."""
        return int(self.X.shape[1])

    @property
    def numbers(self) -> bool:
        """Whether labels are numbers."""
        return not self.names

    @property
    def clusters(self) -> tuple[str, ...]:
        """What the Gaussians stand for: classes, or all inputs together."""
        return self.names or ("all",)

    @property
    def cluster(self) -> NDArray[np.intp]:
        """Of every input, shape (N,)."""
        return np.zeros(len(self.y), np.intp) if self.numbers else self.y.astype(np.intp)

    @cached_property
    def counts(self) -> NDArray[np.intp]:
        """Inputs of each class, shape (C,)."""
        return np.bincount(self.cluster, minlength=len(self.clusters))

    @property
    def weights(self) -> Array:
        """``rho``, shape (C,)."""
        return np.asarray(self.counts / self.counts.sum())

    @cached_property
    def means(self) -> Array:
        """``mu_c``, shape (C, n)."""
        return np.stack([self.X[self.cluster == c].mean(axis=0) for c in range(len(self.clusters))])

    @cached_property
    def _traces_of_data(self) -> Array:
        squares = np.sum((self.X - self.means[self.cluster]) ** 2, axis=1)
        return np.bincount(self.cluster, squares, len(self.clusters)) / self.counts

    @property
    def traces(self) -> Array:
        """``tr_c`` = Tr Sigma_c, shape (C,); no shrinkage changes them."""
        return self._traces_of_data + self.n * self.noise**2

    @cached_property
    def _estimates(self) -> list[tuple[Array, float]]:
        return [
            ledoit_wolf(self.X[self.cluster == c] - mean, self.shrinkage != "none")
            for c, mean in enumerate(self.means)
        ]

    @property
    def intensities(self) -> Array:
        """Share of the identity in Ledoit and Wolf's estimate of each class, whether taken or not.

        Near 0 the covariance is known; near 1 there are far too few inputs for it.
        """
        return np.array([intensity for _, intensity in self._estimates])

    @cached_property
    def gaussian(self) -> DenseMixture:
        """The Gaussian mixture with these weights, means and covariances."""
        covariances = np.stack([covariance for covariance, _ in self._estimates])
        covariances.reshape(len(covariances), -1)[:, :: self.n + 1] += self.noise**2
        return DenseMixture(self.weights, covariances, self.means)

    @cached_property
    def labels(self) -> Classes | Linear:
        """Labels of the Gaussians: classes, or what is linear in the inputs, and noise.

        Of numbers, ``(x, y)`` is Gaussian with the joint moments: the slope is that of the linear
        regression, ``Sigma^+ Cov(x, y)``, and all else of y is noise, also what is a function of x
        but not linear. If `shrinkage` takes a share s of the identity, Cov(x, y) loses this share.
        """
        if not self.numbers:
            return Classes(len(self.names))
        [covariance], [mean], y = self.gaussian.covariances, self.means, self.y - self.y.mean()
        kept = 1.0 if self.shrinkage == "none" else 1 - self.intensities[0]
        cross = kept * (self.X - mean).T @ y / len(y)
        slope = np.linalg.lstsq(covariance, cross, rcond=1e-10)[0]
        noise2 = max(float(np.mean(y**2) - slope @ cross), 0.0)
        return Linear(slope, float(self.y.mean() - slope @ mean), math.sqrt(noise2))

    def axes(self, c: int) -> Array:
        """Eigenvalues of class c that stand out, decreasing.

        Of which each makes 5 % of the trace, and is above ``(1 + (n / N_c)^{1/2})^2 tr_c / n``,
        where sampling puts the largest if all directions have one variance.
        """
        found = self.gaussian.eigenvalues(c)[::-1]
        edge = (1 + math.sqrt(self.n / self.counts[c])) ** 2 / self.n
        return np.asarray(found[found > max(0.05, edge) * found.sum()])

    def standardised(self) -> EmpiricalMixture:
        """Moved and scaled as a whole: mean 0, and the classes' mean trace is n.

        Labels that are numbers get mean 0 and variance 1.
        """
        factor = math.sqrt(self.n / float(self.weights @ self.traces))
        y = (self.y - self.y.mean()) / self.y.std() if self.numbers else self.y
        X = factor * (self.X - self.X.mean(axis=0))
        return replace(self, X=X, y=y, noise=factor * self.noise)

    def drawn(self, rows: NDArray[np.intp] | slice, rng: np.random.Generator) -> Array:
        """The inputs of these rows, with the noise."""
        X = self.X[rows]
        return X + self.noise * rng.standard_normal(X.shape) if self.noise else X

    def samples(
        self, sizes: Sequence[int], rng: np.random.Generator
    ) -> list[tuple[Array, NDArray[np.intp] | Array]]:
        """Disjoint samples without replacement: inputs (size, n), and their classes or numbers."""
        sizes = [check.integer(f"sizes[{i}]", size, 1) for i, size in enumerate(sizes)]
        parts = self._parts(sizes, rng)
        return [(self.drawn(rows, rng), self.y[rows]) for rows in parts[:-1]]

    def told(self, y: NDArray[np.intp] | Array) -> tuple[Array, NDArray[np.intp]]:
        """What a network is told of labels that were drawn: codes or numbers; and clusters."""
        if isinstance(self.labels, Classes):
            cluster = y.astype(np.intp)
            return self.labels.codes[cluster], cluster
        return y.astype(float), np.zeros(len(y), np.intp)

    def split(
        self, size: int, rng: np.random.Generator
    ) -> tuple[tuple[Array, NDArray[np.intp] | Array], EmpiricalMixture]:
        """A sample, and the mixture of all other inputs, with moments of its own.

        Of every class at least two must be left.
        """
        rows, rest = self._parts([check.integer("size", size, 1)], rng)
        left = np.bincount(self.cluster[rest], minlength=len(self.clusters))
        if left.min() < 2:
            raise ValueError(
                f"size = {size} is not allowed: it leaves {left.min()} inputs of the class "
                f"{self.clusters[int(left.argmin())]!r}"
            )
        left_over = replace(self, X=self.X[rest], y=self.y[rest])
        return (self.drawn(rows, rng), self.y[rows]), left_over

    def _parts(self, sizes: Sequence[int], rng: np.random.Generator) -> list[NDArray[np.intp]]:
        if sum(sizes) > len(self.y):
            raise ValueError(
                f"sizes = {list(sizes)} are not allowed: there are {len(self.y)} inputs, and none "
                "is drawn twice"
            )
        return np.split(rng.permutation(len(self.y)), np.cumsum(sizes))


def ledoit_wolf(x: Array, shrink: bool = True) -> tuple[Array, float]:
    """Covariance of centred inputs (N, n), and the share of the identity that loses least.

    ``(1 - s) S + s (Tr S / n) I`` with ``s = min(b^2 / d^2, 1)``, ``d^2 = ||S - (Tr S / n) I||^2``
    and ``b^2 = N^{-2} sum_i ||x_i x_i^T - S||^2``, the estimated error of S; without `shrink` S
    itself.

    Source: O. Ledoit and M. Wolf, J. Multivariate Anal. 88 (2004).
    """
    N, n = x.shape
    S = x.T @ x / N
    middle = float(np.trace(S)) / n
    squares = float(np.sum(S**2))
    distance = squares - n * middle**2
    noise = (float(np.sum(np.sum(x**2, axis=1) ** 2)) / N - squares) / N
    share = min(max(noise, 0.0) / distance, 1.0) if distance > 0 else 1.0
    if shrink:
        S *= 1 - share
        S.flat[:: n + 1] += share * middle
    return S, share
