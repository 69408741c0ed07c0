"""What polynomials miss of an activation: L2 norms of the difference, without cancellation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._support.arrays import Array
from ..activations import Activation
from .panels import Laws, Unresolved, resolve
from .polynomials import normalised_polynomials
from .quadrature import largest_weight, root_density
from .tails import tail_bound

_RELATIVE = 1e-9
_NOISE = 1e-13
_RHO = 6.0  # wider ellipses than for coefficients: of small squares, too, the digits count
_LIMITS = (13.0, 16.0, 20.0, 26.0, 34.0, 45.0)
_R = np.linspace(0.02, 0.98, 49)[:, None, None]  # of Mehler's formula


@dataclass(frozen=True)
class TruncatedSeries:
    """``sigma_p = sum_{q <= p} a_q He_q(g)/sqrt(q!)`` with g = (z - mean)/scale, p = 0..degree."""

    activation: Activation  # sigma, the law of the series, and a_0..a_degree
    scale: float
    mean: float
    normalised: Array

    def distances(self, scale: float, mean: float) -> Array:
        """Return the L2 norms of sigma - sigma_p, to 1e-9 or 1e-13 of that of sigma_p, proven."""
        b, mu = np.array([scale]), np.array([mean])
        wide, start = scale / self.scale, (mean - self.mean) / self.scale
        noise, about = self._sizes(b, mu, wide, start)
        unit = noise + _RELATIVE * about

        def integrands(size: Array, x: Array, t: Array) -> Array:
            with np.errstate(all="ignore"):
                polynomials = self._largest(np.abs(start + wide * x) + wide * t, wide * t)
                square = (size + np.sqrt(polynomials)) ** 2 * largest_weight(x, t, 0)
            return np.asarray(square[:, None])

        limit = self._limit(b, mu, wide, abs(start), unit)
        if limit is None:
            raise self._unproven(scale, mean)
        laws = Laws(self.activation, b, mu, limit)
        try:
            panels = resolve(laws, integrands, lambda _: 1e-4 * unit[:, None], _RHO)
        except Unresolved:
            raise self._unproven(scale, mean) from None
        x, weights, slices = panels.nodes(laws.ends())
        sigma = [laws.values(i, x[:, at]).centre[0] for i, at in enumerate(slices)]
        squares = self._squares(np.concatenate(sigma), start + wide * x[0])
        found = (weights[0] * root_density(x[0]) ** 2) @ squares
        if not np.all(panels.error[:, 0] <= 2 * np.maximum(_RELATIVE * found, noise)):
            raise self._unproven(scale, mean)
        return np.asarray(np.sqrt(found))

    def _unproven(self, scale: float, mean: float) -> ValueError:
        return ValueError(
            f"activation: {self.activation.name!r} at scale {scale:g}, mean {mean:g}, degree "
            f"{len(self.normalised) - 1}: the truncation error could not be proven; allowed are "
            "smaller scales, lower degrees or smoother functions"
        )

    def _sizes(self, scale: Array, mean: Array, wide: float, start: float) -> tuple[Array, Array]:
        """Return the squares of what is noise, and about the squares asked for, both (orders,)."""
        x = np.linspace(-30.0, 30.0, 601)
        weights = 0.1 * root_density(x) ** 2
        sigma = Laws(self.activation, scale, mean, 30.0).anywhere(x)[0]
        with np.errstate(all="ignore"):
            squares, series = (self._squares(f, start + wide * x) for f in (sigma, 0.0 * x))
        size = weights @ series + self.normalised @ self.normalised
        return _NOISE**2 * size + 1e-300, weights @ np.where(np.isfinite(squares), squares, 0.0)

    def _squares(self, sigma: Array, g: Array) -> Array:
        """Return (sigma - sigma_p)^2, (points, orders)."""
        table = normalised_polynomials(g, len(self.normalised) - 1)
        return np.asarray((sigma[:, None] - np.cumsum(table * self.normalised, axis=-1)) ** 2)

    def _largest(self, real: Array, imaginary: Array) -> Array:
        """Bound |sigma_p|^2, (orders, points), for |Re g| and |Im g| up to these, (1, points)."""
        exponent = _R / (1 + _R) * real**2 + _R / (1 - _R) * imaginary**2 + self._mehler()
        return np.asarray(np.exp(exponent.min(axis=0)))

    def _mehler(self) -> Array:
        """Return the logarithm of (1 - r^2)^(-1/2) (sum_{q <= p} |a_q| r^(-q/2))^2, (r, orders, 1).

        By Mehler's formula |He_q|^2/q! is at most r^-q (1 - r^2)^(-1/2) exp(r Re^2/(1 + r) + r
        Im^2/(1 - r)).
        """
        powers = _R[:, 0] ** (-0.5 * np.arange(len(self.normalised)))
        sums = np.cumsum(np.abs(self.normalised) * powers, axis=1)[..., None]
        with np.errstate(divide="ignore"):
            return np.asarray(2 * np.log(sums) - 0.5 * np.log(1 - _R**2))

    def _limit(
        self, scale: Array, mean: Array, wide: float, start: float, unit: Array
    ) -> float | None:
        """Return where to cut the tails, so that they hold little of (sigma - sigma_p)^2."""
        for limit in _LIMITS:
            _, sigma = tail_bound(self.activation, limit, scale, mean)
            # Mehler's bound times the density is log-concave: below its tangent.
            rate, far = _R / (1 + _R), start + wide * limit
            fall = limit - 2 * rate * wide * far
            exponent = (
                rate * far**2 - limit**2 / 2 + self._mehler() - np.log(np.maximum(fall, 1e-9))
            )
            falls = (2 * rate * wide**2 < 1) & (fall > 0)
            least = np.min(np.where(falls, exponent, np.inf), axis=0)[:, 0]
            if np.all(2 * sigma + 2 * np.exp(least) <= 0.1 * unit):
                return limit
        return None
