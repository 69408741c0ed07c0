"""Sphinx extension of the book: outputs from papermill, claims, downloads.

`bookbuilder.pages.render` sets ``onestep_executed``, the path of each page's executed notebook;
``onestep_claims``, the build's record; ``onestep_only``, the one page that is kept of a reader's
re-run, empty for the book; and ``onestep_banner``, HTML above every page.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from bookbuilder.pages.sphinx_extension import (
    api,
    api_links,
    chapter_box,
    downloads,
    ledger,
    outputs,
    seeds,
    single,
    status,
    theme,
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the parts."""
    app.add_config_value("onestep_executed", None, "env")
    app.add_config_value("onestep_claims", None, "env")
    app.add_config_value("onestep_only", "", "env")
    app.add_config_value("onestep_banner", "", "env")
    for part in (
        outputs, downloads, chapter_box, ledger, seeds, status, single, theme, api, api_links,
    ):  # fmt: skip
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
