"""Runs every chapter that draws anything under other seeds, and keeps a table of its claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bookbuilder._support.errors import BookError
from bookbuilder._support.files import read_json
from bookbuilder.declare.notebook import load, read_chapter
from bookbuilder.declare.profile import SEED, Profile, drawing_chapters, seed_values
from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import chapters, check_chapter
from bookbuilder.execute.claim_table import (
    ClaimRow,
    merged,
    read_table,
    rows_of,
    today,
    write_table,
)
from bookbuilder.execute.failure import Failure
from bookbuilder.execute.fingerprint import chapter_code, code_digest
from bookbuilder.rerun.missing import run_missing
from bookbuilder.rerun.points import Point, points_at
from bookbuilder.rerun.rerun import RECORD, Rerun, kept


@dataclass(frozen=True)
class Seeds:
    """Chapters under other seeds."""

    rows: list[ClaimRow]  # of the runs that were asked for, in reading order
    runs: int  # how many runs these are, and how many of them an earlier command had finished
    kept: int
    raised: list[Failure]  # runs whose code did not come to its end


def chosen_chapters(project: Project, names: Sequence[str]) -> list[str]:
    """The named chapters in reading order, or all that draw anything if none is named."""
    for name in names:
        check_chapter(project, name)
    drawing = drawing_chapters(project)
    for name in names:
        if name not in drawing:
            raise BookError(
                f"CHAPTER = {name!r} draws nothing: choose from {', '.join(drawing) or 'none'}"
            )
    if not drawing:
        raise BookError("no chapter has the parameter `seed`: there is nothing to draw again")
    return [chapter for chapter in drawing if not names or chapter in names]


def run_seeds(
    project: Project,
    count: int,
    names: Sequence[str],
    profile: Profile,
    workers: int,
    scheduler: str = "",
) -> Seeds:
    """Run chapters at the seeds 1 to `count`, and merge what they claim into the stored table.

    All chapters that draw anything, if none is named. A run is kept as soon as it ends, claims
    that do not hold stop nothing, and a killed command goes on where it was. Nothing has run where
    something is refused.
    """
    chosen = chosen_chapters(project, names)
    stored = read_table(project.seeds)
    points: list[Point] = []
    for chapter in chosen:
        seed_values(read_chapter(project, chapter), chapter, {}, count)  # or it is refused
        points += points_at(project, chapter, {SEED: list(range(1, count + 1))}, profile)
    reruns = {point.place: rerun for point in points if (rerun := kept(point, rendered=False))}
    missing = [point for point in points if point.place not in reruns]

    def found(point: Point, rerun: Rerun) -> None:
        reruns[point.place] = rerun

    run_missing(project, missing, None, workers, scheduler, found)
    code = code_digest(project)
    rows = [row for p in points for row in _rows(project, p, reruns[p.place], profile, code)]
    write_table(project.seeds, merged(stored, rows, chapters(project)))
    failures = [reruns[point.place].failure for point in points]
    raised = [each for each in failures if each is not None and not each.claims_only]
    return Seeds(rows, len(points), len(points) - len(missing), raised)


def _rows(
    project: Project, point: Point, rerun: Rerun, profile: Profile, code: str
) -> Iterator[ClaimRow]:
    """One row for each claim; one more where the code did not come to its end."""
    seed = point.values[SEED]
    assert isinstance(seed, int)
    source = project.source(point.chapter).read_text(encoding="utf-8")
    date = (read_json(point.place / RECORD) or {}).get("date") or today()
    notebook = load(rerun.notebook) if rerun.notebook.is_file() else None
    raised = rerun.failure is not None and not rerun.failure.claims_only
    run = (profile, point.chapter, seed, chapter_code(code, source), date)
    return rows_of(notebook, raised, *run)
