"""Degree of the polynomial model from the strength of spread and step."""

from __future__ import annotations

import math
from fractions import Fraction

from .._support import check
from ..network import Problem
from .exponents import LABELS, exact, exponent

RULES = ("paper", "sharp")
"""Rules of `degree`."""


def degree(
    alpha: float | Fraction,
    beta: float | Fraction,
    rule: str = "paper",
    direction: str = "random",
    *,
    separation: float | Fraction = 0,
    clusters: int = 2,
) -> int:
    """Degree l of the Hermite model that replaces the network.

    Source: arXiv 2503.00856 for the paper's rule, the book's chapter *Which degree?* for the sharp.

    Parameters
    ----------
    alpha
        Weighting in [0, 1] between spread (0) and step size (1). The paper's rule does not
        depend on it.
    beta
        Strength in [0, 1].
    rule
        ``"paper"``: the smallest integer l >= 1 with ``beta < l / (l + 1)``, the rule of the
        paper's experiments, without its cap at 4 or 5. ``"sharp"``: the smallest l >= 1 with ``(l +
        1) tau > 1/2``, where ``n^{-tau}`` is the size in which one neuron sees what the labels
        depend on (`onestep.degrees.exponent`). It answers which degree the *errors* need, for a
        student and a target in which every degree is present, as n grows. Both inequalities are
        strict: at a boundary the degree is that of the far side.
    direction
        For the sharp rule: ``"aligned"`` or ``"random"`` direction of the labels, or ``"class"``
        for labels by cluster, which need even degrees only; ``"shifted"`` for labels by cluster
        whose centres lie on a line and which differ in nothing else. Without effect on the paper's
        rule.
    separation
        For shifted clusters: chi in (0, 1], neighbouring centres are ``n^{chi/2}`` apart.
    clusters
        For shifted clusters: C >= 2. A label of C points on a line is a polynomial of degree
        C - 1, so that no more is ever needed.

    Returns
    -------
    int
        l >= 1. Decimal arguments are taken at their shortest decimal value, so that ``beta=0.8``
        is exactly 4/5; a `fractions.Fraction` is exact.

    Raises
    ------
    ValueError
        If an argument is out of range, or no finite degree suffices: for the paper's rule at
        ``beta = 1``; for the sharp rule where ``tau = 0``, that is, at ``beta = 1`` for an aligned
        direction, at the corners ``(0, 1)`` and ``(1, 1)`` for a random one, and at the corner
        ``(0, 1)`` for class labels. For shifted clusters ``tau <= 0`` means that a neuron's view of
        the centres does not shrink, and the expansion on which the rule rests does not hold.

    Examples
    --------
    >>> [degree(alpha=0.5, beta=beta) for beta in (0.3, 0.5, 0.7, 0.8)]
    [1, 2, 3, 5]
    >>> degree(alpha=0, beta=0.5, rule="sharp", direction="aligned")
    2
    >>> degree(alpha=0.5, beta=1.0)
    Traceback (most recent call last):
        ...
    ValueError: beta = 1 is not allowed: no finite degree suffices; beta < 1 is needed
    """
    rule = check.choice("rule", rule, RULES)
    direction = check.choice("direction", direction, LABELS)
    clusters = check.integer("clusters", clusters, 2)
    if rule == "paper":
        check.number("alpha", alpha, 0.0, 1.0)
        check.number("beta", beta, 0.0, 1.0)
        strength = exact(beta)
        if strength == 1:
            raise ValueError(
                "beta = 1 is not allowed: no finite degree suffices; beta < 1 is needed"
            )
        return int(strength / (1 - strength)) + 1
    tau = exponent(alpha, beta, direction, separation)
    if direction == "shifted" and separation == 0:
        raise ValueError("separation = 0 is not allowed with direction = 'shifted': (0, 1] is")
    if tau <= 0:
        shifted = direction == "shifted"
        at = f"alpha = {alpha}, beta = {beta}" + f", separation = {separation}" * shifted
        why = "the rule needs tau > 0" if shifted else "no finite degree suffices"
        raise ValueError(
            f"{at} is not allowed with direction = {direction!r}: the exponent tau is {tau} there "
            f"and {why}"
        )
    if direction == "class":
        # The largest even degree that is still visible, p tau <= 1/2.
        return max(1, 2 * int(1 / (4 * tau)))
    visible = max(1, int(1 / (2 * tau)))
    return min(visible, clusters - 1) if direction == "shifted" else visible


def gap_exponent(
    alpha: float | Fraction,
    beta: float | Fraction,
    degree: int,
    direction: str = "random",
    separation: float | Fraction = 0,
) -> Fraction:
    """Exponent e of the gap of a model: it falls like ``n^e`` if ``e < 0``.

    Source: the book's chapter *Which degree?*.

    Parameters
    ----------
    alpha, beta, direction, separation
        As for `degree`.
    degree
        l of the model, >= 0; the first degree that it leaves out is l + 1, or for class labels the
        next even one. For shifted clusters, less than their number - 1.

    Returns
    -------
    Fraction
        ``1 - 2 p tau`` with the first degree p that is left out. Where it is not negative the gap
        does not vanish: the degree is visible and the readout learns from it.

    Examples
    --------
    >>> gap_exponent(alpha=0, beta=0.4, degree=1, direction="aligned")  # 1 - 2 * 2 * 0.3
    Fraction(-1, 5)
    >>> gap_exponent(alpha=0, beta=0.6, degree=1, direction="aligned")
    Fraction(1, 5)
    """
    degree = check.integer("degree", degree, 0)
    p = degree + 1
    if direction == "class":
        p += p % 2
    return 1 - 2 * p * exponent(alpha, beta, direction, separation)


DEGREE_CAP = 4
"""Largest degree that `simulate` chooses by itself, as in the paper's experiments."""


def default_degree(problem: Problem) -> int:
    """The paper's rule, capped at `DEGREE_CAP`; the cap itself at ``beta = 1``.

    Examples
    --------
    >>> from onestep.network import Problem
    >>> [default_degree(Problem(beta=beta)) for beta in (0.3, 0.74, 1.0)]
    [1, 3, 4]
    """
    if math.isclose(check.instance("problem", problem, Problem).beta, 1.0):
        return DEGREE_CAP
    return min(DEGREE_CAP, degree(problem.alpha, problem.beta))


def published_degree(beta: float) -> int:
    """Degree of the published experiments: ``ceil(beta / (1 - beta + 1e-6))`` within 1 and 4.

    It differs from `onestep.degree` where beta is on a boundary: at ``beta = 2/3`` it gives 2.

    Examples
    --------
    >>> published_degree(2 / 3), degree(0.5, Fraction(2, 3))
    (2, 3)
    """
    beta = check.number("beta", beta, 0.0, 1.0)
    return min(4, max(1, math.ceil(beta / (1 - beta + 1e-6))))
