"""What an error by formula costs, beside what it should cost.

Times are processor times of one thread, in milliseconds and in products of two matrices of order
1000 at the rate that the machine shows in the same run: the first say what a reader waits for on
this machine, the second what the library does.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr
from threadpoolctl import threadpool_limits

from .._support import check
from ..degrees import default_degree
from ..network import Network, Problem
from ..theory import METHODS
from ..theory.limit.kernel_series import TooLarge
from .bench import matrix_rate

TARGETS: Mapping[str, tuple[float, float]] = {
    "scalar": (50.0, 5.0),
    "scalar-conditional": (300.0, 5.0),
    "equivalent": (500.0, 5.0),
    "conditional": (2000.0, 100.0),
}
"""Milliseconds of an answer at n = m = k = 1000, and of each more along a curve, by method."""

CURVE = ((0.25, 1e-4), (1.0, 1e-2), (4.0, 1e-4))
"""Samples, in units of m, and ridges of the points along a curve."""

_ORDER = 2e9  # operations of a product of two matrices of order 1000

# A process starts with the peak that rusage kept of its parent, but not with its own VmHWM.
_ALONE = """
import json, resource, sys, time
from pathlib import Path
import onestep
def answer(problem):
    if sys.argv[2] == "trial":
        onestep.simulate(problem, trials=1, degree=3, threads=1)
    else:
        onestep.predict(problem, ["network"], method=sys.argv[2], guarded=False)
start = time.process_time()
if sys.argv[3] == "warm":
    answer(onestep.Problem(n=50, m=50, k=50))
    start = time.process_time()
answer(onestep.Problem(**json.loads(sys.argv[1])))
seconds = time.process_time() - start
status = Path("/proc/self/status")
if status.exists():
    [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    peak = 1024 * int(line.split()[1])
else:
    unit = 1 if sys.platform == "darwin" else 1024
    peak = unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([seconds, peak]))
"""


def formula_cost(
    problems: Mapping[str, Problem], methods: Sequence[str] | None = None, *, repeats: int = 3
) -> xr.Dataset:
    """Time of errors by formula, caches warm: of the first, and of each more along a curve.

    By setting and method, all unless some are named, for so many solvers made anew: ``first``
    and ``point`` in milliseconds; by method their ``target`` and ``point_target``, which are
    for n = m = k = 1000; and ``product``, the milliseconds of a matrix product of order 1000 in
    the same run.

    Examples
    --------
    >>> cost = formula_cost({"relu": Problem(n=60, m=60, k=60)}, ["scalar"], repeats=1)
    >>> cost["first"].dims, cost.target.values
    (('setting', 'method', 'repeat'), array([50.]))
    """
    names = [check.choice("methods", name, METHODS) for name in methods or METHODS]
    repeats = check.integer("repeats", repeats, 1)
    found = np.empty((2, len(problems), len(names), repeats))
    with threadpool_limits(1):
        rate = matrix_rate()
        for i, problem in enumerate(problems.values()):
            for j, name in enumerate(names):
                _timed(name, problem, [])  # caches are no part of an answer
                found[:, i, j] = np.transpose([_timed(name, problem) for _ in range(repeats)])
        rate = 0.5 * (rate + matrix_rate())
    dims = ("setting", "method", "repeat")
    return xr.Dataset(
        {
            "first": (dims, found[0]),
            "point": (dims, found[1]),
            "target": ("method", [TARGETS[name][0] for name in names]),
            "point_target": ("method", [TARGETS[name][1] for name in names]),
            "product": 1e3 * _ORDER / rate,
        },
        coords={"setting": list(problems), "method": names},
    )


def formula_table(cost: xr.Dataset) -> pd.DataFrame:
    """Costs from `formula_cost` beside their targets, a method a row, the best of the repeats.

    Examples
    --------
    >>> cost = formula_cost({"relu": Problem(n=60, m=60, k=60)}, ["scalar"], repeats=1)
    >>> list(formula_table(cost).columns)[:4]
    ['median ms', 'slowest ms', 'target ms', 'slowest in products']
    """
    first, point = cost["first"].min("repeat"), cost.point.min("repeat")
    table = {
        "median ms": first.median("setting"),
        "slowest ms": first.max("setting"),
        "target ms": cost.target,
        "slowest in products": first.max("setting") / cost["product"],
        "next point ms": point.max("setting"),
        "its target ms": cost.point_target,
    }
    rows = {name: values.values.round(1) for name, values in table.items()}
    return pd.DataFrame(rows, index=pd.Index(cost.method.values, name="method"))


def _timed(
    method: str, problem: Problem, curve: Sequence[tuple[float, float]] = CURVE
) -> tuple[float, float]:
    """Milliseconds of the first answer, and of each more; NaN where the method refuses."""
    start = time.process_time()
    [solver] = METHODS[method].solvers(problem, [Network()], default_degree(problem), 0, 0)
    try:
        solver.errors(problem.m, problem.ridge, guarded=False)
    except TooLarge:
        return math.nan, math.nan
    first = time.process_time()
    for share, ridge in curve:
        solver.errors(max(round(share * problem.m), 1), ridge, guarded=False)
    rest = time.process_time() - first
    return 1e3 * (first - start), 1e3 * rest / max(len(curve), 1)


def alone(problem: Problem, what: str = "trial", *, warm: bool = True) -> dict[str, float]:
    """Cost of a ``"trial"``, or of a method's answer, in a fresh process of one thread.

    ``seconds`` of the processor, ``import onestep`` not included, and ``bytes``, the peak of
    resident memory, imports included. Not `warm` counts what a process does once: imports on
    demand, and what is known of activations.

    Examples
    --------
    >>> sorted(alone(Problem(n=60, m=60, k=60)))
    ['bytes', 'seconds']
    """
    what = check.choice("what", what, ("trial", *METHODS))
    # Limits of this process are not the new one's.
    one = [f"{name}_NUM_THREADS=1" for name in ("OMP", "OPENBLAS", "MKL")]
    state = "warm" if warm else "cold"
    command = ["env", *one, sys.executable, "-c", _ALONE, problem.to_json(), what, state]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    seconds, peak = json.loads(told.stdout)
    return {"seconds": seconds, "bytes": peak}
