"""One step at the maximal rate, every neuron with the same second-layer weight."""

import math
from dataclasses import dataclass

import numpy as np

from onestep import activations, hermite
from oracles.common import Errors, gauss, parts
from oracles.spectra import marchenko_pastur


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
