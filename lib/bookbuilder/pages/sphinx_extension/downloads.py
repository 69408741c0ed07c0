"""Offers the executed notebook of each chapter in its download menu."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    """Connect after the theme has made its buttons (501)."""
    app.connect("html-page-context", _add_button, priority=600)
    app.connect("build-finished", _copy_notebooks)


def _add_button(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if page not in app.config.onestep_executed:
        return
    for group in context.get("header_buttons", []):
        if group["label"] == "download-buttons":
            group["buttons"].insert(
                0,
                {
                    "type": "link",
                    "url": context["pathto"](f"notebooks/{page}.ipynb", 1),
                    "text": ".ipynb",
                    "icon": "fas fa-code",
                    "tooltip": "Download the executed notebook",
                    "label": "download-notebook-button",
                },
            )


def _copy_notebooks(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None:
        return
    for chapter, executed in app.config.onestep_executed.items():
        copy = Path(app.outdir, "notebooks", f"{chapter}.ipynb")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(executed, copy)
    shutil.copyfile(app.config.onestep_claims, Path(app.outdir, "claims.json"))
