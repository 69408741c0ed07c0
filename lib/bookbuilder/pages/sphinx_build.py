"""Calls Jupyter Book's Sphinx: ``python -m bookbuilder.pages.sphinx_build``, started by `render`.

A process of its own, because Sphinx changes global state of docutils and must be stoppable.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import pages
from bookbuilder.execute.processes import read_request


@dataclass(frozen=True)
class SphinxRequest:
    """What to render."""

    root: str
    output: str  # directories to write; empty before
    doctrees: str
    executed: dict[str, str]  # executed notebook of each chapter
    claims: str  # the build's record (JSON file)
    only: str = ""  # keep this page only; empty for the whole book, whose warnings are errors
    overrides: dict[str, Any] = field(default_factory=dict)  # further Sphinx settings


def build(request: SphinxRequest) -> bool:
    """Render; False if Sphinx reported an error or, for the book, a warning."""
    # Here, because the build needs the request and not Sphinx.
    from jupyter_book.sphinx import REDIRECT_TEXT, build_sphinx

    project = Project(Path(request.root))
    code = build_sphinx(
        str(project.book),
        request.output,
        noconfig=True,  # no conf.py: everything is in _config.yml
        path_config=project.config,
        confoverrides={
            "external_toc_path": str(project.toc),
            "latex_individualpages": False,
            "onestep_executed": request.executed,
            "onestep_claims": request.claims,
            "onestep_only": request.only,
            **request.overrides,
        },
        doctreedir=request.doctrees,
        filenames=[str(project.source(request.only))] if request.only else [],
        force_all=not request.only,
        freshenv=True,
        warningiserror=not request.only,
        keep_going=True,
    )
    # build_sphinx returns the exception, after printing it, when Sphinx itself failed.
    if code != 0:
        return False
    first = request.only or pages(project)[0]
    Path(request.output, "index.html").write_text(REDIRECT_TEXT.format(first_page=f"{first}.html"))
    return True


def main() -> int:
    """Exit code 0 if all is well."""
    return 0 if build(read_request(SphinxRequest)) else 1


if __name__ == "__main__":
    sys.exit(main())
