"""Sphinx extension of the book: outputs from papermill, claims, downloads.

Set by `bookbuilder.pages.render`, never by hand:

``onestep_executed``
    Executed notebook of each chapter (path by page name).
``onestep_claims``
    The build's record of claims, profile and versions.
``onestep_only``
    The one page that is kept, when a reader's re-run is rendered; empty for the book.
``onestep_banner``
    HTML above every page; empty for none.
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
