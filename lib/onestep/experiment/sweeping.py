"""`simulate` over a grid of problems; resumable, on one core or on many."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import xarray as xr

from ..network import Model, Problem
from .filling import fill
from .grid import Fields, grid


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
