"""What went wrong in a chapter, told so that a reader knows where to look."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from nbformat import NotebookNode

from bookbuilder.declare.domain import Value
from bookbuilder.declare.notebook import code_cells, has_tag
from bookbuilder.declare.values import settings

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Failure:
    """Why a chapter is not good."""

    chapter: str
    values: Mapping[str, Value]  # parameters that were set over the chapter's defaults
    reason: str  # one line or more: the exception, or the claims that do not hold
    # Number of the code cell, counted from 1; None when no cell is to blame
    cell: int | None = None
    source: str = ""
    frame: str = ""  # last frame of the traceback
    claims_only: bool = False  # whether the code ran and only its claims do not hold

    def report(self) -> str:
        """Everything known, for the terminal."""
        where = f", code cell {self.cell}" if self.cell else ""
        lines = [
            f"FAILED chapter {self.chapter}{where}",
            f"  parameters: {settings(self.values) or 'the defaults of the chapter'}",
        ]
        if self.source and not self.claims_only:  # claims name themselves
            lines += ["  source of the cell:", textwrap.indent(self.source.rstrip(), "    | ")]
        if self.frame and not self.claims_only:
            lines += ["  last frame:", textwrap.indent(self.frame.rstrip(), "    | ")]
        lines.append(textwrap.indent(self.reason.rstrip(), "  "))
        return "\n".join(lines)


def failed_cell(
    notebook: NotebookNode, chapter: str, values: Mapping[str, Value]
) -> Failure | None:
    """The failure recorded in an executed notebook; None if no cell raised."""
    for number, cell in _numbered(notebook):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return Failure(
                    chapter=chapter,
                    values=values,
                    reason=f"{output.ename}: {without_colour(output.evalue)}",
                    cell=number,
                    source=cell.source,
                    frame=_last_frame([without_colour(part) for part in output.traceback]),
                    claims_only=output.ename == "ClaimFailed",
                )
    return None


def dead_kernel(
    notebook: NotebookNode | None, chapter: str, values: Mapping[str, Value], log: str
) -> Failure:
    """The failure of a worker that ended without an error in a cell; the log is what it printed."""
    tail = "\n".join(log.strip().splitlines()[-12:]) or "it printed nothing"
    reason = f"the kernel or papermill ended abruptly; the end of its log:\n{tail}"
    begun = [
        (number, cell)
        for number, cell in (_numbered(notebook) if notebook is not None else [])
        if cell.metadata.get("papermill", {}).get("start_time")
    ]
    if not begun:
        return Failure(chapter, values, reason)
    # Not by papermill's status: in the end it marks every cell as completed.
    number, cell = begun[-1]
    return Failure(chapter, values, reason, cell=number, source=cell.source)


def _numbered(notebook: NotebookNode) -> list[tuple[int, NotebookNode]]:
    """Code cells with their numbers; a cell that papermill injected has the number before it."""
    number, numbered = 0, []
    for cell in code_cells(notebook):
        number += not has_tag(cell, "injected-parameters")
        numbered.append((number, cell))
    return numbered


def without_colour(text: str) -> str:
    """A text without the codes by which a terminal colours it."""
    return _ANSI.sub("", text)


def _last_frame(traceback: list[str]) -> str:
    """Last frame of IPython's list: a heading, one item per frame, and the exception."""
    frames = [part for part in traceback[1:-1] if part.strip() and not part.startswith("---")]
    return frames[-1] if frames else ""
