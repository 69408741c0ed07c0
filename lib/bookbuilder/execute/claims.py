"""Claims as the executed chapters recorded them."""

from __future__ import annotations

from nbformat import NotebookNode

from bookbuilder.declare.notebook import code_cells
from onestep.claims import CLAIM_MIME, LEDGER_MIME
from onestep.claims.rendering import Record, text


def collect(notebook: NotebookNode) -> list[Record]:
    """Claims shown in an executed notebook, in order."""
    return [claim for claim, _ in _shown(notebook, CLAIM_MIME)]


def problems(notebook: NotebookNode, chapter: str) -> list[str]:
    """What is wrong with the claims of an executed chapter; empty if nothing is.

    A claim that does not hold, a control that does not fail, a claim recorded under another
    chapter's name or shown twice, and claims that the ledger never settled or does not count.
    """
    shown = collect(notebook)
    found = [text(claim) for claim in shown if claim["passed"] is not True]
    found += [
        f"claim {claim['id']} names the chapter {claim['chapter']!r}"
        for claim in shown
        if claim["chapter"] != chapter
    ]
    names = [claim["id"] for claim in shown]
    found += [f"claim {name} is shown twice" for name in sorted({*names}) if names.count(name) > 1]
    settled = _shown(notebook, LEDGER_MIME)
    if shown and not settled:
        found.append("the chapter records claims but its last cell does not show ledger.settle()")
    for ledger, cell in settled:
        if ledger["claims"] != len(shown):
            found.append(f"the ledger holds {ledger['claims']} claims, but {len(shown)} are shown")
        if any(later > cell for _, later in _shown(notebook, CLAIM_MIME)):
            found.append("a claim is recorded after ledger.settle()")
    return found


def _shown(notebook: NotebookNode, mime: str) -> list[tuple[Record, int]]:
    """Data of one type in the outputs, each with the index of its cell."""
    return [
        (output["data"][mime], index)
        for index, cell in enumerate(code_cells(notebook))
        for output in cell.get("outputs", [])
        if mime in output.get("data", {})
    ]
