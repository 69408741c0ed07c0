"""One build at a time in a directory."""

from __future__ import annotations

import contextlib
import fcntl
import sys
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def build_lock(build: Path) -> Iterator[None]:
    """Hold the directory `build`, made when missing; waits, and says so, while another build does.

    The lock belongs to the process: it is gone when the process is, however it ends.
    """
    build.mkdir(exist_ok=True)
    with (build / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting for another build of this book to end", file=sys.stderr)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
