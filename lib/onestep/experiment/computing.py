"""Computing the cells of a sweep: here, in many processes, or on a cluster, with equal numbers."""

from __future__ import annotations

import concurrent.futures
import contextlib
import multiprocessing
import multiprocessing.connection
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import Any

from tqdm import tqdm

from .._support import check
from .cell import Cell, Numbers, compute, compute_elsewhere, definitions
from .journal import Record


def compute_missing(
    cells: Sequence[Cell],
    record: Record,
    *,
    processes: int = 1,
    client: Any = None,
    progress: bool = False,
) -> None:
    """Compute the cells that the record does not have, and append each as soon as it is done.

    Parameters
    ----------
    cells
        Of one sweep, in any order.
    record
        Of finished cells; a journal must be entered.
    processes
        Processes on this machine, >= 1, one thread each; 1 computes in this one.
    client
        A `distributed.Client`: its cluster computes, and a cell whose worker dies is computed by
        another.
    progress
        Show a bar with the time remaining.

    Raises
    ------
    ValueError
        If `processes` is no number >= 1, or given together with a client.
    """
    check.integer("processes", processes, 1)
    if client is not None and processes != 1:
        raise ValueError(f"processes = {processes} is not allowed with a client: 1 is needed")
    groups: dict[str, dict[str, Cell]] = {}
    for cell in cells:
        if cell.identity not in record.finished:
            groups.setdefault(cell.together, {})[cell.identity] = cell
    total = len({cell.identity for cell in cells})
    missing = sum(map(len, groups.values()))
    with tqdm(
        total=total, initial=total - missing, disable=not progress, unit="cell", smoothing=0.05
    ) as bar:
        for identities, values in _results(list(groups.values()), processes, client):
            record.append(dict(zip(identities, values, strict=True)))
            bar.update(len(identities))


def _results(
    groups: list[dict[str, Cell]], processes: int, client: Any
) -> Iterator[tuple[list[str], list[Numbers]]]:
    """Identities and values of every group, as they are finished."""
    if client is None and processes == 1:
        for group in groups:
            yield list(group), compute(list(group.values()))
        return
    with _executor(processes, client) as executor:
        waiting: dict[Future[list[Numbers]], list[str]] = {}
        rest = iter(groups)
        try:
            while True:
                # A few groups ahead of the workers, not all: an interrupt has little to cancel.
                for group in _take(rest, _AHEAD * _slots(processes, client) - len(waiting)):
                    found = list(group.values())
                    names = [name for cell in found for name in cell.named]
                    future = executor.submit(compute_elsewhere, found, definitions(*names))
                    waiting[future] = list(group)
                if not waiting:
                    return
                done, _ = concurrent.futures.wait(
                    waiting, return_when=concurrent.futures.FIRST_COMPLETED
                )
                for future in done:
                    yield waiting.pop(future), future.result()
        finally:
            for future in waiting:
                future.cancel()


_AHEAD = 3


def _take(groups: Iterator[dict[str, Cell]], count: int) -> Iterator[dict[str, Cell]]:
    for _ in range(count):
        group = next(groups, None)
        if group is None:
            return
        yield group


def _slots(processes: int, client: Any) -> int:
    return processes if client is None else max(1, sum(client.nthreads().values()))


def _executor(processes: int, client: Any) -> contextlib.AbstractContextManager[Executor]:
    if client is not None:
        # Identical cells of two calls are the same task to Dask, unless told otherwise.
        executor: Executor = client.get_executor(pure=False)
        return executor
    # A forked process would inherit the locks of this one's threads.
    context = multiprocessing.get_context("spawn")
    return concurrent.futures.ProcessPoolExecutor(
        processes, mp_context=context, initializer=_end_with_parent
    )


def _end_with_parent() -> None:
    """Let a worker end when its parent is killed; otherwise it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
