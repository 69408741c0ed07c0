"""One build at a time in a directory."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def build_lock(build: Path) -> Iterator[None]:
    """Hold the directory `build`, made when missing; waits, and says so, while another does."""
    build.mkdir(exist_ok=True)
    with (build / ".lock").open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            print(f"waiting for the end of {handle.read()}", file=sys.stderr, flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        handle.truncate(0)
        command = " ".join(["another build", *sys.argv[1:]])
        handle.write(f"{command} (process {os.getpid()}, since {time.strftime('%H:%M')})")
        handle.flush()
        try:
            yield
        finally:
            handle.truncate(0)
