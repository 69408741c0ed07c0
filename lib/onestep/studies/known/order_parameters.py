"""One step at the maximal rate, every neuron with the same second-layer weight: Cui et al. (2024).

Units and errors are the book's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from ... import activations, hermite
from ..._support.arrays import Array
from ...network import Errors, Network, Problem
from ...theory.limit import ConditionalLimit, coordinates
from .bulks import marchenko_pastur
from .random_features import parts

PRINTED = {0.2: 0.048595, 0.9: 0.043118, 1.6: 0.038072, 2.3: 0.035112, 3.0: 0.03334}
"""Mean squared errors on new data that the authors' code prints, by samples over dimensions: a tanh
network of k = n neurons after a step of their rate 3 on 20 n labels sin, ridge 0.1 / m."""

_NODES = 101


@dataclass(frozen=True)
class SpikedRandomFeatures:
    """``sigma(r kappa + sqrt(c) w_i^T x)``, ``kappa = v^T x``, ``|v| = 1``: arXiv 2402.04980.

    Rows w_i ~ N(0, I/d) and v are independent; the target is ``sigma_*(theta^T x)`` with the
    unit vector theta of overlap gamma with v.
    """

    r: float
    c: float
    gamma: float

    @classmethod
    def after_step(
        cls, rate: float, samples_per_dimension: float, activation: str, target: str
    ) -> SpikedRandomFeatures:
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
        nodes, weights = hermite.gauss(2 * _NODES)
        slope = activations.get(activation).derivative(nodes)
        fluctuation = weights @ (slope - h1) ** 2
        norm = math.sqrt(a1**2 + power / samples_per_dimension)
        return cls(
            r=rate * h1 * norm,
            c=1 + rate**2 * power * float(fluctuation) / samples_per_dimension,
            gamma=a1 / norm,
        )

    @classmethod
    def printed(cls) -> SpikedRandomFeatures:
        """Those of `PRINTED`: c as in the authors' code, with a further factor h_1^2."""
        found = cls.after_step(3.0, 20.0, "tanh", "sin")
        return replace(found, c=1 + (found.c - 1) * parts("tanh")[1] ** 2)

    def layer(self, k: int, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """A draw: trained layer (k, n) and the target's unit direction theta (n,)."""
        frame, _ = np.linalg.qr(rng.standard_normal((n, 2)))
        v, across = frame.T
        F = math.sqrt(self.c / n) * rng.standard_normal((k, n)) + self.r * v
        return F, self.gamma * v + math.sqrt(1 - self.gamma**2) * across


def spiked_random_features(
    at: SpikedRandomFeatures,
    n: int,
    m: int,
    k: int,
    activation: str,
    target: str,
    ridge: float,
    *,
    across_only: bool = False,
) -> Errors:
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

    Sizes, functions and ridge are as fields of `onestep.Problem`. With `across_only`, rows w_i are
    orthogonal to v, so that zeta = 0: as in the results that the authors' code prints. An iteration
    that does not converge is a ValueError.
    """
    ratio, density = k / n, m / k
    spectrum, share = marchenko_pastur(ratio)
    D = at.c * spectrum

    kappa, weight = hermite.gauss(_NODES)
    z, z_weight = hermite.gauss(_NODES)
    size = math.sqrt(at.c)
    student = activations.get(activation)(at.r * kappa[:, None] + size * z)
    mu0 = student @ z_weight
    mu1 = student @ (z_weight * z) / size
    mu2_squared = np.maximum(student**2 @ z_weight - mu0**2 - at.c * mu1**2, 0.0)
    across = math.sqrt(1 - at.gamma**2)
    along = 0.0 if across_only else ratio * at.c
    teacher = activations.get(target)(at.gamma * kappa[:, None] + across * z)
    t0, t1, t2 = teacher @ z_weight, teacher @ (z_weight * z), teacher**2 @ z_weight

    def mean(f: Array) -> float:
        return float(weight @ f)

    def trace(f: Array) -> float:
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
        raise ValueError(f"ridge = {ridge!r} is too small for the iteration, or m too near to k")
    plain = 0.5 * mean(risk / (1 + V) ** 2)
    return Errors(plain + 0.5 * ridge * k * q2, plain, 0.5 * mean(risk))


def limit(
    at: SpikedRandomFeatures,
    n: int,
    k: int,
    activation: str,
    target: str,
    *,
    across_only: bool = False,
    one_norm: bool = True,
) -> ConditionalLimit:
    """The library's limit for such a layer; arguments as for `spiked_random_features`.

    Rows have the coordinates ``r v`` and, as other dimensions, Gaussian ones of variance c/n.
    With `one_norm` all rows, and all inputs, have a bulk of one norm, as the order parameters
    take them; the norms of Gaussian ones fluctuate, by ``(2/n)^{1/2}``.
    """
    problem = Problem(
        n=n,
        m=n,
        k=k,
        activation=activation,
        target=target,
        weights=(1.0,),
        spread=0,
        step=0,
        direction="aligned",
    )
    special = coordinates(problem)
    D = special.inputs.n
    xi, other = np.eye(D)[special.layout.spikes][0], np.eye(D)[special.layout.noise][0]
    v = at.gamma * xi + math.sqrt(1 - at.gamma**2) * other
    # Signs have the second moments of Gaussian coordinates, which are as small as n^{-1/2}.
    signs = np.stack(np.meshgrid(*[[-1.0, 1.0]] * D), axis=-1).reshape(-1, D)
    bulk = math.sqrt(at.c / n) * signs
    if across_only:
        bulk -= np.outer(bulk @ v, v)
    count = len(signs)
    special = replace(
        special,
        neurons=at.r**2 * np.outer(v, v) + at.c / n * np.eye(D),
        bulk_scale=math.sqrt(at.c),
        dimensions=10**15 if one_norm else special.dimensions,
    )
    rows = at.r * v + bulk, np.full(count, math.sqrt(at.c)), np.full(count, 1 / count)
    features = Network().feature_map(activations.get(activation), special.bulk_scale, 1)
    return replace(ConditionalLimit.of(special, k, features, rows), n=n)
