"""Mei and Montanari's errors in the book's units."""

import math

from onestep.network import Errors
from onestep.studies.known.random_features import mei_montanari, parts


def random_features(n, m, k, activation, target, noise, ridge):
    """`mei_montanari` for the book's problem without spread and without a step.

    With ``w = sqrt(k) a`` the book's objective, doubled, is ``(1/m) sum (...)^2 + lambda k
    ||a||^2``; theirs has ``N lam / d = k lam / n``: so ``lam = n lambda``. A constant part of
    the target costs nothing in the limit if the activation has one, ``mu_0 != 0``; else it must
    be 0, or is refused.
    """
    h0, h1, rest = parts(activation)
    a0, a1, curved = parts(target)
    if abs(h0) <= 0.01 and abs(a0) >= 1e-12:
        raise ValueError(
            f"target = {target!r} has the mean {a0:.3g}, which activation = {activation!r} of the "
            f"mean {h0:.3g} cannot learn in the limit; one of the two must be centred otherwise"
        )
    unlearnable = math.hypot(curved, noise)
    risk, training = mei_montanari(k / n, m / n, n * ridge, h1, rest, abs(a1), unlearnable)
    return Errors(0.5 * training, math.nan, 0.5 * (risk + unlearnable**2))
