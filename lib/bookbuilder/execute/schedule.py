"""Runs chapters in parallel worker processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from nbformat import NotebookNode

from bookbuilder._support.files import write_text
from bookbuilder.declare.domain import Value
from bookbuilder.declare.notebook import complaints, dumps, load
from bookbuilder.execute.processes import end_trees, start_module
from bookbuilder.execute.progress import Progress
from bookbuilder.execute.worker import ChapterRequest

THREAD_VARIABLES = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS", "BLIS_NUM_THREADS",
)  # fmt: skip


@dataclass(frozen=True)
class Job:
    """A chapter to run."""

    chapter: str
    notebook: NotebookNode
    values: Mapping[str, Value]  # parameters to inject
    expected: float | None  # seconds of its last run, None if it never ran
    # Journal of what an interrupted run had found, to go on with; None keeps nothing
    kept: Path | None = None
    # What the progress display calls it, different for all jobs; empty for the chapter's name
    label: str = ""

    @property
    def name(self) -> str:
        """What the progress display calls it."""
        return self.label or self.chapter


@dataclass(frozen=True)
class Result:
    """How a job ended."""

    job: Job
    exit_code: int  # of the worker; see `worker.main`
    notebook: NotebookNode | None  # as papermill saved it last; None if it never did
    log: str  # what the worker printed
    seconds: float


@dataclass(frozen=True)
class _Running:
    job: Job
    process: subprocess.Popen[bytes]
    directory: Path
    log: IO[bytes]
    start: float


def default_workers() -> int:
    """As many as this process may use cores."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_jobs(
    jobs: Sequence[Job], workers: int, finished: Callable[[Result], str], threads: int | None = None
) -> None:
    """Run all jobs, the longest first, as many at a time as there are workers.

    They share the cores evenly, unless `threads` says how many each may have. `finished` is
    called with each result, and returns a word for the progress display. When interrupted, every
    worker and its kernel is ended first.
    """
    if not jobs:
        return
    # A chapter that never ran may be the longest: it goes first.
    waiting = sorted(jobs, key=lambda job: -(job.expected or float("inf")))
    workers = min(workers, len(jobs))
    threads = threads or max(1, default_workers() // workers)
    running: list[_Running] = []
    with ExitStack() as stack:
        progress = Progress({job.name: job.expected for job in waiting}, workers)
        stack.callback(progress.close)
        # Short names: the path of a Unix socket is limited to about 100 characters.
        scratch = Path(tempfile.mkdtemp(prefix="book-"))
        stack.callback(shutil.rmtree, scratch, ignore_errors=True)
        stack.callback(lambda: end_trees([each.process.pid for each in running]))
        while waiting or running:
            while waiting and len(running) < workers:
                job = waiting.pop(0)
                progress.started(job.name)
                running.append(_start(job, scratch, threads))
            time.sleep(0.05)
            progress.tick()
            for each in [each for each in running if each.process.poll() is not None]:
                result = _collect(each)
                running.remove(each)
                heard = complaints(result.notebook) if result.notebook is not None else ""
                progress.finished(each.job.name, finished(result), heard)


def run_job(
    job: Job, outcome: Callable[[Result], str] = lambda result: "ended", threads: int | None = None
) -> Result:
    """Run one job; `outcome` says in a word how it ended, for the progress display."""
    results: list[Result] = []

    def finished(result: Result) -> str:
        results.append(result)
        return outcome(result)

    run_jobs([job], 1, finished, threads)
    return results[0]


_KEEP = """import pathlib
import onestep._support.kept
onestep._support.kept.keep(pathlib.Path({path!r}))
del pathlib, onestep
"""


def _start(job: Job, scratch: Path, threads: int) -> _Running:
    directory = Path(tempfile.mkdtemp(dir=scratch))
    (directory / "in.ipynb").write_text(dumps(job.notebook), encoding="utf-8")
    work = directory / "w"
    work.mkdir()
    request = ChapterRequest(
        source=str(directory / "in.ipynb"),
        output=str(directory / "out.ipynb"),
        values=dict(job.values),
        scratch=str(work),
    )
    (directory / "matplotlibrc").touch()
    if job.kept is not None:
        # By the kernel itself: processes that a chapter starts must not write to the same journal.
        startup = directory / "ipython" / "profile_default" / "startup" / "keep.py"
        write_text(startup, _KEEP.format(path=str(job.kept)))
    environment = {
        **dict.fromkeys(THREAD_VARIABLES, str(threads)),
        # A reader's own settings, start-up files and kernels must not change the book.
        "MATPLOTLIBRC": str(directory / "matplotlibrc"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "IPYTHONDIR": str(directory / "ipython"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    log = (directory / "log").open("wb")
    process = start_module("bookbuilder.execute.worker", request, log, environment, directory)
    return _Running(job, process, directory, log, time.monotonic())


def _collect(each: _Running) -> Result:
    each.log.close()
    assert each.process.stdin is not None
    each.process.stdin.close()
    output = each.directory / "out.ipynb"
    result = Result(
        job=each.job,
        exit_code=each.process.returncode,
        notebook=load(output) if output.is_file() else None,
        log=(each.directory / "log").read_text(encoding="utf-8", errors="replace"),
        seconds=round(time.monotonic() - each.start, 2),
    )
    shutil.rmtree(each.directory, ignore_errors=True)
    return result
