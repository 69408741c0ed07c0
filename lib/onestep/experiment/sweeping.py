"""A problem over a grid of some of its fields; resumable, on one core or on many."""

from __future__ import annotations

import datetime
import os
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from .._support import check
from ..network import Model, Problem, named_models
from . import stores
from .cell import VARIABLES, Values
from .computing import compute_missing
from .grid import Fields, Grid
from .journal import Journal, Record


def sweep(
    problem: Problem,
    over: Mapping[str, Sequence[Any]],
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
        `Problem`, or, with `fields`, any. Values are numbers or strings, and all different; a
        store holds whole numbers below 2^31 only.
    models, trials, seed, degree, test_size
        As for `simulate`.
    students
        Networks that learn, each on its own, from the data of every trial, >= 1.
    fields
        A function of a point (a dictionary) and a trial that gives the fields of `Problem`, and
        ``degree``, to be replaced there. None takes the point's own.
    store
        A netCDF file. Finished cells are kept beside it in a journal while the sweep runs, and it
        is written when all are done. A sweep that was interrupted, even killed, goes on where it
        was; so does one with more points or trials.
    missing_only
        False computes the cells of this grid anew, and replaces them in the store; its other points
        and trials stay.
    processes
        Processes on this machine, one thread each.
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
        If an argument is out of range, or the store holds a sweep of another definition.
    onestep.experiment.DamagedStore
        If store or journal were cut or edited.
    BlockingIOError
        If another process is computing for the same store.
    """
    _check_over(over, fields is not None)
    if store is not None:
        _check_storable(over)
    check.integer("trials", trials, 1)
    check.integer("seed", seed, 0)
    check.integer("students", students, 1)
    for name, value, least in (("degree", degree, 0), ("test_size", test_size, 1)):
        if value is not None:
            check.integer(name, value, least)
    resolved = tuple(named_models(models))
    grid = Grid(problem, over, resolved, trials, seed, degree, test_size, students, fields)
    # All problems first: a bad value is refused before any cell has cost time.
    cells = [cell for _, cell in grid.cells()]
    started = time.monotonic()
    with _record(store) as record:
        old = None
        known: dict[str, Values] = {}
        if store is not None and Path(store).exists():
            old = stores.load(store)
            known = _known(old, grid, store)
        own = {cell.identity for cell in cells}
        elsewhere = record.finished.keys() - known.keys() - own
        record.finished.update(known)
        if not missing_only:
            for identity in own & record.finished.keys():
                del record.finished[identity]
        compute_missing(cells, record, processes=processes, client=client, progress=progress)
        results = grid.dataset(record.finished).assign_attrs(grid.constants())
        if store is not None:
            _keep(results, grid, old, store, time.monotonic() - started)
            # A larger sweep that was interrupted goes on from its cells, which no store has yet.
            if not elsewhere:
                record.clear()
    if students == 1:
        results = results.isel(student=0, drop=True)
    return results


def _check_over(over: Mapping[str, Sequence[Any]], free: bool) -> None:
    known = [field.name for field in fields(Problem)]
    for name, values in over.items():
        if name not in known and not free:
            raise ValueError(f"over = {name!r} is not allowed: one of {known} is needed")
        if name in ("trial", "student", "model"):
            raise ValueError(f"over = {name!r} is not allowed: results have this dimension already")
        if not len(values) or len(set(values)) < len(values):
            raise ValueError(f"{name} = {values!r} is not allowed: different values are needed")
        if np.asarray(values).ndim != 1 or np.asarray(values).dtype.kind not in "iufU":
            raise ValueError(f"{name} = {values!r} is not allowed: numbers or strings are needed")


def _check_storable(over: Mapping[str, Sequence[Any]]) -> None:
    for name, values in over.items():
        numbers = np.asarray(values)
        if numbers.dtype.kind in "iu" and np.any((numbers < -(2**31)) | (numbers >= 2**31)):
            raise ValueError(
                f"{name} = {values!r} is not allowed with a store: whole numbers in "
                "[-2^31, 2^31) are needed"
            )


@contextmanager
def _record(store: str | os.PathLike[str] | None) -> Iterator[Record]:
    """The journal beside a store; without a store, a record in memory."""
    if store is None:
        yield Record()
        return
    path = Path(f"{os.fspath(store)}.journal")
    path.parent.mkdir(parents=True, exist_ok=True)
    with Journal(path) as journal:
        yield journal


def _known(stored: xr.Dataset, grid: Grid, store: str | os.PathLike[str]) -> dict[str, Values]:
    """Cells that a store has, by identity.

    Raises
    ------
    ValueError
        If the store is of another definition.
    """
    constants = grid.constants()
    differing = [
        f"{name} is {stored.attrs.get(name)!r} there and {value!r} here"
        for name, value in constants.items()
        if stored.attrs.get(name) != value
    ]
    if differing or not set(grid.over) <= set(stored.dims):
        told = "; ".join(differing) or f"it has the dimensions {list(stored.dims)}"
        raise ValueError(f"{store} holds another sweep: {told}; use another file or remove it")
    there = replace(
        grid,
        over={name: stored[name].values.tolist() for name in grid.over},
        trials=stored.sizes["trial"],
        students=stored.sizes["student"],
    )
    ordered = stored.transpose(*grid.over, "trial", "student", "model", ...)
    arrays = {name: ordered[name].values for name in VARIABLES if name in stored}
    first = ordered["first_cell"].values
    known: dict[str, Values] = {}
    for position, cell in there.cells():
        values = {name: array[position].tolist() for name, array in arrays.items()}
        if any(number != number for row in values.values() for number in row):
            continue  # a gap between two grids
        point, (trial, student) = position[:-2], position[-2:]
        if not trial and not student and str(first[point]) != cell.identity:
            raise ValueError(
                f"{store} holds another sweep: at {point}, fields differ from these, or the "
                "meaning of a registered activation"
            )
        known[cell.identity] = values
    return known


def _keep(
    results: xr.Dataset,
    grid: Grid,
    old: xr.Dataset | None,
    store: str | os.PathLike[str],
    duration: float,
) -> None:
    """Write the store, with its provenance; points of the older one stay.

    Both are of one definition; where both have numbers, these results count.
    """
    first = [grid.cell(point, 0).identity for point in grid.points()]
    shape = [len(values) for values in grid.over.values()]
    full = results.assign(first_cell=(tuple(grid.over), np.array(first).reshape(shape)))
    if old is not None:
        full = full.combine_first(old).assign_attrs(full.attrs)
    stores.save(
        full.assign_attrs(
            created=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
            machine=f"{platform.system()} {platform.machine()}, "
            f"Python {platform.python_version()}, "
            f"numpy {np.__version__}",
            duration=round(duration, 1),
        ),
        store,
    )
