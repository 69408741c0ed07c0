"""Filling a study with numbers: those that its store lacks are computed, and none is ever lost."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from .._support.journal import Journal, Record
from . import stores
from .cell import Numbers, listed
from .computing import compute_missing
from .study import Study


def fill(
    study: Study,
    store: str | os.PathLike[str] | None = None,
    *,
    missing_only: bool = True,
    processes: int = 1,
    client: Any = None,
    progress: bool = False,
) -> xr.Dataset:
    """Results of a study, computed where its store does not have them yet.

    Arguments and errors are as for `onestep.sweep`; the results have all dimensions of the study,
    and its constants as ``attrs``.

    Examples
    --------
    >>> from onestep.experiment import grid
    >>> from onestep.network import Problem
    >>> study = grid(Problem(n=20, m=30, k=10), {"beta": [0.2, 0.5]}, trials=2)
    >>> dict(fill(study).sizes)
    {'beta': 2, 'trial': 2, 'student': 1, 'model': 2}
    """
    path = None if store is None else stores.location(store)
    # All cells first: a bad value is refused before any of them has cost time.
    placed = list(study.cells())
    cells = [cell for _, cell in placed]
    started = time.monotonic()
    with _record(path) as record:
        old = None
        known: dict[str, Numbers] = {}
        if path is not None and path.exists():
            old = stores.load(path)
            known = _known(old, study, path)
        own = {cell.identity for cell in cells}
        elsewhere = record.finished.keys() - known.keys() - own
        record.finished.update(known)
        if not missing_only:
            for identity in own & record.finished.keys():
                del record.finished[identity]
        if path is not None and own - record.finished.keys():
            stores.rehearse(_labelled(study.blank(), study, old), path)
        compute_missing(
            cells,
            record,
            accept=study.checked,
            processes=processes,
            client=client,
            progress=progress,
        )
        results = study.dataset((at, record.finished[cell.identity]) for at, cell in placed)
        if path is not None:
            stores.save(_labelled(results, study, old, time.monotonic() - started), path)
            # A larger study that was interrupted goes on from its cells, which no store has yet.
            if not elsewhere:
                record.clear()
    return results


@contextmanager
def _record(store: Path | None) -> Iterator[Record[Numbers]]:
    """The journal beside a store; without a store, a record in memory."""
    if store is None:
        yield Record()
        return
    with ExitStack() as stack:
        try:
            store.parent.mkdir(parents=True, exist_ok=True)
            journal: Journal[Numbers] = stack.enter_context(
                Journal(store.with_name(f"{store.name}.journal"))
            )
        except BlockingIOError:
            raise
        except OSError as error:
            raise stores.unwritable(store, error) from error
        yield journal


def _known(stored: xr.Dataset, study: Study, store: Path) -> dict[str, Numbers]:
    """Cells that a store has, by identity; one of another definition is refused."""
    differing = [
        f"{name} is {stored.attrs.get(name)!r} there and {value!r} here"
        for name, value in study.constants.items()
        if stored.attrs.get(name) != value
    ]
    if differing or not set(study.points) <= set(stored.dims):
        told = "; ".join(differing) or f"it has the dimensions {list(stored.dims)}"
        raise ValueError(f"{store} holds another sweep: {told}; use another file or remove it")
    points = {name: stored[name].values.tolist() for name in study.points}
    repeats = {name: stored.sizes[name] for name in study.repeats}
    there = replace(study, points=points, repeats=repeats)
    ordered = stored.transpose(*points, *study.repeats, study.row[0], ...)
    wrong = ordered["first_cell"].values != there.first_cells().values
    # Between two grids there are gaps, points that neither has.
    wrong &= ordered["first_cell"].values != ""
    if np.any(wrong):
        raise ValueError(
            f"{store} holds another sweep: at {tuple(np.argwhere(wrong)[0].tolist())}, fields "
            "differ from these, or the meaning of a registered activation"
        )
    arrays = {name: ordered[name].values for name in study.variables if name in stored}
    known: dict[str, Numbers] = {}
    for position, cell in there.cells():
        rows = {name: array[position] for name, array in arrays.items()}
        if not all(np.isnan(row).all() for row in rows.values()):
            known[cell.identity] = {name: listed(row) for name, row in rows.items()}
    return known


def _labelled(
    results: xr.Dataset, study: Study, old: xr.Dataset | None, duration: float = 0.0
) -> xr.Dataset:
    """What the store will be: results with their provenance; points of the older one stay.

    Both are of one definition; where both have numbers, these results count.
    """
    full = results.assign(first_cell=study.first_cells())
    if old is not None:
        full = full.combine_first(old).assign_attrs(full.attrs)
    return full.assign_attrs(stores.provenance(), duration=round(duration, 1))
