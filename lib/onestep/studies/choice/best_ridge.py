"""Errors by formula at the optimal ridge, for curves and maps of many points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import interpolate

from ...network import Problem
from ...theory import Landscape

METHOD = "scalar-conditional"
"""The formula: the limit up to full strength."""

_RIDGES = np.geomspace(1e-5, 10.0, 10)


def best_error(
    landscape: Landscape, values: Mapping[str, float] | None = None, *, guarded: bool = True
) -> float:
    """Least generalization error over the ridge, to about 1e-3 of it; NaN where there is none.

    The floor of a cubic spline through few ridges, in logarithms.

    Examples
    --------
    >>> from onestep import optimum
    >>> problem = Problem(n=100, m=150, k=100, noise=0.5)
    >>> one = best_error(Landscape(problem, "scalar"))
    >>> bool(abs(one / optimum(problem).errors.generalization_error - 1) < 1e-3)
    True
    """
    given = dict(values or {})
    errors = np.array([
        landscape.errors({**given, "ridge": float(each)}, guarded=guarded).generalization_error
        for each in _RIDGES
    ])
    kept = np.isfinite(errors)
    if kept.sum() < 4:
        return float("nan")
    logs = np.log(_RIDGES[kept])
    spline = interpolate.CubicSpline(logs, np.log(errors[kept]))
    return float(np.exp(spline(np.linspace(logs[0], logs[-1], 400)).min()))


RIVALS: Mapping[str, Mapping[str, Any]] = {
    "no step": {"step": 0.0},
    "kernel": {"step": 0.0, "k": 200},
    "linear": {"step": 0.0, "k": 200, "activation": "z"},
}
"""What a trained network is compared with; k in units of n: the untrained network, the kernel that
it becomes when it is wide, and ridge regression on the inputs, as the wide network of a line is."""


def rival(problem: Problem, name: str) -> Problem:
    """The problem of one of the `RIVALS`.

    Examples
    --------
    >>> rival(Problem(n=100), "linear").k
    20000
    """
    fields = dict(RIVALS[name])
    width = fields.pop("k", None)
    from dataclasses import replace

    return replace(problem, k=problem.k if width is None else width * problem.n, **fields)
