"""Computing the cells of a sweep: here, in many processes, or on a cluster, with equal numbers."""

from __future__ import annotations

import concurrent.futures
import contextlib
import itertools
import os
import threading
import time
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import Any

import loky
from tqdm import tqdm

from .._support import check
from .._support.journal import Record
from .._support.version import __version__
from .cell import CODE, Cell, Numbers, compute, compute_elsewhere, definitions


def compute_missing(
    cells: Sequence[Cell],
    record: Record[Numbers],
    *,
    processes: int = 1,
    client: Any = None,
    progress: bool = False,
    accept: Callable[[Numbers], Numbers] = lambda numbers: numbers,
) -> None:
    """Compute the cells that the record does not have, and append each as soon as it is done.

    Here, in so many processes of one thread each, or on the cluster of a `distributed.Client`,
    where a cell whose worker dies is computed by another. `accept` gives back what may be
    recorded of a cell, and refuses what may not. A journal must be entered.
    """
    processes = check.integer("processes", processes, 1)
    if client is not None and processes != 1:
        raise ValueError(f"processes = {processes} is not allowed with a client: 1 is needed")
    if client is not None:
        require_workers(client)
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
            accepted = [accept(each) for each in values]
            record.append(dict(zip(identities, accepted, strict=True)))
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
                free = _AHEAD * _slots(processes, client) - len(waiting)
                for group in itertools.islice(rest, max(0, free)):
                    found = list(group.values())
                    names = [name for cell in found for name in cell.named]
                    future = executor.submit(compute_elsewhere, found, definitions(*names), CODE)
                    waiting[future] = list(group)
                if not waiting:
                    return
                done = _finished(waiting, client)
                # What succeeded before what failed: nothing that was computed is lost.
                for future in sorted(done, key=lambda each: each.exception() is not None):
                    yield waiting.pop(future), future.result()
        except Exception:
            for future in waiting:
                future.cancel()
            for future in concurrent.futures.as_completed(waiting):
                if not future.cancelled() and future.exception() is None:
                    yield waiting[future], future.result()
            raise
        finally:
            for future in waiting:
                future.cancel()


def _finished(
    waiting: Collection[Future[list[Numbers]]], client: Any
) -> set[Future[list[Numbers]]]:
    """Those that are done, at least one; a cluster that has lost its workers is told of."""
    while True:
        done, _ = concurrent.futures.wait(
            waiting,
            timeout=None if client is None else _PATIENCE,
            return_when=concurrent.futures.FIRST_COMPLETED,
        )
        if done:
            return done
        _warn_without_workers(client)


_AHEAD = 3
_PATIENCE = 30.0  # seconds without a result before the workers are counted


def _slots(processes: int, client: Any) -> int:
    return processes if client is None else max(1, sum(client.nthreads().values()))


def _executor(processes: int, client: Any) -> contextlib.AbstractContextManager[Executor]:
    if client is not None:
        # Identical cells of two calls are the same task to Dask, unless told otherwise.
        executor: Executor = client.get_executor(pure=False)
        return executor
    # Its processes do not import the script that started them, which would start it again.
    pool: Executor = loky.ProcessPoolExecutor(
        processes, initializer=_end_with, initargs=(os.getpid(),)
    )
    return pool


def _end_with(parent: int) -> None:
    """Let a worker end when its parent is killed; otherwise it would wait for work for ever."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def require_workers(client: Any) -> None:
    """Refuse what is no client, and, by address, workers of another version or code than this.

    A client without workers is a warning.
    """
    if not all(hasattr(client, name) for name in ("get_executor", "nthreads", "run")):
        hint = f": distributed.Client({client!r})" if isinstance(client, str) else ""
        raise ValueError(
            f"client = {client!r} is not allowed: a distributed.Client is needed{hint}"
        )

    def told() -> tuple[str, str]:
        # By itself, and not by name: workers of another version would not know it.
        import importlib

        cell = importlib.import_module("onestep.experiment.cell")
        return cell.__version__, getattr(cell, "CODE", "unknown")

    _warn_without_workers(client)
    # A worker whose library is too old, or missing, answers by an exception.
    answers = client.run(told, on_error="return")
    wrong = {
        address: f"onestep {found[0]}, code {found[1][:12]}"
        if isinstance(found, tuple)
        else repr(found)
        for address, found in answers.items()
        if found != (__version__, CODE)
    }
    if wrong:
        raise ValueError(
            f"client: workers have another library than the onestep {__version__}, code "
            f"{CODE[:12]}, of this process: {wrong}; install the same there, and start both anew"
        )


def _warn_without_workers(client: Any) -> None:
    """Say that everything waits, if a client has no workers."""
    if not client.nthreads():
        warnings.warn(f"{client} has no workers: the sweep waits until one joins", stacklevel=2)
