"""Spectra of large random matrices: those of others, in their own units."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numpy.polynomial import polynomial

from ..._support import check
from ..._support.arrays import Array

_MOST = 100_000  # points of a rule


def marchenko_pastur(ratio: float, count: int = 400) -> tuple[Array, Array]:
    """Eigenvalues of ``W W^T`` and their shares, W of shape (k, n), entries N(0, 1/n), ratio k/n.

    In ``x = 1 + ratio + 2 sqrt(ratio) cos t`` the law is smooth and periodic: equal steps
    converge exponentially, at a rate ``|log ratio|`` that vanishes at 1, but not at 1 itself;
    more points than `count` are taken where it is small. The sum of the shares is right to
    1e-8, and to 3e-6 for ratios within 2e-4 of 1. The atom at 0 is the last point.

    Examples
    --------
    >>> x, share = marchenko_pastur(2.0)
    >>> [round(float(share @ x**p), 12) for p in (0, 1, 2)]  # 1, 1, 1 + ratio
    [1.0, 1.0, 3.0]
    """
    ratio = check.positive("ratio", ratio)
    if ratio != 1:
        count = max(count, min(math.ceil(18 / abs(math.log(ratio))), _MOST))
    angle = (np.arange(count) + 0.5) * np.pi / count
    x = 1 + ratio + 2 * math.sqrt(ratio) * np.cos(angle)
    share = 2 / count * np.sin(angle) ** 2 / x
    return np.append(x, 0.0), np.append(share, max(0.0, 1 - 1 / ratio))


def nonlinear_density(x: npt.ArrayLike, phi: float, psi: float, eta: float, zeta: float) -> Array:
    """Density of the eigenvalues of ``(1/m) Y Y^T``, ``Y = f(W X)``: Pennington and Worah (2017).

    W has n_1 rows of n_0 entries N(0, 1/n_0), X has n_0 rows of m standard normal entries, and f
    has the mean 0. Their G(z), the Stieltjes transform ``E 1/(z - x)``, is

        G = (psi / z) P + (1 - psi) / z,          t = 1 / (psi z),
        P = 1 + (eta - zeta) t P_phi P_psi + t zeta P_phi P_psi / (1 - t zeta P_phi P_psi),

    ``P_phi = 1 + (P - 1) phi``, ``P_psi = 1 + (P - 1) psi``, with ``phi = n_0 / m``,
    ``psi = n_0 / n_1``, ``eta = E f^2`` and ``zeta = (E f')^2``: a quartic, solved as a polynomial.
    Points x lie in the interior of the bulk.
    """
    points = np.asarray(x, dtype=float)
    return np.reshape([_density(z, phi, psi, eta, zeta) for z in points.ravel()], points.shape)


def _density(z: float, phi: float, psi: float, eta: float, zeta: float) -> float:
    product = np.convolve([1 - phi, phi], [1 - psi, psi]) / (psi * z)  # t P_phi P_psi
    left = polynomial.polysub([1.0], zeta * product)
    right = polynomial.polyadd(
        np.convolve((eta - zeta) * product, left), zeta * np.asarray(product)
    )
    P = polynomial.polyroots(polynomial.polysub(np.convolve([-1.0, 1.0], left), right))
    G = (psi * P + 1 - psi) / z
    return float(np.max(-G.imag) / np.pi)


def spiked_eigenvalue(ell: npt.ArrayLike, gamma: float) -> Array:
    """Where an eigenvalue ``ell >= 1`` of the population ends up: Baik and Silverstein (2006).

    All others of the population are 1; gamma is dimensions over samples. Beyond ``1 +
    sqrt(gamma)`` it is ``ell (1 + gamma / (ell - 1))``, and below the upper edge ``(1 +
    sqrt(gamma))^2`` of the bulk: the transition of Baik, Ben Arous and Peche (2005).
    """
    ell = np.asarray(ell, dtype=float)
    if not np.all(ell >= 1):
        raise ValueError(f"ell = {ell!r} is not allowed: numbers >= 1 are needed")
    root = math.sqrt(check.positive("gamma", gamma))
    seen = np.maximum(ell, 1 + root)
    return np.asarray(seen * (1 + gamma / (seen - 1)))
