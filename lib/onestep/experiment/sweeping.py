"""A problem over a grid of some of its fields: as a study, and swept; resumable, on many cores."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import xarray as xr

from .._support import check
from .._support.version import __version__
from ..degrees import default_degree
from ..network import Model, Problem, named_models
from .cell import definitions, described
from .filling import fill
from .study import At, Study
from .trial_cell import VARIABLES, TrialCell, describe

Fields = Callable[[Mapping[str, Any], int], Mapping[str, Any]]
"""Fields of a problem, and its degree, from a point and a trial."""


def grid(
    problem: Problem,
    over: Mapping[str, Iterable[Any]],
    *,
    models: Sequence[str | Model] = ("network", "hermite"),
    trials: int = 20,
    seed: int = 0,
    degree: int | None = None,
    test_size: int | None = None,
    students: int = 1,
    fields: Fields | None = None,
) -> Study:
    """Trials of a problem at every point of a grid, as a study.

    Arguments and errors as for `onestep.sweep`.

    Examples
    --------
    >>> study = grid(Problem(n=20), {"beta": [0.2, 0.5], "activation": ["relu", "tanh"]}, trials=3)
    >>> len(list(study.cells())), dict(study.repeats)
    (12, {'trial': 3, 'student': 1})
    """
    problem = check.instance("problem", problem, Problem)
    over = _checked_over(over, fields)
    seed = check.integer("seed", seed, 0)
    degree = None if degree is None else check.integer("degree", degree, 0)
    test_size = None if test_size is None else check.integer("test_size", test_size, 1)
    resolved = tuple(named_models(models))

    def cell(at: At) -> TrialCell:
        point = {name: at[name] for name in over}
        own = dict(point if fields is None else fields(point, at["trial"]))
        l = own.pop("degree", degree)
        there = replace(problem, **own)
        l = default_degree(there) if l is None else l
        return TrialCell(there, resolved, l, test_size, seed, at["trial"], at["student"])

    swept = problem.to_dict()
    for name in over.keys() & swept.keys():
        del swept[name]
    # What a swept name means is in the identity of its cells.
    named = definitions(*(swept.get(name, "") for name in ("activation", "target")))
    constants = {
        "problem": json.dumps(swept, sort_keys=True),
        "models": json.dumps(describe(resolved)),
        "seed": seed,
        "degree": "by problem" if degree is None else degree,
        "test_size": "exact" if test_size is None else test_size,
        "onestep_version": __version__,
        **{name: json.dumps(value) for name, value in described(named).items()},
    }
    repeats = {
        "trial": check.integer("trials", trials, 1),
        "student": check.integer("students", students, 1),
    }
    row = "model", [model.name for model in resolved]
    return Study(cell, over, repeats, row, VARIABLES, constants)


def sweep(
    problem: Problem,
    over: Mapping[str, Iterable[Any]],
    *,
    models: Sequence[str | Model] = ("network", "hermite"),
    trials: int = 20,
    seed: int = 0,
    degree: int | None = None,
    test_size: int | None = None,
    students: int = 1,
    fields: Fields | None = None,
    store: str | os.PathLike[str] | None = None,
    missing_only: bool = True,
    processes: int = 1,
    client: Any = None,
    progress: bool = False,
) -> xr.Dataset:
    """`simulate` at every point of a grid.

    The numbers of a cell, one trial at one point, depend on nothing but its definition: other
    points, more trials, many processes or a cluster change none of them.

    Parameters
    ----------
    problem
        What is common to all points.
    over
        Dimensions and their coordinates; every combination is a point. Names are fields of
        `Problem`, or, with `fields`, any. Coordinates are any iterable of numbers or of strings,
        all different; a store holds whole numbers below 2^31, and names in ASCII, only.
    models, trials, seed, degree, test_size
        As for `simulate`.
    students
        Networks that learn, each on its own, from the data of every trial, >= 1.
    fields
        A function of a point (a dictionary) and a trial that gives the fields of `Problem`, and
        ``degree``, to be replaced there. None takes the point's own.
    store
        A netCDF file; ``~`` is the home directory. Finished cells are kept beside it in a journal
        while the sweep runs, and it is written when all are done. A sweep that was interrupted,
        even killed, goes on where it was; so does one with more points or trials.
    missing_only
        False computes the cells of this grid anew, and replaces them in the store; its other points
        and trials stay.
    processes
        Processes on this machine, one thread each. A script needs no guard around the call.
    client
        A `distributed.Client`: its cluster computes, instead of processes here.
    progress
        Show a bar with the time remaining.

    Returns
    -------
    xarray.Dataset
        As from `simulate`, with one dimension for each entry of `over` in front, in their order,
        and ``student`` if there are several. ``attrs`` tell the common problem and options.

    Raises
    ------
    ValueError
        If an argument is out of range, something cannot be stored, the store holds a sweep of
        another definition, or workers have another version or code of the library; no cell was
        computed.
    onestep.experiment.DamagedStore
        If store or journal were cut or edited.
    BlockingIOError
        If another process is computing for the same store.

    Examples
    --------
    >>> found = sweep(Problem(n=20, m=30, k=10), {"beta": [0.2, 0.5]}, trials=2)
    >>> dict(found.sizes)
    {'beta': 2, 'model': 2, 'trial': 2}
    >>> from onestep.experiment import simulate
    >>> point = simulate(Problem(n=20, m=30, k=10, beta=0.5), trials=2)
    >>> bool((found.generalization_error.sel(beta=0.5) == point.generalization_error).all())
    True
    """
    study = grid(
        problem,
        over,
        models=models,
        trials=trials,
        seed=seed,
        degree=degree,
        test_size=test_size,
        students=students,
        fields=fields,
    )
    results = fill(
        study,
        store,
        missing_only=missing_only,
        processes=processes,
        client=client,
        progress=progress,
    ).transpose(*over, "student", "model", "trial")
    return results.isel(student=0, drop=True) if students == 1 else results


def _checked_over(over: Any, translate: Fields | None) -> dict[str, list[Any]]:
    if not isinstance(over, Mapping):
        raise ValueError(f"over = {over!r} is not allowed: a dictionary of lists is needed")
    if translate is not None and not callable(translate):
        raise ValueError(f"fields = {translate!r} is not allowed: a function is needed")
    known = [field.name for field in fields(Problem)]
    for name in over:
        if name not in known and translate is None:
            raise ValueError(f"over = {name!r} is not allowed: one of {known} is needed")
        if name in ("trial", "student", "model", *VARIABLES):
            raise ValueError(f"over = {name!r} is not allowed: results have this name already")
    return {name: check.several(name, values) for name, values in over.items()}
