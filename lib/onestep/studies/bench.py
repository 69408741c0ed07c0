"""How near the engine comes to the speed of the machine's own matrix products.

Machines differ and are shared: a time says nothing. Every time here is divided by what the matrix
products of the same computation would cost at the rate that this machine shows in the same run.
Both are processor times of one thread: trials run best side by side, one thread each, and time that
other programs take is not counted.
`onestep.studies.bench_formulas` measures the formulas, `onestep.studies.bench_report` prints both.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from threadpoolctl import threadpool_limits

from .._support import check
from .._support.cores import cores
from ..experiment import simulate, simulate_together
from ..network import Problem
from .paper.grids import ACTIVATIONS, WIDTHS
from .timing import seconds

MODELS = ("network", "hermite")

_SIZE = 1000  # of the matrices whose product is the machine's rate: those of a trial at n = 1000


def operations(problem: Problem, activations: int = 3, models: int = 2) -> float:
    """Floating-point operations of the matrix products of one trial of Figure 1a.

    Counted are the preactivations of the step (once), and for every activation the gradient, the
    preactivations of the readout, ``F^ F^^T`` of the exact generalization error, and the Gram
    matrix of every model; symmetric products count half. Nothing else is counted: not the
    activations themselves, the Cholesky factorisations, or the random numbers.

    Examples
    --------
    >>> operations(Problem(n=10, m=10, k=10), activations=0)  # the step alone: 2 * 10**3
    2000.0
    """
    n, m, k = problem.n, problem.m, problem.k
    product = 2.0 * k * m * n
    gram = float(max(k, m) * min(k, m) ** 2)
    return product + activations * (2 * product + float(k * k * n) + models * gram)


def matrix_rate(repeats: int = 3) -> float:
    """Operations a second of one thread's products of float64 matrices of order 1000, now.

    Examples
    --------
    >>> matrix_rate(repeats=1) > 0
    True
    """
    A = np.random.default_rng(0).standard_normal((_SIZE, _SIZE))
    with threadpool_limits(1):
        A @ A
        return repeats * 2.0 * _SIZE**3 / seconds(lambda: [A @ A for _ in range(repeats)])


def trial_cost(
    problem: Problem, widths: Sequence[float] = WIDTHS, *, repeats: int = 1
) -> xr.Dataset:
    """Time of one trial of Figure 1a at each width k/m, over that of its own matrix products.

    Over the widths: ``k``, ``seconds`` of so many trials, ``products``, the seconds that their
    matrix products take at the machine's rate before and after them, and their ``ratio``;
    ``attrs["ratio"]`` is that of the sums.

    Examples
    --------
    >>> cost = trial_cost(Problem(n=60, m=60), widths=[0.5, 1])
    >>> cost.k.values, bool((cost.ratio > 0).all())
    (array([30, 60]), True)
    """
    repeats = check.integer("repeats", repeats, 1)
    at = [replace(problem, k=round(width * problem.m)) for width in widths]
    needed, products = np.empty(len(at)), np.empty(len(at))
    _trial(replace(problem, n=50, m=50, k=50), 1)  # caches and imports are no part of a trial
    before = matrix_rate()
    for i, each in enumerate(at):
        needed[i] = seconds(partial(_trial, each, repeats))
        after = matrix_rate()
        products[i] = repeats * operations(each) * 0.5 * (1 / before + 1 / after)
        before = after
    return xr.Dataset(
        {
            "k": ("width", [each.k for each in at]),
            "seconds": ("width", needed),
            "products": ("width", products),
            "ratio": ("width", needed / products),
        },
        coords={"width": list(widths)},
        attrs={"ratio": float(needed.sum() / products.sum())},
    )


def _trial(problem: Problem, trials: int, precision: str = "double") -> None:
    problems = [replace(problem, activation=name) for name in ACTIVATIONS]
    simulate_together(problems, MODELS, trials=trials, degree=3, threads=1, precision=precision)


def single_ratio(problem: Problem, repeats: int = 3) -> float:
    """Cost of a trial of Figure 1a with products in single precision, over that in double.

    Least processor times of one thread over repeats in turn.

    Examples
    --------
    >>> single_ratio(Problem(n=60, m=60, k=60), repeats=1) > 0
    True
    """
    works = {name: partial(_trial, problem, 1, name) for name in ("double", "single")}
    least = _least(works, repeats)
    return least["single"] / least["double"]


def loss_ratios(
    problem: Problem, losses: Sequence[str] = ("logistic", "hinge"), repeats: int = 2
) -> dict[str, float]:
    """Cost of a network's trial with another loss for its readout, over one with the square loss.

    Labels are classes; what another loss does to fresh inputs is measured on a test sample, which
    the square loss does without. Least processor times of one thread over repeats in turn.

    Examples
    --------
    >>> loss_ratios(Problem(n=60, m=60, k=60), ["logistic"], repeats=1)["logistic"] > 0
    True
    """
    classes = replace(problem, target="class")
    works = {
        loss: partial(simulate, replace(classes, loss=loss), ["network"], 1, threads=1)
        for loss in ("square", *losses)
    }
    least = _least(works, repeats)
    return {loss: least[loss] / least["square"] for loss in losses}


def _least(
    works: Mapping[Any, Callable[[], object]],
    repeats: int,
    clock: Callable[[], float] = time.process_time,
) -> dict[Any, float]:
    """Least seconds of each piece of work over repeats in turn."""
    least = dict.fromkeys(works, math.inf)
    for _ in range(check.integer("repeats", repeats, 1)):
        for name, work in works.items():
            least[name] = min(least[name], seconds(work, clock))
    return least


def growth(problem: Problem, field: str, values: Sequence[int]) -> xr.Dataset:
    """How the cost of a trial grows in n, m, k or trials, the others being fixed.

    Over that dimension: ``seconds``, and ``products`` at the machine's rate, as `trial_cost`.
    """
    field = check.choice("field", field, ("n", "m", "k", "trials"))
    cells = []
    for value in values:
        repeats = value if field == "trials" else 1
        size: dict[str, Any] = {} if field == "trials" else {field: value}
        at = replace(problem, **size)
        cell = trial_cost(at, [at.k / at.m], repeats=repeats)
        cells.append(cell[["seconds", "products"]].isel(width=0, drop=True))
    return xr.concat(cells, dim=xr.Variable(field, list(values)))


def side_by_side_gain(problem: Problem, trials: int = 8, repeats: int = 3) -> dict[str, float]:
    """Trials a minute of the plain call on every core, over those on one core.

    The gain is their number at best. Both are measured in turn; the least time counts.

    Examples
    --------
    >>> sorted(side_by_side_gain(Problem(n=60, m=60, k=60), trials=2, repeats=1))
    ['cores', 'gain']
    """
    problems = [replace(problem, activation=name) for name in ACTIVATIONS]
    works = {
        threads: partial(simulate_together, problems, MODELS, trials, degree=3, threads=threads)
        for threads in (1, None)
    }
    least = _least(works, repeats, time.perf_counter)
    return {"cores": cores(), "gain": least[1] / least[None]}
