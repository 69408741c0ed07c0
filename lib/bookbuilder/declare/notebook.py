"""Chapters as notebooks: text in, nbformat out."""

from __future__ import annotations

import copy
import importlib
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from bookbuilder._support.errors import BookError
from bookbuilder.declare.project import Project


def read_chapter(project: Project, chapter: str) -> NotebookNode:
    """The chapter's source as an unexecuted notebook."""
    text = project.source(chapter).read_text(encoding="utf-8")
    try:
        # Without `fmt` jupytext guesses, and some guesses need pandoc.
        notebook: NotebookNode = jupytext.reads(text, fmt="md:myst")
    except Exception as error:  # jupytext passes on whatever its parsers raise
        raise BookError(f"book/{chapter}.md cannot be read as a notebook: {error}") from error
    return notebook


def load(path: Path) -> NotebookNode:
    """Notebook of an .ipynb file."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


def dumps(notebook: NotebookNode) -> str:
    """Text of an .ipynb file."""
    return str(nbformat.writes(notebook)) + "\n"  # type: ignore[no-untyped-call]


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The code cells, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def has_tag(cell: NotebookNode, tag: str) -> bool:
    """Whether a cell carries a tag."""
    return tag in cell.metadata.get("tags", [])


def outside_state(notebook: NotebookNode, chapter: str) -> str:
    """What the function says that ``onestep: outside:`` names in the front matter, if it does."""
    name = (notebook.metadata.get("onestep") or {}).get("outside")
    if name is None:
        return ""
    module, _, function = str(name).rpartition(".")
    try:
        return str(getattr(importlib.import_module(module), function)())
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise BookError(
            f"front matter of {chapter!r}: `outside: {name}` must name a function such as "
            f"package.module.state: {error}"
        ) from None


def complaints(notebook: NotebookNode) -> str:
    """What an executed notebook wrote to stderr: warnings of libraries, notes on what they do."""
    return "".join(
        output.text
        for cell in code_cells(notebook)
        for output in cell.get("outputs", [])
        if _is_complaint(output)
    )


def tidy(notebook: NotebookNode, chapter: str) -> NotebookNode:
    """The executed notebook without times, machine paths, stderr and papermill's marker cell."""
    tidied: NotebookNode = copy.deepcopy(notebook)
    tidied.cells = [c for c in tidied.cells if not has_tag(c, "papermill-error-cell-tag")]
    for index, cell in enumerate(tidied.cells):
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _is_complaint(output)]
        cell["id"] = f"{chapter.replace('/', '-')[:40]}-{index}"
    past = tidied.metadata.pop("papermill", {})
    if past.get("parameters"):
        tidied.metadata["papermill"] = {"parameters": past["parameters"]}
    return tidied


def _is_complaint(output: NotebookNode) -> bool:
    return bool(output.output_type == "stream" and output.name == "stderr")
