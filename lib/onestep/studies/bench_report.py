"""What ``make bench`` prints: ratios, minima and medians, each beside its target.

Minima say what the machine can do, medians how much it is disturbed while it does.
"""

from __future__ import annotations

import math
import runpy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr
from threadpoolctl import threadpool_limits

from .._support.version import __version__
from ..experiment import fill, simulate_together, stores
from ..network import Problem
from .bench import MODELS, loss_ratios, side_by_side_gain, single_ratio, trial_cost
from .bench_formulas import alone, formula_cost
from .bench_growth import at_sizes, table
from .paper.grids import ACTIVATIONS
from .timing import seconds

TWIN_TARGET = 12.0
"""How many times faster than the plain protocol a trial of Figure 1a should be."""

TRIAL_TARGET, NARROW_TARGET = 1.3, 2.5
"""Cost of a trial over that of its matrix products: all widths together, and k/m = 0.1."""

GAIN_TARGET = 0.9
"""Trials a minute on c cores over those on one, over c."""

TWIN_WIDTHS = (0.5, 1.0, 2.0)
SIZES = (500, 1000, 2000)

_SETTINGS: dict[str, dict[str, Any]] = {
    "even": {"alpha": 0.5, "beta": 0.74},
    "strong": {"alpha": 0.0, "beta": 0.85},
    "strong, aligned": {"alpha": 0.0, "beta": 0.85, "direction": "aligned"},
    "classes": {"alpha": 0.5, "beta": 0.74, "target": "class"},
}
_LINE = "{:52} {:>8} {:>8}  {:14} {}"


class Row(NamedTuple):
    """What was measured, its minimum and median over repeats, and what it should be; NaN: nothing.

    Examples
    --------
    >>> Row("a", 1.4, 1.5, at_most=1.3).told()
    ['1.4', '1.5', 'at most 1.3', 'no']
    """

    what: str
    minimum: float
    median: float = math.nan
    at_most: float = math.nan
    at_least: float = math.nan

    def told(self) -> list[str]:
        """Minimum, median, target, and whether the minimum meets it, as text."""
        numbers = ["" if math.isnan(x) else _told(x) for x in (self.minimum, self.median)]
        if not math.isnan(self.at_most):
            return [*numbers, f"at most {self.at_most:g}", _MET[self.minimum <= self.at_most]]
        if not math.isnan(self.at_least):
            return [*numbers, f"at least {self.at_least:g}", _MET[self.minimum >= self.at_least]]
        return [*numbers, "", ""]


_MET = {True: "yes", False: "no"}


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
    ...     for _ in range(10**6): pass
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
                ours.append(seconds(own))
                theirs = partial(lambda each: [twin(one, 3) for one in each], problems)
                plain.append(seconds(theirs))
        medians = float(np.median(plain) / np.median(ours))
        found.append((width, min(plain) / min(ours), medians))
    return found


def report(
    twin: Path | None = None, sizes: Sequence[int] = SIZES, keep: Path | None = None
) -> None:
    """Print everything at n = m = 1000, and the growth over `sizes` as by `bench_growth.at_sizes`.

    The twin is a file with the plain protocol's ``trial(problem, degree)``; None leaves it out.
    What has been measured beside targets is stored in the file `keep`, if one is named.
    """
    problem = Problem(n=1000, m=1000)
    rows: list[Row] = []
    parts = [_trials(problem), _others(problem), _formulas(settings(1000))]
    if twin is not None:
        parts.insert(1, _twin(twin, problem))
    print(_LINE.format("", "minimum", "median", "target", "met"))
    for part in parts:
        for row in part:
            print(_LINE.format(row.what, *row.told()), flush=True)
            rows.append(row)
    if keep is not None:
        stores.save(_dataset(rows), keep)
        print(f"kept in {keep}")
    print("growth with n = m = k, one thread, a process each, in matrix products of that order")
    print(table(fill(at_sizes(sizes))).round(2).to_string())


def beside_targets(found: xr.Dataset) -> pd.DataFrame:
    """What `report` keeps as a table: minima, medians, targets, and whether the minimum meets it.

    Examples
    --------
    >>> numbers = {"minimum": 1.4, "median": 1.5, "at_most": 1.3, "at_least": float("nan")}
    >>> found = xr.Dataset({name: ("what", [x]) for name, x in numbers.items()}, {"what": ["a"]})
    >>> beside_targets(found).loc["a"].tolist()
    ['1.4', '1.5', 'at most 1.3', 'no']
    """
    columns = (found[name].values.tolist() for name in Row._fields)
    rows = {what: Row(what, *numbers).told() for what, *numbers in zip(*columns, strict=True)}
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=["minimum", "median", "target", "met"]
    )


def _told(x: float) -> str:
    return f"{x:.0f}" if x >= 100 else f"{x:.3g}"


def _dataset(rows: Sequence[Row]) -> xr.Dataset:
    """Rows as a store, with the day, the machine and the versions that they are of."""
    what, *columns = zip(*rows, strict=True)
    return xr.Dataset(
        {
            name: ("what", list(values))
            for name, values in zip(Row._fields[1:], columns, strict=True)
        },
        coords={"what": list(what)},
        attrs={**stores.provenance(), "onestep_version": __version__},
    )


def _row(
    what: str, values: npt.ArrayLike, *, at_most: float = math.nan, at_least: float = math.nan
) -> Row:
    repeats = np.asarray(values, dtype=float)
    return Row(what, float(repeats.min()), float(np.median(repeats)), at_most, at_least)


def _trials(problem: Problem) -> Iterator[Row]:
    costs = [trial_cost(problem) for _ in range(3)]
    ratios = np.array([cost.ratio.values for cost in costs])
    widths = costs[0].width.values
    for width, column in zip(widths, ratios.T, strict=True):
        target = NARROW_TARGET if width == min(widths) else math.nan
        yield _row(f"a trial over its products, k/m = {width:g}", column, at_most=target)
    sums = [cost.attrs["ratio"] for cost in costs]
    yield _row("a trial over its products, all widths", sums, at_most=TRIAL_TARGET)


def _twin(twin: Path, problem: Problem) -> Iterator[Row]:
    trial = runpy.run_path(str(twin))["trial"]
    for width, least, median in twin_ratios(trial, problem, TWIN_WIDTHS, repeats=3):
        what = f"times as fast as the plain protocol, k/m = {width:g}"
        yield Row(what, least, median, at_least=TWIN_TARGET)


def _others(problem: Problem) -> Iterator[Row]:
    for width in TWIN_WIDTHS:
        ratio = single_ratio(replace(problem, k=round(width * problem.m)))
        yield Row(f"single precision over double, k/m = {width:g}", ratio)
    for loss, ratio in loss_ratios(replace(problem, k=1000, ridge=1e-3)).items():
        yield Row(f"a trial with the {loss} loss over the square", ratio)
    gain = side_by_side_gain(replace(problem, k=500))
    count = gain["cores"]
    what = f"trials a minute on {count:g} cores over those on one"
    yield Row(what, gain["gain"], at_least=GAIN_TARGET * count)


def _formulas(problems: Mapping[str, Problem]) -> Iterator[Row]:
    cost = formula_cost(problems)
    yield Row("a product of matrices of order 1000, ms", float(cost["product"]))
    for method in cost.method.values:
        at = cost.sel({"method": method})  # `method` is also an option of sel
        dearest = at["first"].min("repeat").idxmax("setting").item()
        cold = 1e3 * alone(problems[dearest], method, warm=False)["seconds"]
        usual = at["first"].median("setting").values
        yield _row(f"{method}, median setting, ms", usual)
        first = at["first"].sel(setting=dearest).values
        yield _row(f"{method}, dearest setting, ms", first, at_most=float(at.target))
        yield Row(f"{method}, the same in a fresh process, ms", cold)
        point = at.point.sel(setting=at.point.min("repeat").idxmax("setting")).values
        yield _row(f"{method}, a point more, ms", point, at_most=float(at.point_target))
