"""Shows in each chapter's text what papermill found; a cell that differs stops the build."""

from __future__ import annotations

from pathlib import Path

from myst_nb.core.read import read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

from bookbuilder.declare.notebook import code_cells, has_tag, load
from onestep.claims import CLAIM_MIME, LEDGER_MIME


def setup(app: Sphinx) -> None:
    """Register the reader."""
    # After myst-nb (500) took its custom formats for suffixes of sources: ours are whole paths.
    app.connect("config-inited", _register, priority=900)


def _register(app: Sphinx, config: Config) -> None:
    if config.onestep_executed is None:
        raise ExtensionError("render the book by `python -m bookbuilder book`")
    for chapter, executed in config.onestep_executed.items():
        source = Path(app.srcdir, f"{chapter}.md")
        config.nb_custom_formats[str(source)] = (
            f"{__name__}.{read.__name__}",
            {
                "chapter": chapter,
                "executed": executed,
                "syntax": sorted(config.myst_enable_extensions),
            },
            False,
        )


def read(text: str, chapter: str, executed: str, syntax: list[str]) -> NotebookNode:
    """The chapter's text, with Markdown extensions, and the outputs of its executed notebook."""
    page: NotebookNode = read_myst_markdown_notebook(
        text, config=MdParserConfig(enable_extensions=set(syntax)), add_source_map=True
    )
    if not Path(executed).is_file():
        raise ExtensionError(f"chapter {chapter!r} has not been executed: {executed} is missing")
    return merge(page, load(Path(executed)), chapter)


def merge(page: NotebookNode, run: NotebookNode, chapter: str) -> NotebookNode:
    """Copy outputs into `page`; a cell that papermill injected is shown after the parameters."""
    injected = [cell for cell in code_cells(run) if has_tag(cell, "injected-parameters")]
    executed = [cell for cell in code_cells(run) if not has_tag(cell, "injected-parameters")]
    shown = code_cells(page)
    if len(shown) != len(executed):
        raise ExtensionError(
            f"chapter {chapter!r} has {len(shown)} code cells, but {len(executed)} were executed"
        )
    for number, (cell, done) in enumerate(zip(shown, executed, strict=True), start=1):
        if cell.source.strip() != done.source.strip():
            raise ExtensionError(
                f"code cell {number} of chapter {chapter!r} differs from the one executed"
            )
        cell.outputs = [_presentable(output) for output in done.outputs]
        cell.execution_count = done.execution_count
    for cell in injected:
        place = 1 + next(i for i, each in enumerate(page.cells) if has_tag(each, "parameters"))
        page.cells.insert(place, cell)
        page.metadata.source_map.insert(place, page.metadata.source_map[place - 1])
    return page


def _presentable(output: NotebookNode) -> NotebookNode:
    """The output without the data that are meant for the ledger; myst-nb warns of those."""
    if "data" in output:
        for mime in [mime for mime in output.data if mime in (CLAIM_MIME, LEDGER_MIME)]:
            del output.data[mime]
    return output
