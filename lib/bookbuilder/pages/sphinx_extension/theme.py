"""Mends what the theme gets wrong: roles that mislead, buttons without a name, unused scripts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

# The theme's icons come from its web font; this script of 1.5 MB draws them a second time.
_ICON_SCRIPT = re.compile(r"\s*<script[^>]*scripts/fontawesome\.js[^>]*></script>")
# The button in the sidebar that unfolds the pages below a page has no text.
_UNFOLD = re.compile(r'>([^<>]+)(</a><details[^>]*><summary)(?=><span class="toctree-toggle")')


def setup(app: Sphinx) -> None:
    """Connect; ``scroll.js``, by which wide boxes scroll by keyboard, is among the static files."""
    app.add_js_file("scroll.js", loading_method="defer")
    app.connect("config-inited", _announce)
    app.connect("html-page-context", _mend_bibliography)
    app.connect("build-finished", _mend_files)


def _announce(app: Sphinx, config: Config) -> None:
    """Show the banner beside the theme's other options, which come from ``_config.yml``."""
    if config.onestep_banner:
        config.html_theme_options["announcement"] = config.onestep_banner


def _mend_bibliography(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Drop roles of docutils' bibliography: its "list" holds no list items, which misleads."""
    if "body" in context:
        body = context["body"].replace('<div role="list" class="citation-list">', "<div>")
        context["body"] = body.replace(' role="doc-biblioentry"', "")


def _mend_files(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = _ICON_SCRIPT.sub("", page.read_text(encoding="utf-8"))
        text = _UNFOLD.sub(r'>\1\2 aria-label="Pages below \1"', text)
        page.write_text(text, encoding="utf-8")
    for part in Path(app.outdir, "_static", "scripts").glob("fontawesome.js*"):
        part.unlink()
