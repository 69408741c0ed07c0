"""What one large step leaves in the spectra of weights and features, in the authors' units."""

from __future__ import annotations

import math

import numpy as np

from ... import hermite
from ...network import Problem
from ...theory.limit import predicted_outliers
from .random_features import parts


def weight_outlier(
    rate: float, psi1: float, psi2: float, activation: str, target: str, noise: float = 0.0
) -> tuple[float, float]:
    """Largest singular value of W_1, and its vector's squared cosine with beta: Ba et al. (2022).

    The network is ``N^{-1/2} sum_i a_i sigma(<x, w_i>)`` with a_i ~ N(0, 1/N), rows of W_0 of norm
    near 1, and ``W_1 = W_0 + rate N^{1/2} G``; labels are ``f(<x, beta>)``, ``|beta| = 1``, with
    noise. With psi1 and psi2, samples and neurons over dimensions,

        theta_1 = mu_1 rate ((E f^2 + noise^2) / psi_1 + mu_1*^2)^{1/2},
        theta_2 = mu_1 rate mu_1*,

    and mu_1, mu_1* the linear coefficients of sigma and f, the singular value is
    ``((1 + theta_1^2) (psi_2 + theta_1^2))^{1/2} / theta_1`` where ``theta_1 > psi_2^{1/4}``, else
    the edge ``1 + psi_2^{1/2}``.
    """
    (_, mu1, _), (_, own, _) = parts(activation), parts(target)
    power = float(hermite.second_moment(target, 1.0)) + noise**2
    theta1 = mu1 * rate * math.sqrt(power / psi1 + own**2)
    theta2 = mu1 * rate * own
    if theta1**4 <= psi2:
        return 1 + math.sqrt(psi2), 0.0
    square = theta1**2
    value = math.sqrt((1 + square) * (psi2 + square)) / theta1
    return value, theta2**2 / square * (1 - (psi2 + square) / (square * (1 + square)))


def spikes_of_exponent(exponent: float) -> int:
    """Spikes of the features after a step ``rate ~ n^exponent``: Moniri et al. (2024).

    There are l of them for ``(l - 1)/(2 l) < exponent < l/(2 l + 2)``, exponents in (0, 1/2);
    on the border of two windows the number is that of the lower one.
    """
    if not 0 < exponent < 0.5:
        raise ValueError(f"exponent = {exponent!r} is not allowed: a number in (0, 1/2) is needed")
    return math.ceil(1 / (1 - 2 * exponent)) - 1


CUBIC = "z + 3*(z**2 - 1)/10 + (z**3 - 3*z)/10"
"""An activation of mean 0 whose first three Hermite coefficients are not."""


def spikes_in_the_limit(step: float, n: int) -> int:
    """Outliers of the features of `CUBIC` neurons after a step eta, by the library's limit.

    Dimensions, samples and neurons are n each, inputs are isotropic, and the labels ReLU.
    """
    problem = Problem(
        n=n, m=n, k=n, weights=(1.0,), spread=0.0, step=step, activation=CUBIC, target="relu"
    )
    return int(np.sum(np.isfinite(predicted_outliers(problem, modes=6).position)))
