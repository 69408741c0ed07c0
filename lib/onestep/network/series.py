"""Hermite series of the neurons, and quadratic forms of readouts in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from .._support.arrays import Array
from ..hermite import GaussianFunction, ScaleTable
from .correlations import PreactivationLaw

DEGREES = (16, 32, 64, 150)
"""Lengths of the series that are tried, one after the other."""

TOLERANCE = 1e-10
"""Series are cut where the bound on what is left is below this share of the largest E f^2."""


class Series:
    """Hermite coefficients of the neurons under every law, as many as are asked for.

    ``A_p`` and ``E f^2`` have the shapes (laws, k, degree + 1) and (laws, k); `left` holds for
    every degree the largest sum of squares of the coefficients beyond it, `allowed` is the error
    that a series cut short may have. With a `degree`, the functions are polynomials: what is beyond
    it is noise, which counts in the power but has no coefficients.
    """

    def __init__(
        self,
        function: GaussianFunction,
        laws: Sequence[PreactivationLaw],
        degree: int | None = None,
    ) -> None:
        self._function, self._degree = function, degree
        self._scale = np.stack([law.scale for law in laws])
        self._mean = np.stack([law.mean for law in laws])
        self.extend(DEGREES[0])

    def extend(self, top: int) -> None:
        """Hold the coefficients up to degree `top`."""
        scale, mean = self._scale.ravel(), self._mean.ravel()
        if np.any(mean):
            A = self._function.coefficients(top, scale, mean)
            power = self._function.second_moment(scale, mean)
        else:
            ends = float(scale.min()), float(scale.max())
            A, power = ScaleTable.shared(self._function, top, *ends, most=scale.size // 2)(scale)
        self.coefficients = A.reshape(*self._scale.shape, -1)
        self.power = power.reshape(self._scale.shape)
        self.allowed = TOLERANCE * float(self.power.max())
        caught = np.cumsum(self.coefficients**2, axis=-1)
        left = np.max(self.power[..., None] - caught, axis=(0, 1))
        if self._degree is not None:
            self.coefficients[..., self._degree + 1 :] = 0.0
            left[self._degree :] = 0.0
        self.left: list[float] = np.maximum(left, 0.0).tolist()

    def coefficient(self, p: int) -> Array:
        """``A_p``, shape (laws, k)."""
        self._reach(p)
        return self.coefficients[..., p]

    def cut(self, largest: float) -> tuple[int, float]:
        """Degree that suffices for correlations up to `largest`, and the bound on the rest."""
        for degree in range(DEGREES[-1] + 1):
            self._reach(degree)
            bound = largest ** (degree + 1) * self.left[degree]
            if bound <= self.allowed:
                break
        return degree, bound

    def _reach(self, degree: int) -> None:
        if len(self.left) <= degree:
            self.extend(next(top for top in DEGREES if top >= degree))


class Forms:
    """Readouts w of several functions side by side, (k, columns): a product a power for all."""

    def __init__(self, series: Sequence[Series], readouts: Sequence[Array]) -> None:
        self._series, self._readouts = series, readouts
        self._terms: dict[tuple[int, int], Array | None] = {}
        self.number = sum(w.shape[1] for w in readouts)

    def uncorrelated(self, c: int) -> Array:
        """The forms under law c if no neurons were correlated, shape (columns,)."""
        pairs = zip(self._series, self._readouts, strict=True)
        total = np.concatenate([series.power[c] @ w**2 for series, w in pairs])
        if (means := self.term(c, 0)) is not None:
            total += means.sum(axis=0) ** 2 - np.sum(means**2, axis=0)
        return total

    def of_tile(self, c: int, rows: slice, columns: slice, r: Array) -> Array:
        """What correlations r add, ``sum_{p>=1} (w A_p)^T r^p (w A_p)``, shape (columns,)."""
        largest = max(float(r.max()), -float(r.min()))
        degree = max(series.cut(largest)[0] for series in self._series)
        terms = {p: term for p in range(1, degree + 1) if (term := self.term(c, p)) is not None}
        total = np.zeros(self.number)
        for p, power in _powers(r, list(terms)):
            total += np.einsum("ij,ij->j", terms[p][rows], power @ terms[p][columns])
        return total

    def term(self, c: int, p: int) -> Array | None:
        """``w A_p`` under law c, shape (k, columns), or None where no function has degree p."""
        if (c, p) not in self._terms:
            pairs = zip(self._series, self._readouts, strict=True)
            columns = np.hstack([w * series.coefficient(p)[c, :, None] for series, w in pairs])
            self._terms[c, p] = columns if np.any(columns) else None
        return self._terms[c, p]


def _powers(r: Array, exponents: Sequence[int]) -> Iterator[tuple[int, Array]]:
    """Each of the increasing exponents p >= 1 with ``r^p``; a step of two is one product.

    Even and odd functions leave out every other power. What is given is overwritten by the next.
    """
    square = r * r if exponents and exponents[-1] > 1 else r
    power, at = r, 1
    buffer = np.empty_like(r)
    for p in exponents:
        while at < p:
            if at == 1 and (p - at) % 2:
                power, at = square, 2
            elif p - at == 1:
                power, at = np.multiply(power, r, out=buffer), p
            else:
                power, at = np.multiply(power, square, out=buffer), at + 2
        yield p, power
