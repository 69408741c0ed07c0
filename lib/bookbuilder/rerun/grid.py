"""Runs a chapter at many points, each once, and keeps an index page of what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bookbuilder._support.files import write_text
from bookbuilder.declare.profile import Profile
from bookbuilder.declare.project import Project
from bookbuilder.execute.fingerprint import digest
from bookbuilder.rerun.grid_page import grid_page
from bookbuilder.rerun.missing import run_missing
from bookbuilder.rerun.points import Point
from bookbuilder.rerun.rerun import Rerun, kept


@dataclass(frozen=True)
class Grid:
    """A finished grid."""

    index: Path  # page with one row for each point
    reruns: list[Rerun]  # of each point, in the order given
    kept: int  # how many of them an earlier run had finished


def run_grid(
    project: Project, points: Sequence[Point], profile: Profile, workers: int, scheduler: str = ""
) -> Grid:
    """Run the points of a chapter that no earlier run of the same inputs finished.

    A point is kept as soon as it ends, and a killed grid goes on where it was. Finished is a
    point whose code ran to its end, whether or not its claims hold.
    """
    reruns = {point.label: rerun for point in points if (rerun := kept(point)) is not None}
    missing = [point for point in points if point.label not in reruns]
    index = index_path(project, points)

    def show() -> None:
        write_text(index, grid_page(points, reruns, index.parent))

    def found(point: Point, rerun: Rerun) -> None:
        reruns[point.label] = rerun
        show()

    show()
    run_missing(project, missing, profile, workers, scheduler, found)
    return Grid(index, [reruns[point.label] for point in points], len(points) - len(missing))


def index_path(project: Project, points: Sequence[Point]) -> Path:
    """Page of these points, beside their folders; its name tells the parameters that vary."""
    first = points[0].values
    varied = [name for name in first if any(p.values[name] != first[name] for p in points)]
    # In any order, the same points are the same grid.
    name = "-".join(["grid", *varied, digest(*sorted(point.label for point in points))[:8]])
    return project.runs(points[0].chapter) / name / "index.html"
