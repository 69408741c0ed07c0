"""Spectrum of a sample covariance whose population is a Marchenko-Pastur bulk with a few spikes.

For m samples with population eigenvalues tau the map

    psi(L) = L (1 + (1/m) sum tau / (L - tau)) = -omega (1 - df1(omega) / m),    omega = -L,

takes the real line outside the population's spectrum to that outside the sample's: a spike L shows
up at psi(L) if psi'(L) > 0, and is hidden in the bulk otherwise, whose edges have psi' = 0.

Source: Silverstein and Choi (1995), density and edges; Baik and Silverstein (2006), Bai and Yao
(2012), spikes; Benaych-Georges and Nadakuditi (2011), additive spikes; El Karoui (2007), scale of
the fluctuations at the edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import integrate, optimize

from .._support import check
from .._support.arrays import Array, RealOrComplex
from .marchenko_pastur import Bulk

Status = Literal["outlier", "hidden"]

TRACY_WIDOM_99 = 2.0234
"""99 % quantile of the Tracy-Widom law of real samples (Bejan 2005, table 2)."""

_NEAR = 1e-9  # relative distance from the population's edge, where psi' is about -1/_NEAR
_RESIDUAL = 1e-8
_GRID = 1601  # points of the distribution: its error is below 1e-4


@dataclass(frozen=True)
class Spike:
    """Where an additive spike of the population ends up: an ``"outlier"``, or ``"hidden"``.

    Attributes
    ----------
    population
        Eigenvalue L of the population; NaN if the spike does not leave the population's bulk.
    sample
        Eigenvalue of the sample covariance; NaN if hidden.
    alignment
        Limit of the squared cosine between the sample's right singular vector and the spike's
        coordinates over the samples; 0 if hidden.

    Examples
    --------
    >>> white = SampleSpectrum(Bulk(k=100, n=100, slope=0.0, noise=1.0, scale=1.0), m=400)
    >>> white.spike(0.4).status, white.spike(3.0).status  # visible above (k/m)^{1/2}
    ('hidden', 'outlier')
    >>> round(white.spike(3.0).population, 6), round(white.spike(3.0).sample, 6)  # 4, 4 (1 + 1/12)
    (4.0, 4.333333)
    """

    population: float
    sample: float
    alignment: float
    status: Status


@dataclass(frozen=True)
class SampleSpectrum:
    """Limit of the eigenvalues of ``(1/m) Phi Phi^T`` for k features with bulk covariance `bulk`.

    The bulk must not be identically 0, and m >= 1. Sources are told above.

    Examples
    --------
    >>> white = SampleSpectrum(Bulk(k=100, n=100, slope=0.0, noise=1.0, scale=1.0), m=400)
    >>> round(white.edge, 6), white.atom  # (1 + (k/m)^{1/2})^2
    (2.25, 0.0)
    >>> round(white.threshold, 6), round(float(white.position(white.threshold) / white.edge), 6)
    (1.5, 1.0)
    >>> round(float(white.distribution(white.edge)), 3), float(white.density(2.3))
    (1.0, 0.0)
    """

    bulk: Bulk
    m: int

    def __post_init__(self) -> None:
        check.keep(self, m=check.integer("m", self.m, 1))
        if not self.bulk.mean > 0:
            raise ValueError("bulk is not allowed: slope * scale and noise are both 0")

    def position(self, L: ArrayLike) -> Array:
        """``psi(L)`` for L outside the population's bulk."""
        spike = np.asarray(L, dtype=float)
        return np.asarray(spike * (1 - self.bulk.df1(-spike) / self.m))

    def position_slope(self, L: ArrayLike) -> Array:
        """``psi'(L) = 1 - (1/m) sum tau^2 / (L - tau)^2``."""
        return np.asarray(1 - self.bulk.df2(-np.asarray(L, dtype=float)) / self.m)

    @cached_property
    def threshold(self) -> float:
        """Smallest population spike that shows: the L above the bulk where psi' = 0."""
        top = self.bulk.edges[1]
        # psi' > 0 at twice the sum of all that bounds tau^2 / (L - tau)^2 from above.
        far = 2 * top * (1 + np.sqrt(self.bulk.k / self.m))
        return float(
            optimize.brentq(self.position_slope, top * (1 + _NEAR), far, xtol=1e-300, rtol=1e-13)
        )

    @cached_property
    def edge(self) -> float:
        """Upper edge of the sample's bulk."""
        return float(self.position(self.threshold))

    @cached_property
    def fluctuation(self) -> float:
        """Scale of the largest bulk eigenvalue: it is ``edge + fluctuation * TW``, TW of order 1.

        ``m^{-2/3} (L^4 psi''(L) / 2)^{1/3}`` at the threshold.
        """
        L = self.threshold
        step = 1e-4 * (L - self.bulk.edges[1])
        curvature = (self.position_slope(L + step) - self.position_slope(L - step)) / (2 * step)
        return float((L**4 * curvature / 2) ** (1 / 3) * self.m ** (-2 / 3))

    @property
    def detection_limit(self) -> float:
        """Level that the bulk's largest eigenvalue exceeds in one draw out of a hundred."""
        return self.edge + TRACY_WIDOM_99 * self.fluctuation

    def spike(self, strength: float) -> Spike:
        """Fate of a spike > 0 added to the population, in a direction independent of the bulk.

        The population's outlier L solves ``strength * (1/k) Tr (L - Sigma~)^{-1} = 1``.
        """
        strength = check.positive("strength", strength)
        top = self.bulk.edges[1] * (1 + _NEAR)

        def excess(L: float) -> float:
            return 1 + strength * float(self.bulk.resolvent(-L))

        if excess(top) >= 0:
            return Spike(np.nan, np.nan, 0.0, "hidden")
        L = float(optimize.brentq(excess, top, top + strength, xtol=1e-300, rtol=1e-14))
        if self.threshold >= L:
            return Spike(L, np.nan, 0.0, "hidden")
        overlap = 1 / (strength * L * float(self.bulk.squared_resolvent(-L)))
        return Spike(L, float(self.position(L)), float(self.position_slope(L)) * overlap, "outlier")

    def density(self, x: ArrayLike) -> Array:
        """Density of the continuous part at x > 0, any shape; NaN where no root was accepted.

        With r the population's resolvent at -omega, omega and the sample's eigenvalue are rational
        in r, so that r is a root of a quartic; the root with Im omega < 0 on the right branch of
        the population's resolvent is unique (Silverstein and Bai 1995). Outside the bulk the
        quartic has no such root and the density is 0.
        """
        points = np.asarray(x, dtype=float)
        if not np.all(points > 0):
            raise ValueError(f"x = {points[~(points > 0)].flat[0]} is not allowed: x > 0 is needed")
        unit = self.bulk.mean  # eigenvalues in units of the mean keep the coefficients of order 1
        r, omega = self._roots(points.ravel() / unit)
        with np.errstate(invalid="ignore"):
            candidate = (r.imag > 1e-9 * np.abs(r)) & (omega.imag < -1e-12 * np.abs(omega))
        miss = np.full(r.shape, np.inf)
        miss[candidate] = np.abs(
            self.bulk.resolvent(unit * omega[candidate]) * unit / r[candidate] - 1
        )
        best = np.argmin(miss, axis=1)[:, None]
        chosen = np.take_along_axis(np.where(candidate, omega, 1.0), best, axis=1)[:, 0]
        values = (1 / chosen).imag / np.pi * self.m / self.bulk.k / unit
        least = np.take_along_axis(miss, best, axis=1)[:, 0]
        values[np.isfinite(least) & (least > _RESIDUAL)] = np.nan
        return np.asarray(values.reshape(points.shape))

    def _roots(self, x: Array) -> tuple[RealOrComplex, RealOrComplex]:
        """Roots r of the quartic at every x, shape (x.size, 4 or less), and their omega."""
        bulk, share = self.bulk, self.bulk.k / self.m
        A, floor = bulk.size / bulk.mean, bulk.floor / bulk.mean
        per = np.polynomial.Polynomial([1.0, bulk.ratio * A])
        variable = np.polynomial.Polynomial([0.0, 1.0])
        top = per - A * variable - floor * variable * per
        # omega = top / (r per) and -x = omega (1 - share) + share omega^2 r, times r per^2.
        constant = (1 - share) * top * per + share * top**2
        linear = variable * per**2
        coefficients = np.zeros((x.size, 5))
        for polynomial, factor in ((constant, np.ones_like(x)), (linear, x)):
            coef = np.asarray(polynomial.coef, dtype=float)
            coefficients[:, : coef.size] += np.multiply.outer(factor, coef)
        degree = int(np.flatnonzero(np.any(coefficients != 0, axis=0))[-1])
        companion = np.zeros((x.size, degree, degree))
        companion[:, np.arange(1, degree), np.arange(degree - 1)] = 1.0
        companion[:, :, -1] = -coefficients[:, :degree] / coefficients[:, degree : degree + 1]
        r = np.linalg.eigvals(companion).astype(complex)
        with np.errstate(divide="ignore", invalid="ignore"):
            return r, top(r) / (r * per(r))

    @property
    def atom(self) -> float:
        """Share of sample eigenvalues that are 0."""
        rank = min(self.m, self.bulk.k)
        return 1 - (rank if self.bulk.floor else min(rank, self.bulk.n)) / self.bulk.k

    @cached_property
    def _distribution(self) -> tuple[Array, Array]:
        # x = edge sin^4: smooth at the upper edge and at a density that diverges at 0.
        angle = np.linspace(0, np.pi / 2, _GRID)
        x = self.edge * np.sin(angle) ** 4
        weight = 4 * self.edge * np.sin(angle) ** 3 * np.cos(angle)
        inner = np.zeros_like(x)
        inner[1:-1] = self.density(x[1:-1]) * weight[1:-1]
        return x, self.atom + integrate.cumulative_simpson(inner, x=angle, initial=0.0)

    def distribution(self, x: ArrayLike) -> Array:
        """Cumulative distribution of the sample's bulk eigenvalues, atom at 0 included."""
        grid, values = self._distribution
        return np.asarray(np.interp(np.asarray(x, dtype=float), grid, values, left=0.0))

    def kolmogorov_distance(self, eigenvalues: ArrayLike) -> float:
        """Largest gap between the law and the empirical distribution of `eigenvalues`.

        One-dimensional, not empty; outliers left out, zeros of a singular covariance included.
        """
        values = np.sort(np.asarray(eigenvalues, dtype=float))
        if not values.size:
            raise ValueError("eigenvalues: none are given; at least one is needed")
        expected = self.distribution(values)
        steps = np.arange(values.size + 1) / values.size
        # A zero eigenvalue that rounding made +-1e-17 belongs to the atom.
        positive = values > 1e-10 * self.edge
        gaps = np.maximum(np.abs(steps[1:] - expected), np.abs(steps[:-1] - expected))
        return float(gaps[positive].max(initial=abs(np.mean(~positive) - self.atom)))
