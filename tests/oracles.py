"""Independent oracles for `onestep.predict`: equations of other papers, in the book's units.

Nothing here is shared with the library's theory but values of activations and their Hermite
coefficients. The book's units: features ``phi = k^{-1/2} sigma(F x)``, rows of F ~ N(0, I/n),
readout ``argmin (1/2m) ||y - Phi^T w||^2 + (lambda/2) ||w||^2``, errors on the scale of half a
squared label, the training error with its regulariser.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from onestep import activations, hermite


@dataclass(frozen=True)
class Errors:
    training: float
    plain_training: float
    generalization: float


def parts(name):
    """Constant, linear coefficient, and the standard deviation of the rest, of f(g)."""
    h = hermite.coefficients(name, 1, 1.0)
    rest = hermite.second_moment(name, 1.0) - h[0] ** 2 - h[1] ** 2
    return float(h[0]), float(h[1]), math.sqrt(max(float(rest), 0.0))


def marchenko_pastur_density(bulk, x):
    """Density of the continuous part of a `Bulk` at x; its integral is ``1 - bulk.atom``."""
    low, high = bulk.edges
    root = np.sqrt(np.maximum((x - low) * (high - x), 0.0))
    return root / (2 * np.pi * bulk.ratio * bulk.size * (x - bulk.floor))


# --- Random features without a step -----------------------------------------------------------


def mei_montanari(psi1, psi2, lam, mu1, mu_star, F1, noise):
    """Limits of prediction risk and training objective: Definitions 1-2 of arXiv 1908.05355.

    Their units: N features ``sigma(<theta, x> / sqrt d)``, |theta| = |x| = sqrt d,
    ``psi1 = N/d``, ``psi2 = n/d``,
    ``min (1/n) sum (y - sum_j a_j sigma_j)^2 + (N lam / d) ||a||^2``; F1 is the norm of the
    target's linear part, `noise` the standard deviation of all of the label that is not linear,
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

    Returns
    -------
    tuple
        Risk and training objective, without factors 1/2.
    """
    zeta = mu1 / mu_star
    lam_bar = lam / mu_star**2
    v = math.sqrt(psi1 * psi2 * lam_bar)
    # At xi = i v, nu1 = i a and nu2 = i b with a, b > 0, and chi = -a b. The two equations
    # a = psi1 / (v + b c), b = psi2 / (v + a c), c = 1 + zeta^2 / (1 + zeta^2 a b), give
    # a v = psi1 - p c and b v = psi2 - p c: one equation for p = a b, with both sides monotone.

    def load(p):
        return p * (1 + zeta**2 / (1 + zeta**2 * p))

    def excess(p):
        return p * v**2 - (psi1 - load(p)) * (psi2 - load(p))

    smaller = min(psi1, psi2)
    high = optimize.brentq(lambda p: load(p) - smaller, 0.0, smaller + 1.0, xtol=1e-16, rtol=1e-15)
    p = optimize.brentq(excess, 0.0, high, xtol=1e-300, rtol=1e-15)
    nu1, nu2 = 1j * (psi1 - load(p)) / v, 1j * (psi2 - load(p)) / v
    xi = 1j * v
    for nu, other, psi in ((nu1, nu2, psi1), (nu2, nu1, psi2)):
        right = psi / (-xi - other - zeta**2 * other / (1 - zeta**2 * nu1 * nu2))
        assert abs(nu - right) < 1e-8 * abs(nu), "the paper's equations for nu do not hold"
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
    return risk, nu2.imag * math.sqrt(lam_bar * psi1 / psi2) * power


def random_features(n, m, k, activation, target, noise, ridge):
    """`mei_montanari` for the book's problem without spread and without a step.

    With ``w = sqrt(k) a`` the book's objective, doubled, is
    ``(1/m) sum (...)^2 + lambda k ||a||^2``; theirs has ``N lam / d = k lam / n``: so
    ``lam = n lambda``. A constant part of the target costs nothing in the limit if the
    activation has one, ``mu_0 != 0``; else it must be 0.
    """
    h0, h1, rest = parts(activation)
    a0, a1, curved = parts(target)
    assert abs(h0) > 0.01 or abs(a0) < 1e-12, "the constant cannot be learned"
    unlearnable = math.hypot(curved, noise)
    risk, training = mei_montanari(k / n, m / n, n * ridge, h1, rest, abs(a1), unlearnable)
    return Errors(0.5 * training, math.nan, 0.5 * (risk + unlearnable**2))


def marchenko_pastur(ratio, count=400):
    """Eigenvalues of ``W W^T`` and their shares, W of shape (k, n), entries N(0, 1/n), ratio k/n.

    In ``x = 1 + ratio + 2 sqrt(ratio) cos t`` the law is smooth and periodic: equal steps converge
    exponentially. The atom at 0 is the last point.
    """
    angle = (np.arange(count) + 0.5) * np.pi / count
    x = 1 + ratio + 2 * math.sqrt(ratio) * np.cos(angle)
    share = 2 / count * np.sin(angle) ** 2 / x
    return np.append(x, 0.0), np.append(share, max(0.0, 1 - 1 / ratio))


# --- Limits of one of the three sizes ---------------------------------------------------------


def many_samples(n, k, activation, target, noise, ridge):
    """Errors for ``m -> infinity``: ridge regression on the population of random features.

    Beside the constant, features are ``h_1 F x + h_* zeta`` with iid zeta, their covariance times
    k is ``h_1^2 F F^T + h_*^2``, and the label's linear part a_1 xi^T x has the overlap
    ``h_1 a_1 F xi`` with them, of square ``h_1^2 a_1^2 D / n`` with an eigenvector of F F^T.
    """
    _, h1, rest = parts(activation)
    _, a1, curved = parts(target)
    D, share = marchenko_pastur(k / n)
    covariance = h1**2 * D + rest**2
    shrunk = covariance + k * ridge
    overlap = share * (k / n) * (h1 * a1) ** 2 * D
    power = a1**2 + curved**2 + noise**2
    missed = power - np.sum(overlap * (covariance + 2 * k * ridge) / shrunk**2)
    minimum = power - np.sum(overlap / shrunk)
    return Errors(0.5 * float(minimum), 0.5 * float(missed), 0.5 * float(missed))


def kernel_ridge(kernel, X, y, X_test, y_test, ridge):
    """The readout for ``k -> infinity``: regression with ``E sigma(f^T x) sigma(f^T x')``."""
    dual = np.linalg.solve(kernel(X, X) + len(y) * ridge * np.eye(len(y)), y)
    plain = 0.5 * len(y) * ridge**2 * dual @ dual
    generalization = 0.5 * np.mean((y_test - kernel(X_test, X) @ dual) ** 2)
    return Errors(0.5 * ridge * y @ dual, plain, generalization)


def relu_kernel(X, Y):
    """Arc-cosine kernel (Cho and Saul 2009) of rows f ~ N(0, I/n)."""
    n = X.shape[1]
    sizes = np.outer(np.linalg.norm(X, axis=1), np.linalg.norm(Y, axis=1))
    angle = np.arccos(np.clip(X @ Y.T / sizes, -1, 1))
    return sizes / (2 * np.pi * n) * (np.sin(angle) + (np.pi - angle) * np.cos(angle))


def erf_kernel(X, Y):
    """Arcsine kernel (Williams 1996) of rows f ~ N(0, I/n)."""
    n = X.shape[1]
    sizes = np.outer(
        1 + 2 * np.sum(X**2, axis=1) / n,
        1 + 2 * np.sum(Y**2, axis=1) / n,
    )
    return 2 / np.pi * np.arcsin(2 * X @ Y.T / n / np.sqrt(sizes))


def noise_only(Phi, M, ridge):
    """Expected errors of the readout for labels that are unit noise, given the features.

    With ``P = Phi^T Phi + m lambda`` the minimum is ``(lambda/2) E y^T P^{-1} y``, and the fitted
    weights ``Phi P^{-1} y`` have the covariance ``Phi P^{-2} Phi^T``.
    """
    m = Phi.shape[1]
    inverse = np.linalg.inv(Phi.T @ Phi + m * ridge * np.eye(m))
    fitted = Phi @ inverse
    return Errors(
        training=0.5 * ridge * np.trace(inverse),
        plain_training=0.5 * m * ridge**2 * np.sum(inverse**2),
        generalization=0.5 * (1 + np.sum(fitted * (M @ fitted))),
    )


# --- One step at the maximal rate, every neuron with the same second-layer weight ------------


@dataclass(frozen=True)
class SpikedRandomFeatures:
    """``sigma(r kappa + sqrt(c) w_i^T x)``, ``kappa = v^T x`` with |v| = 1, of arXiv 2402.04980.

    Rows w_i ~ N(0, I/d) and v are independent; the target is ``sigma_*(theta^T x)`` with the
    unit vector theta of overlap gamma with v.
    """

    r: float
    c: float
    gamma: float

    @classmethod
    def after_step(cls, rate, samples_per_dimension, activation, target):
        """Parameters after a step with the second layer ``w_i = k^{-1/2}`` for all neurons.

        The book's G then has the rows ``(1/(k m)) sum (y - f) sigma'(F_i x) x``, so
        ``eta = rate * k`` is their ``tilde eta``. Its part along ``sigma' -> h_1`` is common to
        all rows, ``h_1 (h_1^* theta + noise)``, the noise of norm ``(E y^2 d/m)^{1/2}``; the
        rest, ``E y^2 Var sigma' d/m`` in squared norm, adds to the bulk. (In the authors' public
        code this last term has a further factor h_1^2, which the derivation here does not give.)
        The network's own output f, and ``E y E sigma''``, are neglected: they vanish for an odd
        activation and an odd target. For others the parameters are as good as any, but not those
        of a step.
        """
        _, h1, _ = parts(activation)
        _, a1, _ = parts(target)
        power = float(hermite.second_moment(target, 1.0))
        nodes, weights = gauss(201)
        slope = activations.get(activation).derivative(nodes)
        fluctuation = weights @ (slope - h1) ** 2
        norm = math.sqrt(a1**2 + power / samples_per_dimension)
        return cls(
            r=rate * h1 * norm,
            c=1 + rate**2 * power * float(fluctuation) / samples_per_dimension,
            gamma=a1 / norm,
        )

    def layer(self, k, n, rng):
        """A draw: trained layer (k, n) and the target's unit direction theta (n,)."""
        frame, _ = np.linalg.qr(rng.standard_normal((n, 2)))
        v, across = frame.T
        F = math.sqrt(self.c / n) * rng.standard_normal((k, n)) + self.r * v
        return F, self.gamma * v + math.sqrt(1 - self.gamma**2) * across


def gauss(count):
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    return nodes, weights / weights.sum()


def spiked_random_features(at, n, m, k, activation, target, ridge, *, across_only=False):
    """Order-parameter equations of arXiv 2402.04980 (Result 3.3), as in the authors' public code.

    Given kappa, features are ``mu0 + mu1 (bulk) + mu2 (noise)`` with

        mu0 = E sigma(r kappa + sqrt(c) z),  mu1 = E sigma'(...),  mu2^2 = the rest of E sigma^2,

    and ``V = mu1^2 V1 + mu2^2 V2``. Order parameters of the readout w, per feature: q1 and q2 its
    squared norm in the bulk and in the noise; zeta and psi its overlap with the bulk along v and
    along the part of theta across v; M its mean over all features. All hatted parameters are
    averages over kappa. What is general here beyond the code, where k = d: overlaps carry the
    factor k/d, and the spectrum D of ``c W W^T`` and the overlaps of its eigenvectors are
    replaced by their limits, Marchenko and Pastur's law, D (along theta) and c (along v, which
    the spectrum does not contain). Their ridge is ``m lambda``. Training errors are
    derived here, by leaving one sample out: residuals are 1 + V times smaller than on new data.

    ``across_only`` takes rows w_i orthogonal to v, so that zeta = 0; that is what the results
    printed in the authors' code have.
    """
    ratio, density = k / n, m / k
    spectrum, share = marchenko_pastur(ratio)
    D = at.c * spectrum

    kappa, weight = gauss(101)
    z, z_weight = gauss(101)
    size = math.sqrt(at.c)
    student = activations.get(activation)(at.r * kappa[:, None] + size * z)
    mu0 = student @ z_weight
    mu1 = student @ (z_weight * z) / size
    mu2_squared = np.maximum(student**2 @ z_weight - mu0**2 - at.c * mu1**2, 0.0)
    across = math.sqrt(1 - at.gamma**2)
    along = 0.0 if across_only else ratio * at.c
    teacher = activations.get(target)(at.gamma * kappa[:, None] + across * z)
    t0, t1, t2 = teacher @ z_weight, teacher @ (z_weight * z), teacher**2 @ z_weight

    def mean(f):
        return float(weight @ f)

    def trace(f):
        return float(share @ f)

    q1, q2, V1, V2, zeta, psi, M = 0.1, 0.1, 1.0, 1.0, 0.0, 0.1, 0.0
    for _ in range(20_000):
        V = mu1**2 * V1 + mu2_squared * V2
        known = mu0 * M + mu1 * kappa * zeta
        risk = t2 - 2 * known * t0 + known**2 - 2 * mu1 * psi * t1 + mu1**2 * q1 + mu2_squared * q2
        q1_hat = density * mean(mu1**2 * risk / (1 + V) ** 2)
        q2_hat = density * mean(mu2_squared * risk / (1 + V) ** 2)
        V1_hat = density * mean(mu1**2 / (1 + V))
        V2_hat = density * mean(mu2_squared / (1 + V))
        zeta_hat = density * mean(kappa * mu1 * (t0 - known) / (1 + V))
        psi_hat = density * mean(mu1 * t1 / (1 + V))
        S = m * ridge + V1_hat * D + V2_hat
        drive = q1_hat * D + q2_hat + zeta_hat**2 * along + psi_hat**2 * ratio * D
        new = np.array(
            [
                trace(D * drive / S**2),
                trace(drive / S**2),
                trace(D / S),
                trace(1 / S),
                zeta_hat * along * trace(1 / S),
                psi_hat * ratio * trace(D / S),
                mean(mu0 * (t0 - mu1 * kappa * zeta) / (1 + V)) / mean(mu0**2 / (1 + V)),
            ]
        )
        old = np.array([q1, q2, V1, V2, zeta, psi, M])
        q1, q2, V1, V2, zeta, psi, M = 0.5 * (old + new)
        if np.max(np.abs(new - old)) < 1e-11 * np.max(np.abs(new)):
            break
    else:
        raise AssertionError("the order parameters did not converge")
    plain = 0.5 * mean(risk / (1 + V) ** 2)
    return Errors(plain + 0.5 * ridge * k * q2, plain, 0.5 * mean(risk))
