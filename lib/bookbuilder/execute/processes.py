"""Starting processes so that none outlives the build, however the build ends.

Kernels run in sessions of their own, which a terminal's Ctrl-C does not reach: the build ends every
descendant of a process it started. Should it be killed itself, the lifeline tells its workers.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import IO, TYPE_CHECKING, TypeVar

import psutil

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Request = TypeVar("Request")

# Whatever the locale and a reader's shell say: an empty value is none.
_PYTHON = {
    "PYTHONUTF8": "1",
    **dict.fromkeys(("PYTHONOPTIMIZE", "PYTHONSTARTUP", "PYTHONWARNINGS"), ""),
}


class Interrupted(BaseException):
    """A signal asked the build to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Within: SIGINT, SIGTERM and SIGHUP raise `Interrupted`, once; clean-up is not disturbed."""

    def stop(number: int, _frame: FrameType | None) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(number)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def start_module(
    module: str,
    request: DataclassInstance,
    log: IO[bytes],
    environment: Mapping[str, str],
    directory: Path,
) -> subprocess.Popen[bytes]:
    """Start ``python -m module`` in a session of its own; it reads `request` by `read_request`."""
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        env={**os.environ, **_PYTHON, **environment},
        cwd=directory,
        start_new_session=True,
    )
    assert process.stdin is not None
    # The pipe stays open afterwards: when the build dies, its end closes.
    process.stdin.write(json.dumps(asdict(request)).encode() + b"\n")
    process.stdin.flush()
    return process


def read_request(kind: type[Request]) -> Request:
    """In a started module: its request. From here on the process ends when the build ends."""
    request = kind(**json.loads(sys.stdin.readline()))
    lifeline = os.dup(sys.stdin.fileno())

    def watch() -> None:
        while os.read(lifeline, 1):
            pass
        end_trees([os.getpid()])

    threading.Thread(target=watch, daemon=True).start()
    return request


def end_trees(pids: Sequence[int]) -> None:
    """Kill processes with all their descendants and wait until they are gone."""
    doomed: list[psutil.Process] = []
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            root = psutil.Process(pid)
            if pid != os.getpid():
                root.suspend()  # it cannot start another child while they are listed
            doomed += [*root.children(recursive=True), root]
    own = [process for process in doomed if process.pid == os.getpid()]
    for process in [process for process in doomed if process not in own] + own:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(doomed, timeout=10)
