"""Runs points of any chapters, here or on a cluster; each is kept as soon as it ends."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from bookbuilder._support.errors import BookError, RenderError
from bookbuilder.declare.profile import Profile
from bookbuilder.declare.project import Project
from bookbuilder.execute.failure import Failure
from bookbuilder.execute.schedule import Job, Result, run_job, run_jobs
from bookbuilder.rerun.points import Point
from bookbuilder.rerun.rerun import Rerun, job, keep


def run_missing(
    project: Project,
    points: Sequence[Point],
    profile: Profile | None,
    workers: int,
    scheduler: str,
    found: Callable[[Point, Rerun], None],
) -> None:
    """Run points that have not run yet, all different, and store what they leave.

    Here, so many workers at a time, or on the Dask scheduler at an address. The profile is told on
    the page of each; None makes no pages. `found` is called with each point when it is stored.
    """
    alone = len({point.chapter for point in points}) == 1
    jobs = [
        job(project, point, point.label if alone else f"{point.chapter} {point.label}")
        for point in points
    ]
    waiting = {job.name: point for job, point in zip(jobs, points, strict=True)}

    def finished(result: Result) -> str:
        point = waiting[result.job.name]
        try:
            rerun = keep(project, point, result, profile)
        except RenderError as error:
            rerun = Rerun(point.place, None, Failure(point.chapter, point.values, str(error)))
        found(point, rerun)
        return "FAILED" if rerun.failure else "finished"

    if scheduler and jobs:
        _run_on_cluster(jobs, scheduler, finished)
    else:
        run_jobs(jobs, workers, finished)


def _run_on_cluster(jobs: Sequence[Job], address: str, finished: Callable[[Result], str]) -> None:
    """Run all jobs on the workers of a scheduler, one thread each, one per thread of a worker.

    The workers need the version of the library that is installed here. A job whose worker dies
    is started on another; if it ends several workers, its result says so. `finished` is as for
    `run_jobs`.
    """
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError:
        raise BookError(f"SCHEDULER = {address!r} needs Dask: install the extra `dask`") from None
    try:
        client = distributed.Client(address, timeout="5s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise BookError(
            f"SCHEDULER = {address!r} must be the address of a running Dask scheduler: {error}"
        ) from None
    with client:
        futures = {client.submit(run_job, job, threads=1, pure=False): job for job in jobs}
        try:
            for count, future in enumerate(distributed.as_completed(futures, loop=client.loop), 1):
                job = futures[future]
                died = future.exception()
                result = Result(job, 3, None, str(died), 0.0) if died else future.result()
                print(f"{finished(result):8} {job.name}; {count} of {len(jobs)} done", flush=True)
        finally:
            client.cancel(list(futures))
