"""Leaves out what every page would load and no page uses."""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx

# The theme's icons come from its web font; this script of 1.5 MB draws them a second time.
_ICON_SCRIPT = re.compile(r"\s*<script[^>]*scripts/fontawesome\.js[^>]*></script>")


def setup(app: Sphinx) -> None:
    """Connect after all pages have been written."""
    app.connect("build-finished", _drop_icon_script)


def _drop_icon_script(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(_ICON_SCRIPT.sub("", text), encoding="utf-8")
    for part in Path(app.outdir, "_static", "scripts").glob("fontawesome.js*"):
        part.unlink()
