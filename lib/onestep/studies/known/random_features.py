"""Random features without a step: Mei and Montanari's errors, in their units."""

from __future__ import annotations

import math

from scipy import optimize

from ... import hermite


def parts(name: str) -> tuple[float, float, float]:
    """Constant, linear coefficient, and the standard deviation of the rest, of f(g)."""
    h = hermite.coefficients(name, 1, 1.0)
    rest = hermite.second_moment(name, 1.0) - h[0] ** 2 - h[1] ** 2
    return float(h[0]), float(h[1]), math.sqrt(max(float(rest), 0.0))


def mei_montanari(
    psi1: float, psi2: float, lam: float, mu1: float, mu_star: float, F1: float, noise: float
) -> tuple[float, float]:
    """Limits of prediction risk and training objective: Definitions 1-2 of arXiv 1908.05355.

    Their units, without factors 1/2: N features ``sigma(<theta, x> / sqrt d)``,
    ``|theta| = |x| = sqrt d``, ``psi1 = N/d``, ``psi2 = n/d``,
    ``min (1/n) sum (y - sum_j a_j sigma_j)^2 + (N lam / d) ||a||^2``; mu1 and mu_star are the
    linear coefficient of sigma and the standard deviation of what is not linear, F1 is the norm of
    the target's linear part, `noise` the standard deviation of all of the label that is not linear,
    ``(F_*^2 + tau^2)^{1/2}``. The risk is that of predicting the linear part:
    what the nonlinear part and the noise of a new label add, ``noise^2``, is not in it.

    The training objective of their chapter on the norm of the coefficients is derived here. Let
    ``A = [[0, Z^T], [Z, 0]]`` with the scaled features ``Z = sigma / (mu_* sqrt d)``, and
    ``G = (A - i v)^{-1}``, so that its block on the samples is ``i v (Z^T Z + v^2)^{-1}``, and
    nu2 is its trace over d. Neurons are iid given the data, of covariance
    ``zeta^2 X X^T / d + I`` over the samples; so the block is the inverse of
    ``-i v - nu1 (zeta^2 X X^T / d + I)``. Taking one column of X out of X X^T at a time,
    ``Tr X^T G X / d = d nu2 / (1 - zeta^2 nu1 nu2)``. The minimum is
    ``-i nu2 (lam_bar psi1/psi2)^{1/2}`` times ``F1^2 / (1 - chi zeta^2) + noise^2``.
    """
    zeta = mu1 / mu_star
    lam_bar = lam / mu_star**2
    v = math.sqrt(psi1 * psi2 * lam_bar)
    # At xi = i v, nu1 = i a and nu2 = i b with a, b > 0, and chi = -a b. The two equations
    # a = psi1 / (v + b c), b = psi2 / (v + a c), c = 1 + zeta^2 / (1 + zeta^2 a b), give
    # a v = psi1 - p c and b v = psi2 - p c: one equation for p = a b, with both sides monotone.

    def load(p: float) -> float:
        return p * (1 + zeta**2 / (1 + zeta**2 * p))

    def excess(p: float) -> float:
        return p * v**2 - (psi1 - load(p)) * (psi2 - load(p))

    smaller = min(psi1, psi2)
    high = optimize.brentq(lambda p: load(p) - smaller, 0.0, smaller + 1.0, xtol=1e-16, rtol=1e-15)
    p = optimize.brentq(excess, 0.0, high, xtol=1e-300, rtol=1e-15)
    nu1, nu2 = 1j * (psi1 - load(p)) / v, 1j * (psi2 - load(p)) / v
    xi = 1j * v
    for nu, other, psi in ((nu1, nu2, psi1), (nu2, nu1, psi2)):
        right = psi / (-xi - other - zeta**2 * other / (1 - zeta**2 * nu1 * nu2))
        if not abs(nu - right) < 1e-8 * abs(nu):
            raise ValueError(f"lam = {lam!r} is too far from 1 for the paper's equations for nu")
    x = (nu1 * nu2).real
    z2, z4, z6 = zeta**2, zeta**4, zeta**6
    E0 = (
        -(x**5) * z6
        + 3 * x**4 * z4
        + (psi1 * psi2 - psi2 - psi1 + 1) * x**3 * z6
        - 2 * x**3 * z4
        - 3 * x**3 * z2
        + (psi1 + psi2 - 3 * psi1 * psi2 + 1) * x**2 * z4
        + 2 * x**2 * z2
        + x**2
        + 3 * psi1 * psi2 * x * z2
        - psi1 * psi2
    )
    E1 = psi2 * x**3 * z4 - psi2 * x**2 * z2 + psi1 * psi2 * x * z2 - psi1 * psi2
    E2 = (
        x**5 * z6
        - 3 * x**4 * z4
        + (psi1 - 1) * x**3 * z6
        + 2 * x**3 * z4
        + 3 * x**3 * z2
        + (-psi1 - 1) * x**2 * z4
        - 2 * x**2 * z2
        - x**2
    )
    risk = F1**2 * E1 / E0 + noise**2 * E2 / E0
    power = F1**2 / (1 - x * z2) + noise**2
    return float(risk), nu2.imag * math.sqrt(lam_bar * psi1 / psi2) * power
