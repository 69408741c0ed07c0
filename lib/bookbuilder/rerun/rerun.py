"""Re-runs a chapter at one point of a reader's, in ``_build/runs/<chapter>/<values>``."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from bookbuilder._support.files import (
    file_sizes,
    holds,
    read_json,
    recover_directory,
    swap_directory,
    write_json,
    write_text,
)
from bookbuilder.declare.domain import Value
from bookbuilder.declare.notebook import dumps, load
from bookbuilder.declare.profile import PROFILES, SEED, Profile
from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import pages
from bookbuilder.declare.values import settings
from bookbuilder.execute import claims
from bookbuilder.execute.claim_table import today
from bookbuilder.execute.execution import Run, judge
from bookbuilder.execute.failure import Failure
from bookbuilder.execute.fingerprint import digest, text_digest
from bookbuilder.execute.schedule import Job, Result, run_job
from bookbuilder.pages.record import build_record, rendering_record
from bookbuilder.pages.render import run_sphinx
from bookbuilder.rerun.points import Point

RECORD = "run.json"


@dataclass(frozen=True)
class Rerun:
    """What a re-run left."""

    notebook: Path  # executed notebook; up to the cell that raised if one did
    page: Path | None  # rendered page; None if the code failed, or none is wanted
    failure: Failure | None  # None if every cell ran and every claim holds


def rerun_point(project: Project, point: Point, profile: Profile) -> Rerun:
    """Run a chapter with other values, whether or not it ran with them before, and render it."""
    this = job(project, point, point.label)
    result = run_job(this, lambda result: "FAILED" if judge(result)[1] else "finished")
    return keep(project, point, result, profile)


def job(project: Project, point: Point, label: str) -> Job:
    """What to run for a point; `label` is what the progress display calls it.

    A point that never ran should take as long as a run of the book that differs in its seed only.
    """
    book = [project.record(profile, point.chapter) for profile in PROFILES]
    records = [read_json(path) or {} for path in (point.place / RECORD, *book)]
    alike = [
        record["seconds"]
        for record in records
        if "values" in record and _but_seed(record["values"]) == _but_seed(point.values)
    ]
    return Job(point.chapter, point.notebook, point.values, next(iter(alike), None), label=label)


def keep(project: Project, point: Point, result: Result, profile: Profile | None) -> Rerun:
    """Store a result in the folder of its point, with its page where the code ran to its end.

    The profile is told on the page; None makes none. If Sphinx refuses it, the folder is as before.
    """
    chapter, place = point.chapter, point.place
    executed, failure = judge(result)
    place.parent.mkdir(parents=True, exist_ok=True)
    recover_directory(place)
    staging = Path(tempfile.mkdtemp(dir=place.parent, prefix=".run-"))
    try:
        new = staging / "new"
        if executed is None:
            return Rerun(place, None, failure)
        text = dumps(executed)
        write_text(new / f"{chapter}.ipynb", text)
        ended = failure is None or failure.claims_only
        record: dict[str, object] = {
            "seconds": result.seconds,
            "values": dict(point.values),
            "date": today(),
        }
        if ended:
            # Only a run to the end has a key, so only such a run is ever found again.
            record |= {"key": point.key, "notebook": digest(text)}
        if ended and profile is not None:
            notebook = new / f"{chapter}.ipynb"
            run = Run(chapter, point.values, notebook, result.seconds, False, failure)
            _render(project, run, profile, new / "html", staging / "sphinx")
            record |= {"pages": file_sizes(new / "html")}
        write_json(new / RECORD, record)
        swap_directory(new, place)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    page = place / "html" / f"{chapter}.html" if "pages" in record else None
    return Rerun(place / f"{chapter}.ipynb", page, failure)


def kept(point: Point, *, rendered: bool = True) -> Rerun | None:
    """What an earlier run of the same inputs left, its page included if `rendered`; else None."""
    recover_directory(point.place)
    record = read_json(point.place / RECORD) or {}
    notebook = point.place / f"{point.chapter}.ipynb"
    page = point.place / "html" / f"{point.chapter}.html"
    if record.get("key") != point.key or record.get("notebook") != text_digest(notebook):
        return None
    shown = holds(page.parent, record.get("pages"))
    if rendered and not shown:
        return None
    problems = claims.problems(load(notebook), point.chapter)
    failure = Failure(point.chapter, point.values, "\n".join(problems), claims_only=True)
    return Rerun(notebook, page if shown else None, failure if problems else None)


def banner(values: Mapping[str, Value], failure: Failure | None) -> str:
    """HTML of the line that tells a re-run from the book."""
    given = escape(settings(values) or "the default parameters")
    text = f"Re-run with {given}: not part of the book."
    text += " Not every claim holds for these values." if failure else ""
    return f'<span class="rerun-banner">{text}</span>'


def _but_seed(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if name != SEED}


def _render(project: Project, run: Run, profile: Profile, output: Path, staging: Path) -> None:
    """Render one page as it looks in the book, alone."""
    html = run_sphinx(
        project,
        [run],
        build_record([run], profile) | rendering_record(project.root),
        staging,
        only=run.chapter,
        overrides={
            "html_sidebars": {"**": []},
            "html_theme_options": {"announcement": banner(run.values, run.failure)},
        },
    )
    # Sphinx also writes the front page, the index and the search page.
    for other in {*pages(project), "search", "genindex"} - {run.chapter}:
        (html / f"{other}.html").unlink(missing_ok=True)
    html.rename(output)
