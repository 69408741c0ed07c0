"""Runs a chapter at many points, each once, and keeps an index page of what was found."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from bookbuilder._support.files import write_text
from bookbuilder.declare.notebook import load
from bookbuilder.declare.profile import Profile
from bookbuilder.declare.project import Project
from bookbuilder.declare.values import plain
from bookbuilder.execute.claims import collect
from bookbuilder.execute.fingerprint import digest
from bookbuilder.rerun.missing import run_missing
from bookbuilder.rerun.points import Point
from bookbuilder.rerun.rerun import Rerun, kept
from onestep.claims.rendering import html_line

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font-family: system-ui, sans-serif; line-height: 1.5; margin: 2rem auto; max-width: 80rem;
  padding: 0 1rem; }}
.scroll {{ overflow-x: auto; }}
table {{ border-collapse: collapse; }}
th, td {{ border-bottom: 1px solid; padding: .4rem .8rem; text-align: left; vertical-align: top; }}
ul {{ list-style: none; margin: 0; padding: 0; }}
pre {{ margin: 0; white-space: pre-wrap; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{summary} Re-runs, not part of the book. A claim holds if its measurement is equivalent to its
target and its control is different.</p>
<div class="scroll" role="region" aria-label="Points of the grid" tabindex="0">
<table>
<thead><tr>{head}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
</div>
</body>
</html>
"""


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


def grid_page(points: Sequence[Point], reruns: Mapping[str, Rerun], folder: Path) -> str:
    """HTML of the page in a folder; a point without a re-run, by its label, has not run yet."""
    chapter = points[0].chapter
    names = list(points[0].values)
    done = [reruns[point.label] for point in points if point.label in reruns]
    broken = sum(rerun.page is None for rerun in done)
    doubtful = sum(rerun.page is not None and rerun.failure is not None for rerun in done)
    summary = (
        f"{len(done)} of {len(points)} points have run; {broken} failed, and the claims of "
        f"{doubtful} do not all hold."
    )
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in [*names, "claims", "page"])
    rows = "\n".join(_row(point, names, reruns.get(point.label), folder) for point in points)
    return _PAGE.format(
        title=f"{escape(chapter)}: {len(points)} points", summary=summary, head=head, rows=rows
    )


def _row(point: Point, names: Sequence[str], rerun: Rerun | None, folder: Path) -> str:
    cells = [escape(plain(point.values[name])) for name in names]
    if rerun is None:
        cells += ["not run yet", ""]
    elif rerun.page is None:
        reason = rerun.failure.reason if rerun.failure else ""
        cells += [f"<strong>failed</strong><pre>{escape(reason)}</pre>", ""]
    else:
        link = quote(Path(os.path.relpath(rerun.page, folder)).as_posix())
        cells += [_verdicts(rerun), f'<a href="{link}">{escape(point.label)}</a>']
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _verdicts(rerun: Rerun) -> str:
    """Each claim on a line, then whatever else is wrong."""
    found = collect(load(rerun.notebook))
    lines = [html_line(claim) for claim in found]
    if rerun.failure and all(claim["passed"] for claim in found):
        lines.append(f"<strong>{escape(rerun.failure.reason)}</strong>")
    return "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>" if lines else "none"
