"""Brings the executed notebooks of a profile up to date."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from bookbuilder._support.errors import BookError
from bookbuilder._support.files import read_json, write_json, write_text
from bookbuilder.declare.domain import Value
from bookbuilder.declare.notebook import dumps, load, outside_state, read_chapter, tidy
from bookbuilder.declare.profile import (
    Profile,
    edition,
    profile_values,
    seed_parameter,
    seed_values,
)
from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import chapters
from bookbuilder.execute import claims
from bookbuilder.execute.claim_table import merged, read_table, rows_of, today, write_table
from bookbuilder.execute.failure import Failure, dead_kernel, failed_cell
from bookbuilder.execute.fingerprint import (
    chapter_code,
    chapter_key,
    code_digest,
    library_digest,
    text_digest,
)
from bookbuilder.execute.registered import check_planned
from bookbuilder.execute.schedule import Job, Result, run_jobs


@dataclass(frozen=True)
class Run:
    """One chapter after `execute_book`."""

    chapter: str
    values: Mapping[str, Value]
    notebook: Path  # path of the executed notebook, or of the failed one
    seconds: float
    kept: bool  # whether an earlier run was still valid
    failure: Failure | None  # None if the executed notebook is good


def execute_book(
    project: Project, profile: Profile, workers: int, seed: int | None = None
) -> list[Run]:
    """Execute every chapter whose inputs changed, and return their runs, failures included.

    A seed is that of every chapter that draws anything; None leaves each its own. What one seed
    left stays when the book is made at another. A book that is refused has started no kernel.
    """
    library = library_digest(project)
    runs: dict[str, Run] = {}
    jobs: list[Job] = []
    keys: dict[str, str] = {}
    editions: dict[str, str] = {}
    elsewhere = (read_json(project.seconds) or {}).get(profile, {})
    notebooks = {chapter: read_chapter(project, chapter) for chapter in chapters(project)}
    if seed is not None and not any(map(seed_parameter, notebooks.values(), notebooks)):
        raise BookError(f"SEED = {seed} changes nothing: no chapter has the parameter `seed`")
    check_planned(project, notebooks)
    for chapter, notebook in notebooks.items():
        values = profile_values(notebook, chapter, profile)
        reseeded = seed_values(notebook, chapter, values, seed)
        values |= reseeded
        # A chapter that a seed does not change has one run for all seeds.
        editions[chapter] = edition(profile, seed if reseeded else None)
        source = project.source(chapter).read_text(encoding="utf-8")
        outside = outside_state(notebook, chapter)
        keys[chapter] = chapter_key(library, source, values, outside)
        record = read_json(project.record(editions[chapter], chapter)) or {}
        executed = project.executed(editions[chapter], chapter)
        if record.get("key") == keys[chapter] and record.get("notebook") == text_digest(executed):
            runs[chapter] = Run(chapter, values, executed, record["seconds"], True, None)
        else:
            usual = read_json(project.record(profile, chapter)) or {}
            expected = record.get("seconds", usual.get("seconds", elsewhere.get(chapter)))
            kept = project.kept(editions[chapter], chapter) / f"{keys[chapter][:16]}.journal"
            _make_room(kept)
            jobs.append(Job(chapter, notebook, values, expected, kept))

    def finished(result: Result) -> str:
        chapter = result.job.chapter
        runs[chapter] = _store(project, editions[chapter], keys[chapter], result)
        if result.exit_code in (0, 1):  # a kernel that died may go on where it was
            shutil.rmtree(project.kept(editions[chapter], chapter), ignore_errors=True)
        if profile == "full" and seed is None:
            _record_full(project, runs[chapter], result.job.notebook, list(notebooks))
        return "FAILED" if runs[chapter].failure else "finished"

    run_jobs(jobs, workers, finished)
    return [runs[chapter] for chapter in notebooks]


def _record_full(
    project: Project, run: Run, notebook: NotebookNode, chapters: Sequence[str]
) -> None:
    """Put what a full run claimed, and how long it took, beside the chapters, to be committed."""
    parameter = seed_parameter(notebook, run.chapter)
    seed = parameter.default if parameter is not None else 0
    assert isinstance(seed, int)
    executed = load(run.notebook) if run.notebook.is_file() else None
    raised = run.failure is not None and not run.failure.claims_only
    source = project.source(run.chapter).read_text(encoding="utf-8")
    code, date = chapter_code(code_digest(project), source), today()
    rows = list(rows_of(executed, raised, "full", run.chapter, seed, code, date))
    write_table(project.full, merged(read_table(project.full), rows, chapters))
    known = read_json(project.seconds) or {}
    times = {**known.get("full", {}), run.chapter: round(run.seconds)}
    known["full"] = {name: times[name] for name in chapters if name in times}
    write_json(project.seconds, known)


def judge(result: Result) -> tuple[NotebookNode | None, Failure | None]:
    """The tidied notebook of a result, and what is wrong with it."""
    chapter, values = result.job.chapter, result.job.values
    if result.exit_code not in (0, 1) or result.notebook is None:
        return result.notebook, dead_kernel(result.notebook, chapter, values, result.log)
    notebook = tidy(result.notebook, chapter)
    failure = failed_cell(notebook, chapter, values)
    if failure is None and result.exit_code == 1:
        failure = dead_kernel(result.notebook, chapter, values, result.log)
    if failure is None and (problems := claims.problems(notebook, chapter)):
        failure = Failure(chapter, values, "\n".join(problems), claims_only=True)
    return notebook, failure


def _make_room(journal: Path) -> None:
    """A folder for a chapter's journal, where journals of other texts or libraries are gone."""
    journal.parent.mkdir(parents=True, exist_ok=True)
    for other in journal.parent.iterdir():
        if other != journal:
            other.unlink()


def _store(project: Project, edition: str, key: str, result: Result) -> Run:
    """Keep a good run for the book, a failed one for reading only."""
    chapter, values = result.job.chapter, result.job.values
    notebook, failure = judge(result)
    good, failed = project.executed(edition, chapter), project.failed(edition, chapter)
    place = failed if failure else good
    if notebook is not None:
        write_text(place, dumps(notebook))
    if failure is None:
        failed.unlink(missing_ok=True)
        # Written last, with the notebook's digest: one without the other counts for nothing.
        write_json(
            project.record(edition, chapter),
            {
                "key": key,
                "notebook": text_digest(good),
                "seconds": result.seconds,
                "values": dict(values),
            },
        )
    return Run(chapter, values, place, result.seconds, False, failure)
