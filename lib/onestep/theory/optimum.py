"""What to choose: the ridge, the step and the like at which a formula has the least error."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize

from .._support import check
from .._support.arrays import Array
from ..network import Model, Prediction, Problem
from .landscape import WHOLE, Landscape, choices

_COARSE = {1: 9}  # points along the axis of the first grid; 5 along each of several
_STEP = 1e-3  # of the logarithm, for slopes
_BEND = 0.1  # and for the curvature, which small steps would lose in the digits of the formula
_CLOSE = 0.02  # to an end of the range
_NOWHERE = 99.0  # logarithm that stands for the error where the formula does not hold


@dataclass(frozen=True)
class Optimum:
    """Where a formula has its least generalization error.

    Attributes
    ----------
    at
        The optimal values, by name.
    errors
        The errors there.
    curvature
        Second derivatives of the error's logarithm in the logarithms of `at`, one row and one
        column for each; NaN where the formula does not answer next to the optimum.
    status
        ``"inner"``; ``"at the edge"``, where the least error of the range is at one of its ends, or
        where the formula ceases to hold: see `edges`; or ``"not converged"``.
    edges
        Names of the values that are at an end of their range.

    Examples
    --------
    >>> found = optimum(Problem(n=100, m=150, k=100, noise=0.5))
    >>> found.status, 1e-3 < found.at["ridge"] < 1.0
    ('inner', True)
    """

    at: Mapping[str, float]
    errors: Prediction
    curvature: Array
    status: Literal["inner", "at the edge", "not converged"]
    edges: tuple[str, ...] = ()

    def play(self, loss: float = 0.01) -> dict[str, float]:
        """Factors by which each value alone may be off before the error rises by a share `loss`.

        To second order; infinite where the error does not rise.

        Examples
        --------
        >>> found = optimum(Problem(n=100, m=150, k=100, noise=0.5))
        >>> found.play(0.01)["ridge"] > 1.2
        True
        """
        loss = check.positive("loss", loss)
        with np.errstate(over="ignore"):
            return {
                name: math.inf if bend <= 0 else float(np.exp(np.sqrt(2 * np.log1p(loss) / bend)))
                for name, bend in zip(self.at, np.diagonal(self.curvature), strict=True)
            }


def optimum(
    problem: Problem,
    over: Sequence[str] = ("ridge",),
    *,
    method: str = "scalar",
    within: Mapping[str, tuple[float, float]] | None = None,
    model: str | Model = "network",
    trial: int = 0,
    seed: int = 0,
) -> Optimum:
    """The values at which the predicted generalization error is least.

    A coarse grid of the range finds the valley, and a quasi-Newton method in logarithms its floor
    (L-BFGS-B, and Nelder-Mead where the formula ends, from SciPy). All points see the same draws.

    Parameters
    ----------
    problem
        The setting; what is not chosen is its own.
    over
        What is chosen: some of ``"ridge"``, ``"step"`` and ``"spread"``. Width and samples have a
        price, without which there is no choice.
    method, model, trial, seed
        As for `onestep.readout_curves`.
    within
        Ranges (low, high) by name, 0 < low < high; those not given are 1e-6 to 1e2 for the ridge,
        and 1e-2 to n for step and spread.

    Returns
    -------
    Optimum
        Values, errors, curvature and status.

    Raises
    ------
    ValueError
        If an argument is out of range, or the formula holds nowhere on the coarse grid.

    Examples
    --------
    >>> noisy = Problem(n=100, m=150, k=100, noise=0.5)
    >>> found = optimum(noisy, ["ridge", "step"])
    >>> found.edges, found.errors.generalization_error < optimum(noisy).errors.generalization_error
    (('step',), True)
    >>> optimum(noisy, within={"ridge": (1.0, 10.0)}).edges
    ('ridge',)
    """
    names = choices("over", over, method)
    if set(names) & set(WHOLE):
        raise ValueError(
            f"over = {over!r} is not allowed: {WHOLE} have a price, which is not known here"
        )
    landscape = Landscape(problem, method, model, trial, seed)
    bounds = _bounds(names, dict(within or {}), problem.n)

    @functools.cache  # grid, floor and curvature meet at some points
    def errors(*x: float) -> Prediction:
        return landscape.errors(dict(zip(names, np.exp(x).tolist(), strict=True)))

    def objective(x: Sequence[float] | Array) -> float:
        error = errors(*map(float, x)).generalization_error
        return math.log(error) if error > 0 else _NOWHERE

    count = _COARSE.get(len(names), 5)
    # The ridge, which costs no new solver, varies fastest.
    order = sorted(range(len(names)), key=lambda i: names[i] == "ridge")
    grid = itertools.product(*(np.linspace(*bounds[i], count).tolist() for i in order))
    starts = [[point[order.index(i)] for i in range(len(names))] for point in grid]
    start = min(starts, key=objective)
    lowest = objective(start)
    if lowest == _NOWHERE:
        reason = errors(*start).reason
        raise ValueError(f"problem: the formula holds nowhere in this range: {reason}")
    found = optimize.minimize(
        objective, start, method="L-BFGS-B", bounds=bounds, options={"eps": _STEP, "ftol": 1e-10}
    )
    if not found.success or found.fun > lowest:  # at the end of the formula there are no slopes
        first = found.x if found.fun < lowest else np.array(start)
        options = {"xatol": _STEP, "fatol": 1e-9}
        found = optimize.minimize(
            objective, first, method="Nelder-Mead", bounds=bounds, options=options
        )
    x = found.x
    edges = tuple(
        name
        for name, each, ends in zip(names, x, bounds, strict=True)
        if min(abs(each - ends[0]), abs(each - ends[1])) < _CLOSE
    )
    curvature = _curvature(objective, x)
    status: Literal["inner", "at the edge", "not converged"] = "inner"
    if not found.success:
        status = "not converged"
    if edges or not np.all(np.isfinite(curvature)):
        status = "at the edge"
    at = dict(zip(names, np.exp(x).tolist(), strict=True))
    return Optimum(at, errors(*map(float, x)), curvature, status, edges)


def _bounds(
    names: Sequence[str], within: Mapping[str, tuple[float, float]], n: int
) -> list[tuple[float, float]]:
    """Logarithms of the ends of each range."""
    usual = {"ridge": (1e-6, 1e2), "step": (1e-2, float(n)), "spread": (1e-2, float(n))}
    for name in within:
        check.choice("within", name, names)
    found = []
    for name in names:
        ends = (usual | dict(within))[name]
        low, high = (check.positive(f"within[{name!r}]", end) for end in ends)
        if not low < high:
            raise ValueError(
                f"within[{name!r}] = {ends!r} is not allowed: (low, high), low < high, is needed"
            )
        found.append((math.log(low), math.log(high)))
    return found


def _curvature(objective: Callable[[Array], float], x: Array) -> Array:
    """Second differences of a function."""
    e = _BEND * np.eye(len(x))
    H = np.empty((len(x), len(x)))

    def value(x: Array) -> float:
        found = objective(x)
        return math.nan if found == _NOWHERE else found

    for i, j in itertools.product(range(len(x)), repeat=2):
        a, b = 0.5 * (e[i] + e[j]), 0.5 * (e[i] - e[j])
        H[i, j] = value(x + a) - value(x + b) - value(x - b) + value(x - a)
    return np.asarray(H / _BEND**2)
