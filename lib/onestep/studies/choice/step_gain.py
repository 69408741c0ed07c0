"""What a step buys, every error at its own optimal ridge: by formula, and simulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from scipy import interpolate

from ... import claims
from ..._support.arrays import Array
from ...network import Problem
from .best_ridge import RIVALS, best_error, rival
from .ridge_paths import RIDGES, lowest, simulated

DIRECTIONS = ("aligned", "random")
"""Of the labels."""

ALPHAS = (0.4, 0.6, 0.8, 1.0)
BETAS = (0.4, 0.6, 0.8, 1.0)
"""Points of the map, of the weighting and of the strength."""

POINTS = ((0.5, 0.5), (0.9, 0.4), (0.5, 0.75), (1.0, 0.8))
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


def gain_map(
    n: int,
    direction: str,
    alphas: Sequence[float] = ALPHAS,
    betas: Sequence[float] = BETAS,
) -> xr.DataArray:
    """`gain` by alpha and beta; without a step only the spread counts, along a spline.

    Examples
    --------
    >>> found = gain_map(60, "random", [0.8], [0.4])
    >>> bool(found.sel(alpha=0.8, beta=0.4) > 0.98)
    True
    """
    base = setting(n, direction)
    spread = np.linspace(0, 1 - min(alphas), 5)
    none = [best_error(replace(base, step=0.0, spread=float(n**each))) for each in spread]
    without = interpolate.CubicSpline(spread, np.log(none))
    rows = [
        [best_error(replace(base, alpha=a, beta=b)) / np.exp(without(b * (1 - a))) for b in betas]
        for a in alphas
    ]
    coords = {"alpha": list(alphas), "beta": list(betas)}
    return xr.DataArray(rows, coords=coords, dims=("alpha", "beta"), name="gain")


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


def measured(problem: Problem, trials: int, seed: int) -> Measured:
    """Both errors on the same draws.

    Examples
    --------
    >>> found = measured(setting(60, "aligned"), trials=3, seed=0)
    >>> bool(abs(found.after.mean() / found.before.mean() / found.formula - 1) < 0.3)
    True
    """
    errors = simulated(problem, RIDGES, [problem.eta, 0.0], trials, seed)
    after, before = (lowest(one) for one in errors)
    return Measured(after, before, gain(problem))


def measured_points(
    n: int, trials: int, seed: int, points: Sequence[tuple[float, float]] = POINTS
) -> dict[tuple[str, float, float], Measured]:
    """`measured` by direction, alpha and beta.

    Examples
    --------
    >>> list(measured_points(40, 2, 0, [(0.5, 0.4)]))
    [('aligned', 0.5, 0.4), ('random', 0.5, 0.4)]
    """
    return {
        (direction, a, b): measured(replace(setting(n, direction), alpha=a, beta=b), trials, seed)
        for direction in DIRECTIONS
        for a, b in points
    }


def tested(
    found: Mapping[tuple[str, float, float], Measured],
) -> tuple[claims.Estimate, claims.Estimate]:
    """Simulated ratios over those by formula, and as they are.

    Examples
    --------
    >>> right, wrong = tested(measured_points(40, 3, 0, [(0.5, 0.4)]))
    >>> right.value.shape
    (2,)
    """
    rows = list(found.values())
    after, before = np.array([one.after for one in rows]), np.array([one.before for one in rows])
    formula = np.array([[one.formula] for one in rows])
    return claims.ratio(after, before * formula), claims.ratio(after, before)


def against_samples(n: int, direction: str, ratios: Sequence[float]) -> Mapping[str, list[float]]:
    """Errors by formula against m/n, after a large step and of its `RIVALS`.

    Examples
    --------
    >>> found = against_samples(100, "aligned", [2.0])
    >>> found["large step"] < found["no step"]
    True
    """
    base = network(n, direction)
    found: dict[str, list[float]] = {}
    for ratio in ratios:
        problem = replace(base, m=round(ratio * n))
        models = {name: rival(problem, name) for name in RIVALS}
        for name, one in {"large step": replace(problem, step=LARGE * n), **models}.items():
            found.setdefault(name, []).append(best_error(one))
    return found


def large_step_points(
    n: int, direction: str, ratios: Sequence[float], trials: int, seed: int
) -> Array:
    """Simulated errors after the step of `against_samples`, shape (ratios, trials).

    Examples
    --------
    >>> large_step_points(40, "random", [1.0, 2.0], trials=2, seed=0).shape
    (2, 2)
    """
    base = network(n, direction)
    rows = []
    for ratio in ratios:
        problem = replace(base, m=round(ratio * n))
        [path] = simulated(problem, RIDGES, [LARGE * n], trials, seed)
        rows.append(lowest(path))
    return np.array(rows)
