"""What the pages need beyond the theme to be read by keyboard and screen reader."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    """Connect; ``scroll.js`` lies among the book's static files."""
    app.add_js_file("scroll.js", loading_method="defer")
    app.connect("html-page-context", _mend_bibliography)


def _mend_bibliography(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Drop roles of docutils' bibliography: its "list" holds no list items, which misleads."""
    if "body" in context:
        body = context["body"].replace('<div role="list" class="citation-list">', "<div>")
        context["body"] = body.replace(' role="doc-biblioentry"', "")
