"""Degree of the polynomial model from the strength of spread and step."""

from __future__ import annotations

from fractions import Fraction

from . import check


def degree(alpha: float, beta: float, rule: str = "paper") -> int:
    """Degree l of the Hermite model that replaces the network.

    Parameters
    ----------
    alpha
        Weighting in [0, 1] between spread (0) and step size (1). The paper's rule does not
        depend on it.
    beta
        Strength in [0, 1).
    rule
        ``"paper"``: the smallest integer l >= 1 with ``beta < l / (l + 1)``, the rule of the
        paper's experiments, without its cap at 4 or 5. The smallest such l has
        ``l > beta / (1 - beta)`` strictly: at a boundary ``beta = l / (l + 1)`` it is l + 1.

    Returns
    -------
    int
        l >= 1. Decimal arguments are taken at their shortest decimal value, so that ``beta=0.8``
        is exactly 4/5; a `fractions.Fraction` is exact.

    Raises
    ------
    ValueError
        If an argument is out of range; at ``beta = 1`` no finite degree suffices.
    """
    check.choice("rule", rule, ("paper",))
    check.number("alpha", alpha, 0.0, 1.0)
    check.number("beta", beta, 0.0, 1.0)
    exact = beta if isinstance(beta, Fraction) else Fraction(repr(float(beta)))
    if exact == 1:
        raise ValueError("beta = 1 is not allowed: no finite degree suffices; beta < 1 is needed")
    return int(exact / (1 - exact)) + 1
