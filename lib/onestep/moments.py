"""Exact population moments of the features, and the exact error of a trained readout.

Given the trained layer, the errors of any linear readout depend on the features phi only through
``M = E phi phi^T``, ``q = E phi y^T`` and ``E ||y||^2``. Within a cluster the preactivations are
Gaussian, so each moment is a sum over clusters of Hermite series in the correlations of the
neurons. No test sample is needed, and there is no test noise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ._correlations import PreactivationLaw, correlations
from ._scale_table import ScaleTable
from .gaussian import GaussianFunction
from .labels import Labels
from .mixture import Array, Mixture

_DEGREES = (16, 32, 64, 150)
TOLERANCE = 1e-10
"""Series are cut where the bound on what is left is below this share of the largest E f^2."""


@dataclass(frozen=True)
class Moments:
    """Population moments of ``phi = k^{-1/2} f(F x)`` and the label.

    Attributes
    ----------
    M, q, y2
        ``E phi phi^T`` of shape (k, k), ``E phi y^T`` of shape (k, *outputs), and ``E ||y||^2``.
    truncation
        Bound on the error from cutting the series, of every off-diagonal entry of ``k M`` and of
        every entry of ``k^{1/2} q``; the diagonal of M is exact to 1e-12, relatively.
    """

    M: Array
    q: Array
    y2: float
    truncation: float

    def generalization_error(self, w: Array) -> float:
        """``(1/2) E ||y - w^T phi||^2`` of a readout w, shape (k, *outputs)."""
        return 0.5 * float(self.y2 - 2 * np.sum(w * self.q) + np.sum(w * (self.M @ w)))


class _Series:
    """Hermite coefficients of the neurons under every law, as many as are asked for.

    Attributes
    ----------
    coefficients, power
        ``A_p`` and ``E f^2``, shapes (laws, k, degree + 1) and (laws, k).
    left
        For every degree the largest sum of squares of the coefficients beyond it.
    allowed
        Error that a series cut short may have.
    """

    def __init__(self, function: GaussianFunction, laws: Sequence[PreactivationLaw]) -> None:
        self._function = function
        self._scale = np.stack([law.scale for law in laws])
        self._mean = np.stack([law.mean for law in laws])
        self.extend(_DEGREES[0])

    def extend(self, top: int) -> None:
        """Hold the coefficients up to degree `top`."""
        scale, mean = self._scale.ravel(), self._mean.ravel()
        if np.any(mean):
            A = self._function.coefficients(top, scale, mean)
            power = self._function.second_moment(scale, mean)
        else:
            ends = float(scale.min()), float(scale.max())
            A, power = ScaleTable(self._function, top, *ends, most=scale.size // 2)(scale)
        self.coefficients = A.reshape(*self._scale.shape, -1)
        self.power = power.reshape(self._scale.shape)
        self.allowed = TOLERANCE * float(self.power.max())
        caught = np.cumsum(self.coefficients**2, axis=-1)
        left = np.max(self.power[..., None] - caught, axis=(0, 1))
        self.left: list[float] = np.maximum(left, 0.0).tolist()

    def coefficient(self, p: int) -> Array:
        """``A_p``, shape (laws, k)."""
        self._reach(p)
        return self.coefficients[..., p]

    def cut(self, largest: float) -> tuple[int, float]:
        """Degree that suffices for correlations up to `largest`, and the bound on the rest.

        Two functions of correlation r lose at most |r|^(P+1) times the product of their L2
        remainders (Cauchy-Schwarz).
        """
        for degree in range(_DEGREES[-1] + 1):
            self._reach(degree)
            bound = largest ** (degree + 1) * self.left[degree]
            if bound <= self.allowed:
                break
        return degree, bound

    def _reach(self, degree: int) -> None:
        if len(self.left) <= degree:
            self.extend(next(top for top in _DEGREES if top >= degree))


class _Forms:
    """Readouts w of several functions side by side, shape (k, columns).

    So their quadratic forms take one product a power, whatever their number.
    """

    def __init__(self, series: Sequence[_Series], readouts: Sequence[Array]) -> None:
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


class Layer:
    """A trained first layer F, shape (k, n), in front of a mixture."""

    def __init__(self, F: Array, mixture: Mixture) -> None:
        self.F = F
        self.mixture = mixture

    def moments(self, function: GaussianFunction, labels: Labels) -> Moments:
        """Moments of the features ``k^{-1/2} function(F x)``, in O(k^2) memory.

        Parameters
        ----------
        function
            Activation or polynomial, of each neuron alike.
        labels
            The law of y given x.
        """
        k = self.F.shape[0]
        M, q = np.zeros((k, k)), np.zeros((k, *labels.outputs))
        truncation = 0.0
        laws = list(self.laws(labels))
        series = _Series(function, laws)
        for rows, columns, c, r in correlations(laws):
            degree, bound = series.cut(float(np.abs(r).max()))
            truncation = max(truncation, bound)
            total = _horner_gram(series.coefficients[c, :, : degree + 1], rows, columns, r)
            total *= laws[c].weight
            M[rows, columns] += total
            M[columns, rows] = M[rows, columns].T
        for c, law in enumerate(laws):
            part, bound = self._cross(series, labels, c, law.index)
            M.flat[:: k + 1] += law.weight * series.power[c]
            q += law.weight * part
            truncation = max(truncation, bound)
        return Moments(M / k, q / np.sqrt(k), labels.second_moment(self.mixture), truncation)

    def generalization_errors(
        self, functions: Sequence[GaussianFunction], labels: Labels, readouts: Sequence[Array]
    ) -> list[list[float]]:
        """``(1/2) E ||y - w^T phi||^2`` of trained readouts, without ever storing M.

        The powers of the correlations are shared by all functions and readouts, which makes this
        several times cheaper than `moments`.

        Parameters
        ----------
        functions
            Activations or polynomials, whose features ``k^{-1/2} function(F x)`` the readouts take.
        labels
            The law of y given x.
        readouts
            For every function, its readouts, shape (number, k, *outputs).

        Returns
        -------
        list
            For every function, one error for each of its readouts.
        """
        k = self.F.shape[0]
        weights = [np.asarray(w).reshape(len(w), k, -1) for w in readouts]
        flat = [np.moveaxis(w, 1, 0).reshape(k, -1) for w in weights]
        cross = [np.zeros(len(w)) for w in weights]
        squares = np.zeros(sum(w.shape[1] for w in flat))
        laws = list(self.laws(labels))
        every = [_Series(function, laws) for function in functions]
        forms = _Forms(every, flat)
        for c, law in enumerate(laws):
            for f, (series, w) in enumerate(zip(every, weights, strict=True)):
                q = self._cross(series, labels, c, law.index)[0].reshape(k, -1)
                cross[f] += law.weight * np.sum(w * q, axis=(1, 2))
            squares += law.weight * forms.uncorrelated(c)
        for rows, columns, c, r in correlations(laws):
            # A tile beside the diagonal stands for its mirror image as well.
            times = 1.0 if rows == columns else 2.0
            squares += times * laws[c].weight * forms.of_tile(c, rows, columns, r)
        y2 = labels.second_moment(self.mixture)
        ends = np.cumsum([w.shape[1] for w in flat])
        return [
            list(0.5 * (y2 - 2 * one / np.sqrt(k) + two.reshape(len(one), -1).sum(axis=1) / k))
            for one, two in zip(cross, np.split(squares, ends[:-1]), strict=True)
        ]

    def laws(self, labels: Labels) -> Iterator[PreactivationLaw]:
        """Law of the preactivations in every cluster."""
        F, mixture = self.F, self.mixture
        isotropic = np.einsum("ij,ij->i", F, F)
        columns = []
        for c in range(mixture.weights.size):
            label = mixture.covariance_times(c, labels.direction(mixture, c))
            columns.append(np.column_stack([mixture.spikes(c), label, mixture.means[c]]))
        projected = F @ np.hstack(columns)  # one pass over F serves all clusters
        ends = np.cumsum([each.shape[1] for each in columns])
        for c, part in enumerate(np.split(projected, ends[:-1], axis=1)):
            spikes, label, mean = part[:, :-2], part[:, -2], part[:, -1]
            covariance = mixture.bulk(c)
            bulk = F if covariance is None else F @ covariance
            variance = isotropic if covariance is None else np.einsum("ij,ij->i", bulk, F)
            scale = np.sqrt(variance + np.sum(spikes**2, axis=1))
            index = np.clip(label / scale, -1.0, 1.0)
            yield PreactivationLaw(float(mixture.weights[c]), F, bulk, spikes, scale, mean, index)

    def _cross(self, series: _Series, labels: Labels, c: int, index: Array) -> tuple[Array, float]:
        """``E f(F x) y^T`` in cluster c, and the bound on its error."""
        # A label far from a polynomial decides the degree: as many orders as there are at hand.
        for top in _DEGREES:
            if len(series.left) <= top:
                series.extend(top)
            degree = len(series.left) - 1
            a = labels.coefficients(self.mixture, c, degree)
            missed = max(labels.power(self.mixture, c) - float(np.sum(a**2)), 0.0)
            largest = float(np.abs(index).max()) ** (degree + 1)
            bound = largest * float(np.sqrt(series.left[degree] * missed))
            if bound <= series.allowed:
                break
        a = a.reshape(degree + 1, -1)
        columns = [_horner(series.coefficients[c] * each, index) for each in a.T]
        return np.stack(columns, axis=1).reshape(-1, *labels.outputs), bound


def _horner_gram(A: Array, rows: slice, columns: slice, r: Array) -> Array:
    """``sum_p A_p A_p^T r^p`` on one tile, with 0 on the diagonal; A has shape (k, degree + 1).

    Horner's rule avoids powers of small correlations, which would underflow.
    """
    used = np.any(A[rows], axis=0)
    total = np.multiply.outer(A[rows, -1], A[columns, -1])
    term = np.empty_like(total)
    for p in range(A.shape[1] - 2, -1, -1):
        total *= r
        if used[p]:
            np.multiply.outer(A[rows, p], A[columns, p], out=term)
            total += term
    if rows == columns:
        np.fill_diagonal(total, 0.0)
    return total


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


def _horner(coefficients: Array, r: Array) -> Array:
    """``sum_p coefficients[:, p] r^p``, entry by entry."""
    total = coefficients[:, -1].copy()
    for p in range(coefficients.shape[1] - 2, -1, -1):
        total = total * r + coefficients[:, p]
    return total
