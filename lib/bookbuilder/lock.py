"""One build at a time in a project."""

from __future__ import annotations

import contextlib
import fcntl
import sys
from collections.abc import Iterator

from bookbuilder.project import Project


@contextlib.contextmanager
def build_lock(project: Project) -> Iterator[None]:
    """Hold the project's build directory; waits, and says so, while another build holds it.

    The lock belongs to the process: it is gone when the process is, however it ends.
    """
    project.build.mkdir(exist_ok=True)
    with (project.build / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting for another build of this book to end", file=sys.stderr)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
