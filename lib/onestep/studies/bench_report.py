"""What ``make bench`` prints: ratios, minima and medians, each beside its target.

Minima say what the machine can do, medians how much it is disturbed while it does.
"""

from __future__ import annotations

import runpy
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from ..experiment import fill, simulate_together
from ..network import Problem
from .bench import MODELS, loss_ratios, side_by_side_gain, single_ratio, trial_cost
from .bench_formulas import alone, formula_cost, formula_table
from .bench_growth import at_sizes, table
from .paper.grids import ACTIVATIONS
from .timing import seconds

TWIN_TARGET = 12.0
"""How many times faster than the plain protocol a trial of Figure 1a should be."""

TRIAL_TARGET = 1.3
"""Cost of a trial over that of its matrix products, all widths together."""

TWIN_WIDTHS = (0.5, 1.0, 2.0)
SIZES = (500, 1000, 2000)

_SETTINGS: dict[str, dict[str, Any]] = {
    "even": {"alpha": 0.5, "beta": 0.74},
    "strong": {"alpha": 0.0, "beta": 0.85},
    "strong, aligned": {"alpha": 0.0, "beta": 0.85, "direction": "aligned"},
    "classes": {"alpha": 0.5, "beta": 0.74, "target": "class"},
}


def settings(size: int, activations: Sequence[str] = ACTIVATIONS) -> dict[str, Problem]:
    """Problems that are cheap and dear for the formulas, by name.

    Examples
    --------
    >>> list(settings(60, ["relu"]))[:2]
    ['relu, even', 'relu, strong']
    """
    return {
        f"{name}, {setting}": Problem(n=size, m=size, k=size, activation=name, **fields)
        for name in activations
        for setting, fields in _SETTINGS.items()
    }


def twin_ratios(
    twin: Callable[[Problem, int], Any], problem: Problem, widths: Sequence[float], repeats: int
) -> list[tuple[float, float, float]]:
    """How many times longer the plain protocol takes for a trial of Figure 1a, on one core.

    The twin is a trial of one activation at a degree, network and polynomial, measured in turn
    with ours. Told are width k/m, ratio of the minima, and ratio of the medians.

    Examples
    --------
    >>> def slow(problem: Problem, degree: int) -> None:
    ...     time.sleep(0.3)
    >>> [(width, least, median)] = twin_ratios(slow, Problem(n=40, m=40), [0.5], repeats=1)
    >>> width, least > 0
    (0.5, True)
    """
    found = []
    for width in widths:
        problems = [
            replace(problem, k=round(width * problem.m), activation=name) for name in ACTIVATIONS
        ]
        ours, plain = [], []
        with threadpool_limits(1):
            for _ in range(repeats):
                own = partial(simulate_together, problems, MODELS, trials=1, degree=3, threads=1)
                ours.append(seconds(own, time.perf_counter))
                theirs = partial(lambda each: [twin(one, 3) for one in each], problems)
                plain.append(seconds(theirs, time.perf_counter))
        medians = float(np.median(plain) / np.median(ours))
        found.append((width, min(plain) / min(ours), medians))
    return found


def report(twin: Path | None = None, sizes: Sequence[int] = SIZES) -> None:
    """Print everything at n = m = 1000, and the growth over `sizes` as by `bench_growth.at_sizes`.

    The twin is a file with the plain protocol's ``trial(problem, degree)``; None leaves it out.
    """
    problem = Problem(n=1000, m=1000)
    print("one trial of Figure 1a, three activations, over its own matrix products")
    costs = [trial_cost(problem) for _ in range(3)]
    ratios = np.array([cost.ratio.values for cost in costs])
    print(f"  {'':12}minimum  median")
    for width, column in zip(costs[0].width.values, ratios.T, strict=True):
        print(f"  k/m = {width:<6g}{column.min():7.2f} {np.median(column):7.2f}")
    sums = [cost.attrs["ratio"] for cost in costs]
    print(f"  all widths  {min(sums):7.2f} {np.median(sums):7.2f}   target {TRIAL_TARGET:g}")
    if twin is not None:
        print("times as fast as the plain protocol of the paper, one core each")
        trial = runpy.run_path(str(twin))["trial"]
        for width, least, median in twin_ratios(trial, problem, TWIN_WIDTHS, repeats=3):
            print(f"  k/m = {width:<6g}{least:7.2f} {median:7.2f}   target {TWIN_TARGET:g}")
    single = ", ".join(
        f"{single_ratio(replace(problem, k=round(width * problem.m))):.2f} at k/m = {width:g}"
        for width in TWIN_WIDTHS
    )
    print(f"cost with precision='single' over that in double: {single}")
    losses = loss_ratios(replace(problem, k=1000, ridge=1e-3))
    told = ", ".join(f"{name} {ratio:.1f}" for name, ratio in losses.items())
    print(f"cost of a trial by its loss, over the square loss, n = m = k = 1000: {told}")
    gain = side_by_side_gain(replace(problem, k=500))
    print(
        f"trials side by side: {gain['gain']:.2f} times one core's, target "
        f"{0.9 * gain['cores']:g} on {gain['cores']} cores"
    )
    _formulas()
    _growth(sizes)


def _formulas() -> None:
    problems = settings(1000)
    cost = formula_cost(problems)
    print(f"errors by formula, n = m = k = 1000; {float(cost['product']):.0f} ms a matrix product")
    table = formula_table(cost)
    dearest = cost["first"].min("repeat").idxmax("setting").values.tolist()
    table["fresh process ms"] = [
        round(1e3 * alone(problems[setting], method, warm=False)["seconds"], 1)
        for method, setting in zip(table.index, dearest, strict=True)
    ]
    print(table.to_string())


def _growth(sizes: Sequence[int]) -> None:
    print("growth with n = m = k, one thread, a process each, in matrix products of that order")
    print(table(fill(at_sizes(sizes))).round(2).to_string())
