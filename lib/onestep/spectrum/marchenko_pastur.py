"""The bulk of the features: a scaled Marchenko-Pastur matrix plus a multiple of the identity.

Away from the finitely many spike directions, k times the population covariance of the features is
``Sigma~ = a^2 F F^T + h^2 I_k``, rows of F (k x n) iid N(0, (b^2 / n) I_n). With c = k/n,
A = (a b)^2 and y = omega + h^2 the normalised resolvent ``r = (1/k) Tr (Sigma~ + omega)^{-1}``
solves the quadratic equation ``y = 1/r - A / (1 + c A r)``. Every functional is a rational function
of r in which, for omega > 0, no two numbers of nearly equal size are subtracted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .._support import check
from .._support.arrays import RealOrComplex
from ..activations import Activation
from ..hermite import HermiteExpansion


@dataclass(frozen=True)
class Bulk:
    """Law of the eigenvalues of ``Sigma~ = a^2 F F^T + h^2 I_k`` as k and n grow together.

    Source: Marchenko and Pastur (1967); Silverstein and Choi (1995).

    Attributes
    ----------
    k, n
        Width and number of bulk dimensions, >= 1; only k/n enters the law.
    slope, noise
        a, the mean slope ``E sigma'(b g) = h_1(b) / b``, whose sign does not matter; and h >= 0,
        the residual ``h*_1(b)``.
    scale
        b >= 0; rows of F have the covariance ``(b^2 / n) I_n``.

    Examples
    --------
    >>> bulk = Bulk(k=200, n=100, slope=0.5, noise=0.1, scale=1.0)
    >>> [round(float(edge), 6) for edge in bulk.edges], bulk.atom
    ([0.052893, 1.467107], 0.5)
    >>> bool(bulk.df2(0.3) < bulk.df1(0.3) < bulk.k)
    True
    """

    k: int
    n: int
    slope: float
    noise: float
    scale: float

    def __post_init__(self) -> None:
        check.keep(
            self,
            k=check.integer("k", self.k, 1),
            n=check.integer("n", self.n, 1),
            slope=check.number("slope", self.slope),
            noise=check.number("noise", self.noise, 0.0),
            scale=check.number("scale", self.scale, 0.0),
        )

    @classmethod
    def of(cls, activation: str | Activation, k: int, n: int, scale: float) -> Bulk:
        """Bulk of the features of an activation at preactivations N(0, scale^2)."""
        expansion = HermiteExpansion.of(activation, degree=1, scale=scale)
        return cls(k, n, float(expansion.coefficients[1]) / scale, expansion.residual, scale)

    @property
    def ratio(self) -> float:
        """``c = k/n``."""
        return self.k / self.n

    @property
    def size(self) -> float:
        """``A = (a b)^2``, the mean eigenvalue of ``a^2 F F^T``."""
        return (self.slope * self.scale) ** 2

    @property
    def floor(self) -> float:
        """``h^2``, the eigenvalue of the identity part."""
        return self.noise**2

    @property
    def mean(self) -> float:
        """Mean eigenvalue ``A + h^2``."""
        return self.size + self.floor

    @property
    def edges(self) -> tuple[float, float]:
        """Ends of the continuous part of the spectrum, ``h^2 + A (1 -+ sqrt(c))^2``."""
        low, high = self._shifts
        return self.floor + low, self.floor + high

    @property
    def atom(self) -> float:
        """Share of eigenvalues that equal ``h^2`` exactly: ``max(0, 1 - n/k)``, or 1 if A = 0."""
        return 1.0 if self.size == 0 else max(0.0, 1.0 - self.n / self.k)

    @property
    def _shifts(self) -> tuple[float, float]:
        c = self.ratio
        return self.size * ((c - 1) / (1 + np.sqrt(c))) ** 2, self.size * (1 + np.sqrt(c)) ** 2

    def resolvent(self, omega: ArrayLike) -> RealOrComplex:
        """``r = (1/k) E Tr (Sigma~ + omega)^{-1}``, in the limit of large k.

        Omega is real or complex, of any shape, with -omega outside the spectrum, else refused:
        omega > 0, or -omega between the atom and the lower edge, below or above all eigenvalues, or
        not real.
        """
        points = np.asarray(omega)
        points = points.astype(complex if np.iscomplexobj(points) else float)
        self._require_outside(points)
        y = points + self.floor
        low, high = self._shifts
        p = y + self.size * (1 - self.ratio)
        # The product of principal roots is cut along the spectrum only; at infinity it is y.
        s = np.sqrt(y.astype(complex) + low) * np.sqrt(y.astype(complex) + high)
        if not np.iscomplexobj(points):
            s = s.real
        plus, minus = s + p, s - p
        # Both quotients are r; the larger of s + p and s - p has not lost digits.
        first = np.abs(plus) >= np.abs(minus)
        twice = 2 * self.ratio * self.size * y
        return np.asarray(
            np.where(first, 2 / np.where(first, plus, 1), minus / np.where(first, 1, twice))
        )

    def squared_resolvent(self, omega: ArrayLike) -> RealOrComplex:
        """``(1/k) Tr (Sigma~ + omega)^{-2}`` = -dr/d omega; omega as for `resolvent`."""
        r = self.resolvent(omega)
        return np.asarray((r * self._per(r)) ** 2 / self._jacobian(r))

    def df1(self, omega: ArrayLike) -> RealOrComplex:
        """``Tr Sigma~ (Sigma~ + omega)^{-1}``, between 0 and k for omega > 0."""
        r = self.resolvent(omega)
        return np.asarray(self.k * r * (self.floor + self.size / self._per(r)))

    def df2(self, omega: ArrayLike) -> RealOrComplex:
        """``Tr Sigma~^2 (Sigma~ + omega)^{-2}``, at most `df1` for omega > 0."""
        r = self.resolvent(omega)
        per, jacobian, c, A = self._per(r), self._jacobian(r), self.ratio, self.size
        # (1/k) Tr (A W)^2 (A W + y)^{-2} = t^2 (1 + c - 2 c t) / (1 - c t^2) with t = A r / per.
        wishart = A**2 * (1 + c * (1 + (c - 1) * A * r)) / per
        cross = self.floor * (2 * A + self.floor * per**2)
        return np.asarray(self.k * r**2 * (wishart + cross) / jacobian)

    def _per(self, r: RealOrComplex) -> RealOrComplex:
        return np.asarray(1 + self.ratio * self.size * r)

    def _jacobian(self, r: RealOrComplex) -> RealOrComplex:
        """``(1 + c A r)^2 (1 - c t^2)``, factorised; 0 at the edges of the spectrum only."""
        c, A = self.ratio, self.size
        root = np.sqrt(c)
        return np.asarray(
            (1 + root * (root + 1) * A * r) * (1 + root * (c - 1) / (root + 1) * A * r)
        )

    def _require_outside(self, points: RealOrComplex) -> None:
        low, high = self.edges
        real = points.real
        inside = (real >= -high) & (real <= -low)
        if self.atom:
            inside |= real == -self.floor
        wrong = ~np.isfinite(points) | (inside & (points.imag == 0))
        if np.any(wrong):
            raise ValueError(
                f"omega = {points[wrong].flat[0]} is not allowed: -omega must be finite and lie "
                f"outside the spectrum, [{low:g}, {high:g}]"
                + (f" and {self.floor:g}" if self.atom else "")
            )
