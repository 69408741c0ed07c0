"""The truncated Hermite series of an activation, and what the truncation costs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .._support.arrays import Array
from .._support.elementwise import BLOCK, evaluate
from ..activations import Activation, get
from .methods import normalised_coefficients
from .numeric import broadcast_law, second_moment
from .piecewise import piecewise_polynomial, polynomial_coefficients
from .polynomials import require_degree, sqrt_factorials
from .truncation import TruncatedSeries

_SMALL = 1e-6  # below this share of E sigma^2 the residual is integrated, not subtracted
_NOISE = 1e-13  # a residual below this times the norm is rounding


@dataclass(frozen=True)
class HermiteExpansion:
    """``sigma_l(z) = sum_{p<=l} h_p He_p((z - mean)/scale)`` with its residual.

    Source: the book's chapter *Hermite coefficients*.

    Attributes
    ----------
    activation, scale, mean
        What is expanded, and the law N(mean, scale^2) of the preactivations.
    coefficients
        h_0..h_l, shape (degree + 1,).
    errors
        h*_0..h*_l: ``errors[p]`` is the L2 error of stopping at degree p, so
        ``errors[p]^2 = E sigma^2 - sum_{q<=p} q! h_q^2``. Exactly 0
        for a polynomial of degree <= p, and where it is below 1e-13 sqrt(E sigma^2): rounding.
    second_moment
        E sigma(z)^2.

    Examples
    --------
    >>> line = HermiteExpansion.of("relu", 1)
    >>> line.coefficients.round(6), float(line.second_moment)
    (array([0.398942, 0.5     ]), 0.5)
    >>> round(line.residual**2, 6)  # 1/4 - 1 / (2 pi)
    0.090845
    >>> bool(line.error_at(2.0)[1] > line.residual), line([0.0, 2.0]).round(6)
    (True, array([0.398942, 1.398942]))
    """

    activation: Activation
    scale: float
    mean: float
    coefficients: Array
    errors: Array
    second_moment: float

    @classmethod
    def of(
        cls, activation: str | Activation, degree: int, scale: float = 1.0, mean: float = 0.0
    ) -> HermiteExpansion:
        """Expand an activation; arguments as :func:`coefficients`, scalar scale and mean."""
        sigma = get(activation)
        top = require_degree(degree)
        b, mu, shape = broadcast_law(scale, mean)
        if shape:
            raise ValueError(f"scale, mean: shape {shape}; allowed are scalars")
        normalised = normalised_coefficients(sigma, top, b, mu)[0][0]
        total = float(second_moment(sigma, scale, mean))
        errors = _truncation_errors(sigma, normalised, total, b, mu)
        return cls(
            sigma, float(b[0]), float(mu[0]), normalised / sqrt_factorials(top), errors, total
        )

    @property
    def degree(self) -> int:
        """The degree l of the truncation."""
        return len(self.coefficients) - 1

    @property
    def residual(self) -> float:
        """h*_l: the L2 size of what the polynomial misses."""
        return float(self.errors[-1])

    def __call__(self, z: npt.ArrayLike) -> Array:
        """The polynomial at z, by Clenshaw's recursion in blocks."""
        buffers = np.empty((3, BLOCK))
        return evaluate(
            lambda source, target: self._evaluate(source, target, buffers[:, : source.size]), z
        )

    def _evaluate(self, source: Array, target: Array, buffers: Array) -> None:
        h = self.coefficients
        if self.degree == 0:
            target[...] = h[0]
            return
        x, *others = buffers
        np.multiply(source, 1 / self.scale, out=x)
        if self.mean:
            x -= self.mean / self.scale
        # s_p = h_p + x s_{p+1} - (p + 1) s_{p+2}; the value is s_0. The first two are numbers.
        room = [target, *others]  # s_p is in room[p % 3], and so s_0 in the target
        first: Array | np.float64 = h[-1]
        second: Array | np.float64 = np.float64(0.0)
        for p in range(self.degree - 1, -1, -1):
            following = np.multiply(x, first, out=room[p % 3])
            if p:
                second *= p + 1
            if isinstance(second, np.ndarray):
                following -= second
                following += h[p]
            else:
                following += h[p] - second
            first, second = following, first

    def error_at(self, scale: float, mean: float | None = None) -> Array:
        """Return the L2 errors of degrees 0..l at another law of z; the mean may stay.

        The series is the best polynomial for N(mean, scale^2) of the expansion. Outside that bulk
        He_p(z/b) grows like (z/b)^p: under a wider law the error increases with the degree once the
        law is wide enough. This is why the Hermite model fails at the largest strengths.
        """
        b, mu, shape = broadcast_law(scale, self.mean if mean is None else mean)
        if shape:
            raise ValueError(f"scale, mean: shape {shape}; allowed are scalars")
        self.activation.require_scale(float(b[0]))
        normalised = self.coefficients * sqrt_factorials(self.degree)
        series = TruncatedSeries(self.activation, self.scale, self.mean, normalised)
        return series.distances(float(b[0]), float(mu[0]))


def _truncation_errors(
    sigma: Activation, normalised: Array, total: float, scale: Array, mean: Array
) -> Array:
    """Return h*_p, p = 0..degree, without cancellation where it is small."""
    degree = len(normalised) - 1
    polynomial = piecewise_polynomial(sigma)
    if polynomial is not None and not polynomial.kinks:
        # A finite sum of squares, exactly 0 from the degree of the polynomial on.
        top = max(polynomial.degree, degree)
        full = polynomial_coefficients(polynomial, top, scale, mean)[0][0]
        tails = np.append(np.cumsum((full**2)[:0:-1])[::-1], 0.0)
        tails[polynomial.degree :] = 0.0
        return np.asarray(np.sqrt(tails[: degree + 1]))
    squares = total - np.cumsum(normalised**2)
    errors = np.sqrt(np.maximum(squares, 0.0))
    small = squares < _SMALL * total
    if np.any(small):
        law = (float(scale[0]), float(mean[0]))
        errors[small] = TruncatedSeries(sigma, *law, normalised).distances(*law)[small]
    errors[errors < _NOISE * math.sqrt(total)] = 0.0
    return np.asarray(errors)
