"""Width against samples, at a fixed cost k (m + n) of a pass through the features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ... import claims
from ..._support.arrays import Array
from ...network import Problem
from .best_ridge import at_both_ridges, best_error
from .ridge_paths import RIDGES, lowest, simulated
from .step_gain import network

WIDTHS = (0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 4.0)
"""k/n."""

TRIED = (1.0, 2.0, 4.0)
"""Widths that are simulated."""


def at_cost(problem: Problem, width: float, cost: float) -> Problem:
    """The problem at a width k/n, with as many samples as ``k (m + n) = cost n^2`` leaves.

    Raises
    ------
    ValueError
        If none are left.

    Examples
    --------
    >>> at_cost(Problem(n=100), 2.0, 8.0).m
    300
    """
    m = round((cost / width - 1) * problem.n)
    if m < 2:
        raise ValueError(f"width = {width} is not allowed at cost = {cost}: no samples are left")
    return replace(problem, k=round(width * problem.n), m=m)


@dataclass(frozen=True)
class Budget:
    """Errors at one cost.

    Attributes
    ----------
    widths, formula
        k/n, and the errors there.
    simulated
        At `TRIED` widths, shape (widths, trials).
    predicted, published
        The formula there, at the optimal ridge and at the paper's.

    Examples
    --------
    >>> best = np.array([0.1])
    >>> Budget((1.0,), best, np.array([[0.1, 0.1]]), best, 2 * best).simulated.shape
    (1, 2)
    """

    widths: Sequence[float]
    formula: Array
    simulated: Array
    predicted: Array
    published: Array


def budget(n: int, direction: str, cost: float, trials: int, seed: int) -> Budget:
    """Errors against the width at a cost, after the paper's step of alpha = 1/2, beta = 0.7.

    Examples
    --------
    >>> found = budget(40, "random", 8.0, trials=2, seed=0)
    >>> found.simulated.shape
    (3, 2)
    """
    base = network(n, direction)
    formula = np.array([best_error(at_cost(base, each, cost)) for each in WIDTHS])
    tried = [at_cost(base, each, cost) for each in TRIED]
    paths = [simulated(each, RIDGES, [each.eta], trials, seed)[0] for each in tried]
    return Budget(
        widths=WIDTHS,
        formula=formula,
        simulated=np.array([lowest(one) for one in paths]),
        predicted=formula[[WIDTHS.index(each) for each in TRIED]],
        published=np.array([at_both_ridges(each)[0] for each in tried]),
    )


def tested(found: Mapping[str, Budget]) -> tuple[claims.Estimate, claims.Estimate]:
    """Simulated errors over those by formula, and over the formula at the paper's ridge.

    Examples
    --------
    >>> drawn, best, own = np.array([[0.1, 0.1]]), np.array([0.1]), np.array([0.2])
    >>> found = tested({"random": Budget((1.0,), best, drawn, best, own)})
    >>> [each.value.round(6).tolist() for each in found]
    [[1.0], [0.5]]
    """
    rows = list(found.values())
    drawn = np.concatenate([one.simulated for one in rows])
    right = np.concatenate([one.predicted for one in rows])[:, None]
    wrong = np.concatenate([one.published for one in rows])[:, None]
    return claims.sample(drawn / right), claims.sample(drawn / wrong)
