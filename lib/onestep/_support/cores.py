"""Independent pieces of work, side by side on the cores that this process may use.

NumPy's products, LAPACK and the random numbers release the interpreter's lock, so threads do. Two
threads of one product get in each other's way; two products with one thread each do not.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from threadpoolctl import ThreadpoolController, threadpool_limits

from .kept import resumed

Item = TypeVar("Item")
Found = TypeVar("Found")

_lock = threading.Lock()
_inside = 0
_limits: threadpool_limits | None = None


def cores() -> int:
    """How many threads this process may use: as many as its matrix products do.

    ``OMP_NUM_THREADS``, ``threadpool_limits`` and the cores that the process was given bound it;
    within `side_by_side` it is 1, so that nested calls start no threads of their own.

    Examples
    --------
    >>> from threadpoolctl import threadpool_limits
    >>> with threadpool_limits(1):
    ...     cores()
    1
    """
    pools = ThreadpoolController().select(user_api="blas").info()
    return max((pool["num_threads"] for pool in pools), default=1)


def side_by_side(
    function: Callable[[Item], Found], items: Iterable[Item], memory: float = 0.0
) -> list[Found]:
    """What `function` gives of each item, in their order; each with one thread of its own.

    It depends on its item only, and changes nothing that another call sees. As many calls run
    at a time as half of the machine's memory holds, at so many bytes each. The first exception
    that a call raised is raised; calls that have not begun are dropped then.

    Examples
    --------
    >>> side_by_side(abs, [-1, 2, -3])
    [1, 2, 3]
    """
    waiting, piece = list(enumerate(items)), resumed(function)
    workers = min(len(waiting), cores(), max(1, int(0.5 * _machine_memory() / max(memory, 1.0))))
    if workers <= 1:
        return [piece(numbered) for numbered in waiting]
    with _one_thread_each(), ThreadPoolExecutor(workers) as pool:
        return list(pool.map(piece, waiting))


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Products with one thread, until the last of those that asked for it at once has left."""
    global _inside, _limits
    with _lock:
        _inside += 1
        if _inside == 1:
            _limits = threadpool_limits(1)
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside and _limits is not None:
                _limits.restore_original_limits()
                _limits = None


def _machine_memory() -> float:
    """Bytes of the machine; unbounded where it does not tell."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, OSError, ValueError):
        return float("inf")
