"""Makes one page stand alone: what would lead to others becomes plain text.

All pages are read, so that numbers of chapters, equations and figures are those of the book.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    """Connect; nothing happens unless ``onestep_only`` names a page."""
    app.connect("doctree-resolved", _unlink)
    app.connect("html-page-context", _isolate, priority=600)


def _unlink(app: Sphinx, document: nodes.document, page: str) -> None:
    if app.config.onestep_only != page:
        return
    for reference in list(document.findall(nodes.reference)):
        if reference.get("internal") and not reference.get("refuri", "#").startswith("#"):
            reference.replace_self(nodes.inline("", "", *reference.children))


def _isolate(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if app.config.onestep_only == page:
        context["prev"] = context["next"] = None
        context["parents"] = []
