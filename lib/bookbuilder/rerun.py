"""Re-runs one chapter with a reader's values, apart from the book."""

from __future__ import annotations

import html
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bookbuilder.domain import Value
from bookbuilder.execution import Run, judge
from bookbuilder.failure import Failure
from bookbuilder.files import recover_directory, swap_directory, write_json, write_text
from bookbuilder.fingerprint import digest
from bookbuilder.notebook import dumps, read_chapter
from bookbuilder.parameters import read_parameters
from bookbuilder.profile import Profile, profile_values
from bookbuilder.project import Project
from bookbuilder.record import build_record, rendering_record
from bookbuilder.render import run_sphinx
from bookbuilder.requests import SphinxRequest
from bookbuilder.schedule import Job, Result, run_jobs
from bookbuilder.toc import check_chapter, pages
from bookbuilder.values import parse_values


@dataclass(frozen=True)
class Rerun:
    """What a re-run left.

    Attributes
    ----------
    notebook
        Executed notebook; up to the cell that raised if one did.
    page
        Rendered page; None if the code failed.
    failure
        None if every cell ran and every claim holds.
    """

    notebook: Path
    page: Path | None
    failure: Failure | None


def rerun_chapter(project: Project, chapter: str, text: str, profile: Profile) -> Rerun:
    """Run a chapter with other values and render it, in ``_build/runs/<chapter>/<values>``.

    Parameters
    ----------
    text
        Such as ``alpha=0.3 beta=0.8``; set over the values of the profile.

    Raises
    ------
    BookError
        Before any kernel starts, if the chapter or a value is not allowed.
    """
    check_chapter(project, chapter)
    notebook = read_chapter(project, chapter)
    parameters = read_parameters(notebook, chapter)
    given = parse_values(text, parameters)
    chosen = {**profile_values(notebook, chapter, profile), **given}
    # In the order of the parameters cell, so that equal values share a folder.
    values = {each.name: chosen[each.name] for each in parameters if each.name in chosen}
    place = project.runs(chapter) / folder_name(values)
    results: list[Result] = []

    def finished(result: Result) -> str:
        results.append(result)
        return "FAILED" if judge(result)[1] else "finished"

    run_jobs([Job(chapter, notebook, values, None)], 1, finished)
    executed, failure = judge(results[0])
    place.parent.mkdir(parents=True, exist_ok=True)
    recover_directory(place)
    staging = Path(tempfile.mkdtemp(dir=place.parent, prefix=".run-"))
    try:
        new = staging / "new"
        if executed is None:
            return Rerun(place, None, failure)
        write_text(new / f"{chapter}.ipynb", dumps(executed))
        rendered = failure is None or failure.claims_only
        if rendered:
            run = Run(chapter, values, new / f"{chapter}.ipynb", results[0].seconds, False, failure)
            _render(project, run, profile, new / "html", staging)
        swap_directory(new, place)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    page = place / "html" / f"{chapter}.html" if rendered else None
    return Rerun(place / f"{chapter}.ipynb", page, failure)


def folder_name(values: Mapping[str, Value]) -> str:
    """Name of a folder that tells the values; different values never share one."""
    text = ",".join(f"{name}={_plain(value)}" for name, value in values.items()) or "defaults"
    safe = re.sub(r"[^A-Za-z0-9_=.,+\[\]-]", "_", text)
    if safe == text and len(text) <= 100:
        return text
    return f"{safe[:80]}-{digest(repr(sorted(values.items())))[:8]}"


def banner(values: Mapping[str, Value], failure: Failure | None) -> str:
    """HTML of the line that tells a re-run from the book."""
    settings = " ".join(f"{name}={_plain(value)}" for name, value in values.items())
    text = f"Re-run with {html.escape(settings or 'the default parameters')}: not part of the book."
    text += " Not every claim holds for these values." if failure else ""
    return f'<span class="rerun-banner">{text}</span>'


def _plain(value: Value) -> str:
    if isinstance(value, list):
        return "[" + ",".join(map(str, value)) + "]"
    return str(value)


def _render(project: Project, run: Run, profile: Profile, output: Path, staging: Path) -> None:
    """Render one page as it looks in the book, alone."""
    record = build_record([run], profile) | rendering_record(project.root)
    write_json(staging / "claims.json", record)
    request = SphinxRequest(
        root=str(project.root),
        # myst-nb also writes beside its output.
        output=str(staging / "sphinx" / "html"),
        doctrees=str(staging / "doctrees"),
        executed={run.chapter: str(run.notebook)},
        claims=str(staging / "claims.json"),
        only=run.chapter,
        overrides={
            "html_sidebars": {"**": []},
            "html_theme_options": {"announcement": banner(run.values, run.failure)},
        },
    )
    run_sphinx(request, staging)
    # Sphinx also writes the front page, the index and the search page.
    for other in {*pages(project), "search", "genindex"} - {run.chapter}:
        (staging / "sphinx" / "html" / f"{other}.html").unlink(missing_ok=True)
    (staging / "sphinx" / "html").rename(output)
