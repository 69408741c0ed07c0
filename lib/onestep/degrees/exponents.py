"""Exponents: in which power of n one neuron sees what the labels depend on.

Neuron i of the trained layer sees an input as ``z_i = bulk + t_i``, with the bulk of order 1 and
``t_i ~ n^{-tau}`` along the coordinates of interest. Two things contribute to t_i: the spread, by
way of the random first layer, and the step, by way of ``eta u_i v^T x``; the larger one counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import sympy as sp

from .._support import check

ALPHA, BETA = sp.symbols("alpha beta", nonnegative=True)
"""Symbols of the weighting and the strength."""

CHI = sp.Symbol("chi", nonnegative=True)
"""Symbol of the separation: the distance between the means of two clusters is ``n^{chi/2}``."""

DIRECTIONS = ("aligned", "random", "class")
"""What labels can depend on: an index along the spikes, a random index, or the cluster."""

LABELS = (*DIRECTIONS, "shifted")
"""`DIRECTIONS`, which have a map in alpha and beta, and clusters whose means are apart."""


@dataclass(frozen=True)
class Exponents:
    """Exponents tau of the contributions to one neuron; the smallest one wins.

    Attributes
    ----------
    spread
        Of the first layer before the step, ``F_i^T`` times the coordinate.
    step
        Of ``eta u_i v^T x``, restricted to what the labels depend on.
    nuisance
        Of coordinates on which the labels do not depend: visible in the spectrum of the features
        if small, but of no use to the readout. Empty if there are none below 1/2.

    Examples
    --------
    >>> aligned = exponents("aligned")
    >>> aligned.spread, aligned.step
    (-beta*(1 - alpha)/2 + 1/2, 1 - beta)
    >>> aligned.needed.subs({ALPHA: 0, BETA: 1}), aligned.nuisance
    (0, (-alpha*beta + 1,))
    """

    spread: sp.Expr
    step: sp.Expr
    nuisance: tuple[sp.Expr, ...] = ()

    @property
    def needed(self) -> sp.Expr:
        """Tau of what the errors need."""
        return sp.Min(self.spread, self.step)

    @property
    def visible(self) -> sp.Expr:
        """Tau of anything that the features show."""
        return sp.Min(self.spread, self.step, *self.nuisance)


def exponents(direction: str) -> Exponents:
    """Symbolic exponents in `ALPHA` and `BETA` (and `CHI`).

    Parameters
    ----------
    direction
        ``"aligned"``, ``"random"``: labels with an index along or across the spikes, with
        ``E sigma_*' != 0``; ``"class"``: labels by cluster, centred clusters; ``"shifted"``: labels
        by cluster, whose means are ``n^{chi/2}`` apart. Any fixed number of spikes d gives the
        same exponents.

    Notes
    -----
    With ``theta = n^{beta (1-alpha)}``, ``eta = n^{beta alpha}``, ``u_i ~ 1/k`` and
    ``v = E[x y] + noise``:

    - a first-layer weight is ``n^{-1/2}`` and the coordinate along a spike ``theta^{1/2}``;
    - aligned: ``v^T x ~ theta``, as v and x are each ``theta^{1/2}`` along the spikes;
    - random: the label has size ``theta^{-1/2}``, and so has ``v^T x`` along xi;
    - class, centred: ``E[x y] = 0``; the noise of v along a spike is ``(theta / n)^{1/2}``;
    - shifted: v is the difference of the means, so ``v^T x ~ n^chi``.

    Examples
    --------
    >>> exponents("random").needed
    Min(1/2, -alpha*beta + beta*(1 - alpha)/2 + 1)
    >>> exponents("class").visible
    Min(3/2 - beta, -alpha*beta + 1, -beta*(1 - alpha)/2 + 1/2)
    """
    direction = check.choice("direction", direction, LABELS)
    theta, eta = BETA * (1 - ALPHA), BETA * ALPHA
    half = sp.Rational(1, 2)
    spike, noise = (1 - theta) / 2, 1 - eta
    if direction == "aligned":
        return Exponents(spike, 1 - BETA, (noise,))
    if direction == "random":
        across = 1 - eta + theta / 2
        # v has the part theta (gamma^T xi) along a spike, and gamma^T x is theta^{1/2}.
        return Exponents(half, across, (spike, sp.Rational(3, 2) - BETA))
    if direction == "class":
        return Exponents(spike, sp.Rational(3, 2) - BETA, (noise,))
    return Exponents((1 - CHI) / 2, 1 - eta - CHI, (spike, noise))


def exponent(
    alpha: float | Fraction,
    beta: float | Fraction,
    direction: str,
    separation: float | Fraction = 0,
) -> Fraction:
    """Exact tau of what the errors need, at one point of the map.

    Parameters
    ----------
    alpha, beta
        In [0, 1]; decimals are taken at their shortest decimal value.
    direction
        As for `exponents`.
    separation
        chi in [0, 1], for ``"shifted"`` clusters only: their means are ``n^{chi/2}`` apart.

    Returns
    -------
    Fraction
        At most 1/2. Negative only for shifted clusters, where a step can make preactivations grow.

    Examples
    --------
    >>> exponent(alpha=0, beta=0.5, direction="aligned")  # (1 - beta) / 2
    Fraction(1, 4)
    >>> exponent(alpha=0.5, beta=0, direction="random")
    Fraction(1, 2)
    """
    direction = check.choice("direction", direction, LABELS)
    check.number("alpha", alpha, 0.0, 1.0)
    check.number("beta", beta, 0.0, 1.0)
    check.number("separation", separation, 0.0, 1.0)
    if separation and direction != "shifted":
        raise ValueError(
            f"separation = {separation!r} is not allowed with direction = {direction!r}: only "
            "'shifted' clusters have one"
        )
    point = {ALPHA: _rational(alpha), BETA: _rational(beta), CHI: _rational(separation)}
    if direction == "random" and point[BETA] * (1 - point[ALPHA]) == 1:
        # Only here does a random index have a part of order 1 along the spikes.
        return Fraction(0)
    tau = _needed(direction).subs(point)
    return Fraction(int(tau.p), int(tau.q))


@lru_cache
def _needed(direction: str) -> sp.Expr:
    return exponents(direction).needed


def exact(value: float | Fraction) -> Fraction:
    """`value` as a fraction, a float at its shortest decimal value."""
    return value if isinstance(value, Fraction) else Fraction(str(check.scalar(value)))


def _rational(value: float | Fraction) -> sp.Rational:
    fraction = exact(value)
    return sp.Rational(fraction.numerator, fraction.denominator)
