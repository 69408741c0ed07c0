"""Errors by formula at the optimal ridge, for curves and maps of many points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import interpolate

from ...network import Prediction, Problem
from ...theory import Landscape

_RIDGES = np.geomspace(1e-4, 0.5, 7)


def best_error(problem: Problem, method: str = "scalar-conditional", **values: float) -> float:
    """Least generalization error over the ridge, to about 1e-3 of it; NaN where there is none.

    The floor of a cubic spline through few ridges, in logarithms; `values` as for
    `onestep.theory.Landscape.errors`.

    Examples
    --------
    >>> from onestep import optimum
    >>> problem = Problem(n=100, m=150, k=100, noise=0.5)
    >>> one = best_error(problem, "scalar")
    >>> bool(abs(one / optimum(problem).errors.generalization_error - 1) < 1e-3)
    True
    """
    landscape = Landscape(problem, method)
    return float(np.exp(_floor(lambda ridge: landscape.errors({**values, "ridge": ridge}))))


def at_both_ridges(problem: Problem, method: str = "scalar-conditional") -> tuple[float, float]:
    """Generalization error at the problem's own ridge, and at the optimal one.

    Examples
    --------
    >>> own, best = at_both_ridges(Problem(n=100, m=100, k=100), "scalar")
    >>> own > 2 * best
    True
    """
    landscape = Landscape(problem, method)
    return both(lambda ridge: landscape.errors({"ridge": ridge}, guarded=False), problem.ridge)


def both(errors: Callable[[float], Prediction], own: float) -> tuple[float, float]:
    """Generalization error of any solver at the ridge `own`, and at the optimal one.

    Examples
    --------
    >>> from onestep.network import Network
    >>> from onestep.theory import METHODS
    >>> problem = Problem(n=60, m=60, k=60)
    >>> [solver] = METHODS["equivalent"].solvers(problem, [Network()], 1, 0, 0)
    >>> own, best = both(lambda ridge: solver.errors(60, ridge, guarded=False), 1e-4)
    >>> own > 2 * best
    True
    """
    return errors(own).generalization_error, float(np.exp(_floor(errors)))


def _floor(errors: Callable[[float], Prediction]) -> float:
    """Logarithm of the least error."""
    found = np.array([errors(float(each)).generalization_error for each in _RIDGES])
    kept = np.isfinite(found)
    if kept.sum() < 4:
        return float("nan")
    logs = np.log(_RIDGES[kept])
    spline = interpolate.CubicSpline(logs, np.log(found[kept]))
    return float(spline(np.linspace(logs[0], logs[-1], 400)).min())


RIVALS: Mapping[str, Mapping[str, Any]] = {
    "no step": {},
    "kernel": {"k": 100},
    "linear": {"k": 100, "activation": "z"},
}
"""What a trained network is compared with, k in units of n: the untrained network, the kernel that
it becomes when it is wide, and ridge regression on the inputs, which a wide network of lines is."""


def rival(problem: Problem, name: str) -> Problem:
    """The problem of one of the `RIVALS`.

    Examples
    --------
    >>> rival(Problem(n=100), "linear").k
    10000
    """
    fields = dict(RIVALS[name])
    if "k" in fields:
        fields["k"] *= problem.n
    return replace(problem, step=0.0, **fields)
