"""What a step buys, every error at its own optimal ridge: by formula, and simulated."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr

from ... import claims
from ..._support.arrays import Array
from ...network import Problem
from .best_ridge import best_error, rival
from .ridge_paths import RIDGES, lowest, simulated

DIRECTIONS = ("aligned", "random")
"""Of the labels."""

POINTS = ((0.4, 0.4), (1.0, 0.4), (0.6, 0.8), (1.0, 0.8))
"""Weightings and strengths that are simulated: where the step does little, and where much."""

LARGE = 0.4
"""A large step, in units of n."""


def setting(n: int, direction: str) -> Problem:
    """ReLU students of ReLU labels with a little noise; m = 1.5 n, k = n.

    Examples
    --------
    >>> setting(100, "random").m
    150
    """
    return Problem(n=n, m=round(1.5 * n), k=n, direction=direction, noise=0.2)


def network(n: int, direction: str) -> Problem:
    """That of the rivals, of the budget and of the page *In practice*: alpha = 1/2, beta = 0.7.

    Examples
    --------
    >>> network(100, "random").beta
    0.7
    """
    return replace(setting(n, direction), alpha=0.5, beta=0.7)


def gain(problem: Problem) -> float:
    """Error after the problem's step over that without, by formula; NaN where there is none.

    Examples
    --------
    >>> bool(gain(replace(setting(100, "aligned"), alpha=0.9, beta=0.8)) < 0.9)
    True
    """
    return best_error(problem) / best_error(rival(problem, "no step"))


@dataclass(frozen=True)
class Measured:
    """Simulated errors of one setting with and without its step, at the best ridge of each.

    Attributes
    ----------
    after, before
        One a trial; the ridge is that of the least mean.
    formula
        The ratio by formula.

    Examples
    --------
    >>> half = Measured(np.array([0.1, 0.1]), np.array([0.2, 0.2]), formula=0.5)
    >>> float(half.after.mean() / half.before.mean())
    0.5
    """

    after: Array
    before: Array
    formula: float


def measured(problem: Problem, trials: int, seed: int, formula: float) -> Measured:
    """Both errors on the same draws, beside the ratio by formula.

    Examples
    --------
    >>> problem = setting(60, "aligned")
    >>> found = measured(problem, trials=3, seed=0, formula=gain(problem))
    >>> bool(abs(found.after.mean() / found.before.mean() / found.formula - 1) < 0.3)
    True
    """
    errors = simulated(problem, RIDGES, [problem.eta, 0.0], trials, seed)
    after, before = (lowest(one) for one in errors)
    return Measured(after, before, formula)


def measured_points(
    maps: xr.DataArray,
    n: int,
    trials: int,
    seed: int,
    points: Sequence[tuple[float, float]] = POINTS,
) -> dict[tuple[str, str, float, float], Measured]:
    """`measured` by activation, direction, alpha and beta, which are points of the maps.

    Examples
    --------
    >>> maps = xr.DataArray(
    ...     [[[[1.0]]]],
    ...     coords={"activation": ["tanh"], "direction": ["random"], "alpha": [0.5], "beta": [0.4]},
    ...     dims=("activation", "direction", "alpha", "beta"),
    ... )
    >>> list(measured_points(maps, 40, 2, 0, [(0.5, 0.4)]))
    [('tanh', 'random', 0.5, 0.4)]
    """
    found = {}
    for activation, direction in itertools.product(maps.activation.values, maps.direction.values):
        one = maps.sel(activation=activation, direction=direction)
        base = replace(setting(n, str(direction)), activation=str(activation))
        for a, b in points:
            formula = float(one.sel(alpha=a, beta=b))
            at = measured(replace(base, alpha=a, beta=b), trials, seed, formula)
            found[str(activation), str(direction), a, b] = at
    return found


def tested(
    found: Mapping[Any, Measured],
) -> tuple[claims.Estimate, claims.Estimate]:
    """Simulated ratios over those by formula, and as they are.

    Examples
    --------
    >>> half = Measured(np.array([0.1, 0.1]), np.array([0.2, 0.2]), formula=0.5)
    >>> right, wrong = tested({("tanh", "random", 0.5, 0.4): half})
    >>> right.value.tolist(), wrong.value.tolist()
    ([1.0], [0.5])
    """
    rows = list(found.values())
    after, before = np.array([one.after for one in rows]), np.array([one.before for one in rows])
    formula = np.array([[one.formula] for one in rows])
    return claims.ratio(after, before * formula), claims.ratio(after, before)


def large_step_points(
    formula: xr.Dataset, n: int, trials: int, seed: int, ratios: Sequence[float]
) -> dict[tuple[str, str, float], Measured]:
    """`measured` after a `LARGE` step by activation, direction and m/n, points of the formula's.

    Examples
    --------
    >>> axes = {"activation": ["tanh"], "direction": ["random"], "samples": [2.0], "step": [LARGE]}
    >>> one = xr.DataArray(np.ones((1, 1, 1, 1)), coords=axes)
    >>> formula = xr.Dataset({"after": 0.5 * one, "no step": one})
    >>> found = large_step_points(formula, 40, trials=2, seed=0, ratios=[2.0])
    >>> found["tanh", "random", 2.0].formula
    0.5
    """
    ratio = (formula["after"] / formula["no step"]).sel(step=LARGE)
    found = {}
    for activation, direction in itertools.product(ratio.activation.values, ratio.direction.values):
        base = replace(network(n, str(direction)), activation=str(activation), step=LARGE * n)
        for samples in ratios:
            at = ratio.sel(activation=activation, direction=direction, samples=samples)
            problem = replace(base, m=round(samples * n))
            one = measured(problem, trials, seed, float(at))
            found[str(activation), str(direction), samples] = one
    return found
