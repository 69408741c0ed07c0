"""How strong a spike must be for kernel ridge regression to learn a polynomial along it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from scipy.optimize import brentq

from ..._support import check
from ...network import Problem
from ...theory import predict

ACTIVATION = "softplus(z - 1)"
"""Of the network whose kernel it is: no low Hermite coefficient of it is 0."""

_WIDTH = 1000  # neurons per sample: as many as make a kernel


def half_learned(degree: int, n: int) -> float:
    """Spike theta at which half of the labels' power ``He_degree`` is learned, by the limit.

    Labels are ``He_p(<x, mu> / (1 + theta)^{1/2})``, p = 2, 3 or 4. Samples are as many as
    dimensions, which should be many, the ridge is ``0.1 / n``, and there is no step.

    Examples
    --------
    >>> theta = half_learned(2, 10**8)
    >>> 1 < theta / 10**4 < 2  # of the order n^{1/2}
    True
    """
    degree = check.integer("degree", degree, 2, 4)
    base = Problem(
        n=n,
        m=n,
        k=_WIDTH * n,
        weights=(1.0,),
        spread=0.0,
        step=0.0,
        activation=ACTIVATION,
        target=f"he({degree})",
        direction="aligned",
        ridge=0.1 / n,
    )

    def excess(log_theta: float) -> float:
        found = predict(
            replace(base, spread=math.exp(log_theta)), ["network"], method="kernel", guarded=False
        )
        return math.log(4 * found.generalization_error.item() / math.factorial(degree))

    low, high = (share * math.log(n) for share in (0.3, 0.97))
    return math.exp(brentq(excess, low, high, xtol=1e-6))


def exponent(degree: int, sizes: Sequence[int]) -> float:
    """Exponent of `half_learned` between two dimensions; Ba et al. (2023) have ``1 - 1/degree``."""
    first, last = sizes
    ratio = half_learned(degree, last) / half_learned(degree, first)
    return math.log(ratio) / math.log(last / first)
