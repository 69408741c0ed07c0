"""A problem over a grid of some of its fields."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import xarray as xr

from ._problem import Problem
from ._simulate import simulate_together
from ._trial import shares_draws


def _groups(problems: Sequence[Problem]) -> list[list[Problem]]:
    """Problems that share their draws, together."""
    groups: list[list[Problem]] = []
    for problem in problems:
        for group in groups:
            if shares_draws(problem, group[0]):
                group.append(problem)
                break
        else:
            groups.append([problem])
    return groups


def sweep(problem: Problem, over: Mapping[str, Sequence[Any]], **options: Any) -> xr.Dataset:
    """`simulate` at every point of a grid.

    Parameters
    ----------
    problem
        What is common to all points.
    over
        Fields of `Problem` and the values that each takes; every combination is a point. Values
        are scalars, and all different.
    options
        Passed on to `simulate`.

    Returns
    -------
    xarray.Dataset
        As from `simulate`, with one dimension for each entry of `over` in front, in their order.
        ``attrs`` tell the common problem and options.

    Raises
    ------
    ValueError
        If `over` names no field of a problem, or repeats a value.
    """
    known = [field.name for field in fields(Problem)]
    for name, values in over.items():
        if name not in known:
            raise ValueError(f"over = {name!r} is not allowed: one of {known} is needed")
        if not len(values) or len(set(values)) < len(values):
            raise ValueError(f"{name} = {values!r} is not allowed: different values are needed")
    points = [dict(zip(over, values, strict=True)) for values in itertools.product(*over.values())]
    # All problems first: a bad value is refused before any point has cost time.
    problems = [replace(problem, **point) for point in points]
    simulated: dict[Problem, xr.Dataset] = {}
    for group in _groups(problems):
        simulated |= zip(group, simulate_together(group, **options), strict=True)
    cells = [
        simulated[each].expand_dims({name: [value] for name, value in point.items()})
        for each, point in zip(problems, points, strict=True)
    ]
    results = xr.combine_by_coords(cells, combine_attrs="drop_conflicts")
    assert isinstance(results, xr.Dataset)
    order = [*over, "model", "trial"]
    ordered = results.sel({name: list(values) for name, values in over.items()}).transpose(*order)
    return ordered.assign_attrs(problem=problem.to_json())
