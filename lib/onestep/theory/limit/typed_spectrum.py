"""What leaves the bulk when the bulk depends on the neurons' types.

Let x(u) > 0 be the resolvent ``(L - bulk)^{-1}`` at a neuron of type u, for L above the bulk
(`onestep.theory.limit.bulk` at ``omega = -L``). The means of the features add an outlier L to the
spectrum of k M where an eigenvalue of

    K_L = k E_u[x(u) m(u) m(u)^T]

on functions of inputs passes 1. Of m samples it makes the outlier

    psi(L) = L + L (k/m) E_u[L x(u) - 1]    if psi'(L) > 0,

and the edge of the sample's bulk is psi where psi' = 0. With the eigenfunction q of unit length,
``K_L q = q``, the outlier's right singular vector has the squared cosine
``psi'(L) / (L |q^T K_L' q|)`` with q at the samples. With one type this is
`onestep.spectrum.SampleSpectrum`.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from ..._support.arrays import Array
from ...spectrum import TRACY_WIDOM_99
from .bulk import TypedBulk
from .neuron_types import NeuronTypes

_TOLERANCE = 1e-7  # of the threshold: psi is flat there, so that the edge has twice the digits
_STEP = 1e-4  # relative, of the difference quotient for psi''
_EQUAL = 1e-6  # relative distance of modes that are counted as equal


@dataclass(frozen=True)
class Outlier:
    """What becomes of a mode of the means, the largest first.

    Attributes
    ----------
    strength
        Eigenvalue of ``k E_u m m^T``, which knows nothing of the bulk.
    population, sample
        Eigenvalues of k M and of the sample; NaN if the bulk hides it.
    cosine
        Squared, between the right singular vector and `function` at the samples; 0 if hidden.
    function
        q, shape (p,).

    Examples
    --------
    >>> Outlier(3.0, 4.0, 4.5, 0.8, np.ones(1)).sample
    4.5
    """

    strength: float
    population: float
    sample: float
    cosine: float
    function: Array


@dataclass(frozen=True)
class TypedSpectrum:
    """Upper end of the spectrum of ``(k/m) Phi Phi^T``.

    Source: the book's chapter *Spikes in the features*.

    Attributes
    ----------
    types
        The neurons.
    k, n, m
        Width, dimensions of the bulk, and samples.

    Examples
    --------
    One type without slopes is white noise, with a spike of strength 3 k/m = 1/4:

    >>> one = NeuronTypes(np.ones(1), np.array([[0.03**0.5], [0.0]]), np.zeros((1, 1)), np.ones(1),
    ...     np.ones((1, 1)), 1.0)
    >>> white = TypedSpectrum(one, k=100, n=100, m=400)
    >>> round(white.edge, 6), round(white.outliers(1)[0].sample, 6)  # 2.25 and 4 (1 + 1/12)
    (2.25, 4.333333)
    """

    types: NeuronTypes
    k: int
    n: int
    m: int

    def position(self, L: float) -> float:
        """``psi(L)``; NaN in the population's bulk."""
        g = self._resolvent(L)
        return np.nan if g is None else L * (1 - self.k / self.m * self._mean(1 + L * g))

    def position_slope(self, L: float) -> float:
        """``psi'(L)``; NaN in the population's bulk."""
        g = self._resolvent(L)
        if g is None:
            return np.nan
        change = g - L * self._bulk.response(g)(np.ones_like(g))
        return 1 - self.k / self.m * self._mean(1 + L * g + L * change)

    @functools.cached_property
    def threshold(self) -> float:
        """Smallest outlier of the population that shows: the L above the bulk where psi' = 0."""

        def hides(L: float) -> bool:
            return not self.position_slope(L) > 0

        low = high = self._mean(self.types.rest + np.sum(self.types.slopes**2, axis=1))
        while hides(high):
            low, high = high, 2 * high
        while high > low * (1 + _TOLERANCE):
            middle = np.sqrt(low * high)
            low, high = (middle, high) if hides(middle) else (low, middle)
        return float(high)

    @property
    def edge(self) -> float:
        """Upper edge of the sample's bulk."""
        return self.position(self.threshold)

    @property
    def detection_limit(self) -> float:
        """As `onestep.spectrum.SampleSpectrum.detection_limit`."""
        L = self.threshold
        curvature = self.position_slope(L * (1 + _STEP)) / (_STEP * L)
        fluctuation = (L**4 * curvature / 2) ** (1 / 3) * self.m ** (-2 / 3)
        return self.edge + TRACY_WIDOM_99 * float(fluctuation)

    def outliers(self, modes: int) -> list[Outlier]:
        """The largest modes of the means, at most as many as there are."""
        values, vectors = np.linalg.eigh(self.k * self.types.kernel(np.ones(self._count)))
        seen = int(np.sum(self._kernel(self.threshold)[0] > 1))
        found: list[Outlier] = []
        at, functions = np.nan, vectors
        for j in range(1, min(modes, values.size) + 1):
            strength = float(values[-j])
            if j > seen:
                found.append(Outlier(strength, np.nan, np.nan, 0.0, vectors[:, -j]))
                continue
            L = self._population(j, self.threshold + strength)
            if not abs(L / at - 1) < _EQUAL:  # equal modes share one basis
                at, functions = L, self._kernel(L)[1]
            q = functions[:, -j]
            g = self._resolvent(L)
            assert g is not None  # L is above the threshold
            fall = -self.k * q @ self.types.kernel(self._bulk.response(g)(np.ones_like(g))) @ q
            cosine = self.position_slope(L) / (L * float(fall))
            found.append(Outlier(strength, L, self.position(L), cosine, q))
        return found

    def _population(self, j: int, high: float) -> float:
        """L at which the j-th eigenvalue of K_L is 1; its inverse is nearly linear in L."""

        def excess(L: float) -> float:
            return 1 / float(self._kernel(L)[0][-j]) - 1

        return float(optimize.brentq(excess, self.threshold, high, xtol=1e-300, rtol=1e-12))

    def _kernel(self, L: float) -> tuple[Array, Array]:
        """Eigenvalues and eigenvectors of K_L, in increasing order."""
        g = self._resolvent(L)
        assert g is not None  # L is above the threshold
        values, vectors = np.linalg.eigh(-self.k * self.types.kernel(g))
        return values, vectors

    def _resolvent(self, L: float) -> Array | None:
        return self._bulk.beyond(self.types.rest - L)

    def _mean(self, values: Array) -> float:
        return float(self.types.weights @ values)

    @property
    def _count(self) -> int:
        return self.types.weights.size

    @functools.cached_property
    def _bulk(self) -> TypedBulk:
        return self.types.bulk(self.k / self.n)
