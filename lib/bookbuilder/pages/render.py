"""Renders the book to HTML: complete and without warnings, or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bookbuilder._support.errors import RenderError
from bookbuilder._support.files import (
    file_sizes,
    holds,
    read_json,
    recover_directory,
    swap_directory,
    write_json,
    write_text,
)
from bookbuilder.declare.profile import Profile
from bookbuilder.declare.project import Project
from bookbuilder.execute.execution import Run
from bookbuilder.execute.failure import without_colour
from bookbuilder.execute.fingerprint import digest, files_digest, library_digest, library_files
from bookbuilder.execute.processes import end_trees, start_module
from bookbuilder.execute.registered import check_claims
from bookbuilder.pages.record import build_record, rendering_record
from bookbuilder.pages.sphinx_build import SphinxRequest
from onestep.claims.rendering import Record

STAMP = "build.json"


def render_book(
    project: Project, runs: Sequence[Run], profile: Profile, seed: int | None = None
) -> tuple[list[Record], bool]:
    """Render the executed chapters to ``_build/html`` and write ``_build/claims.json``.

    Returned are the claims, and whether the pages were rendered rather than kept. The previous
    pages survive if Sphinx reports a warning, or the claims are not those of the registry.
    """
    record = build_record(runs, profile, seed)
    check_claims(project, record["claims"], profile)
    recover_directory(project.html)
    key = _render_key(project, runs, record)
    stamp = read_json(project.html / STAMP) or {}
    fresh = stamp.get("key") != key or not holds(project.html, stamp.get("files"))
    if fresh:
        record |= rendering_record(project.root)
        project.build.mkdir(exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=project.build, prefix=".render-"))
        try:
            html = run_sphinx(project, runs, record, staging, overrides=_banner(seed))
            files = file_sizes(html)
            write_json(html / STAMP, {"key": key, "profile": profile, "files": files})
            swap_directory(html, project.html)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    write_text(project.claims, (project.html / "claims.json").read_text(encoding="utf-8"))
    return record["claims"], fresh


def run_sphinx(
    project: Project,
    runs: Sequence[Run],
    record: Mapping[str, Any],
    staging: Path,
    *,
    only: str = "",
    overrides: Mapping[str, Any] | None = None,
) -> Path:
    """Run Sphinx in a process of its own; it writes below `staging`, where the pages are then."""
    write_json(staging / "claims.json", record)
    request = SphinxRequest(
        root=str(project.root),
        output=str(staging / "html"),
        doctrees=str(staging / "doctrees"),
        executed={run.chapter: str(run.notebook) for run in runs},
        claims=str(staging / "claims.json"),
        only=only,
        overrides=dict(overrides or {}),
    )
    path = staging / "sphinx.log"
    with path.open("wb") as log:
        process = start_module("bookbuilder.pages.sphinx_build", request, log, {}, staging)
        try:
            # Not wait(): on some systems a signal does not end it.
            while process.poll() is None:
                time.sleep(0.05)
        finally:
            end_trees([process.pid])
            process.communicate()
    if process.returncode != 0:
        text = without_colour(path.read_text(encoding="utf-8", errors="replace"))
        raise RenderError(f"Sphinx did not accept the pages:\n{_complaints(text)}")
    return staging / "html"


def _banner(seed: int | None) -> dict[str, str]:
    """Sphinx settings by which every page says that it is the book at another seed."""
    if seed is None:
        return {}
    text = (
        f"The book at seed {seed}, in every chapter that draws anything. Margins and stored "
        "results are those of the book."
    )
    return {"onestep_banner": f'<span class="seed-banner">{text}</span>'}


def _complaints(log: str) -> str:
    """Warnings and errors of Sphinx's log; its end if there are none."""
    lines = log.splitlines()
    wanted = [line for line in lines if "WARNING" in line or "ERROR" in line or "rror:" in line]
    return "\n".join(f"  {line}" for line in wanted or lines[-30:])


def _render_key(project: Project, runs: Sequence[Run], record: object) -> str:
    """Digest of everything that the pages depend on."""
    sources = [path for path in project.book.rglob("*") if path.is_file()]
    pages = [*sources, project.config, project.toc, *(run.notebook for run in runs)]
    inputs = [*pages, *library_files(project)]
    files = files_digest(inputs, project.root)
    return digest(library_digest(project), files, json.dumps(record, sort_keys=True))
