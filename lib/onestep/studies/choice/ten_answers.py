"""The numbers of the page *In practice*: one network, ten questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from ... import claims
from ..._support.arrays import Array
from ...degrees import default_degree
from ...network import Problem
from ...theory import Landscape, Optimum, optimum
from .best_ridge import best_error, rival
from .ridge_paths import simulated
from .step_gain import DIRECTIONS, LARGE, network

PUBLISHED = 1e-4
"""The paper's ridge."""

_METHOD = "scalar-conditional"


def answers(problem: Problem, best: Optimum) -> dict[str, float]:
    """A number for each question; errors are ratios, each at its own optimal ridge.

    Examples
    --------
    >>> problem = network(150, "random")
    >>> found = answers(problem, optimum(problem))
    >>> len(found), found["published ridge / optimal ridge"] > 1
    (10, True)
    """
    here = best.errors.generalization_error
    large = best_error(replace(problem, step=LARGE * problem.n))
    others = {name: best_error(rival(problem, name)) for name in ("no step", "kernel", "linear")}
    return {
        "optimal ridge": best.at["ridge"],
        "published ridge / optimal ridge": published(problem) / here,
        "factor of the ridge that costs 1 %": best.play(0.01)["ridge"],
        "the paper's step / no step": here / others["no step"],
        "a large step / no step": large / others["no step"],
        "a large step / infinite width": large / others["kernel"],
        "a large step / linear model": large / others["linear"],
        "twice the width / the width": best_error(replace(problem, k=2 * problem.k)) / here,
        "twice the samples / the samples": best_error(problem, samples=2 * problem.m) / here,
        "degree": default_degree(problem),
    }


def published(problem: Problem) -> float:
    """Generalization error by formula at the paper's ridge.

    Examples
    --------
    >>> 0.05 < published(network(150, "random")) < 0.2
    True
    """
    return Landscape(problem, _METHOD).errors({"ridge": PUBLISHED}).generalization_error


def all_answers(n: int) -> tuple[dict[str, Optimum], pd.DataFrame]:
    """Optimal ridges, and `answers`, by direction of the labels.

    Examples
    --------
    >>> best, table = all_answers(60)
    >>> list(best), table.shape
    (['aligned', 'random'], (10, 2))
    """
    best = {each: optimum(network(n, each), method=_METHOD) for each in DIRECTIONS}
    found = {each: answers(network(n, each), one) for each, one in best.items()}
    return best, pd.DataFrame(found)


def price(n: int, best: Mapping[str, Optimum], trials: int, seed: int) -> Array:
    """Simulated errors at the paper's ridge and at the optimal one, shape (2, directions, trials).

    Examples
    --------
    >>> best = {"random": optimum(network(60, "random"))}
    >>> price(60, best, trials=2, seed=0).shape
    (2, 1, 2)
    """
    rows = [
        simulated(
            network(n, each), [PUBLISHED, one.at["ridge"]], [network(n, each).eta], trials, seed
        )
        for each, one in best.items()
    ]
    return np.stack([one[0] for one in rows], axis=1)


def tested(table: pd.DataFrame, drawn: Array) -> tuple[claims.Estimate, claims.Estimate]:
    """Simulated price of the paper's ridge over that by formula, and as it is.

    Examples
    --------
    >>> table = pd.DataFrame({"random": [1.2]}, index=["published ridge / optimal ridge"])
    >>> right, wrong = tested(table, np.array([[[2.4, 1.2]], [[2.0, 1.0]]]))
    >>> right.value.round(6), wrong.value.round(6)
    (array([1.]), array([1.2]))
    """
    formula = table.loc["published ridge / optimal ridge"].to_numpy(dtype=float)[:, None]
    return claims.ratio(drawn[0], drawn[1] * formula), claims.ratio(drawn[0], drawn[1])
