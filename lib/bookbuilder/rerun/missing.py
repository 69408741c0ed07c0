"""Runs points of any chapters, here or on a cluster; each is kept as soon as it ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bookbuilder._support.errors import RenderError
from bookbuilder.declare.profile import Profile
from bookbuilder.declare.project import Project
from bookbuilder.execute.failure import Failure
from bookbuilder.execute.schedule import Result, run_jobs
from bookbuilder.rerun.cluster import run_jobs_on_cluster
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

    Here, so many workers at a time, or on the workers of the Dask scheduler at an address. The
    profile is told on the page of each; None makes no pages. `found` is called with each point
    as soon as it is stored.
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
        run_jobs_on_cluster(jobs, scheduler, finished)
    else:
        run_jobs(jobs, workers, finished)
