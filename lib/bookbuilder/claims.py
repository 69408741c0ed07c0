"""Claims as the executed chapters recorded them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nbformat import NotebookNode

from bookbuilder.notebook import code_cells

CLAIM_MIME = "application/vnd.onestep.claim+json"
LEDGER_MIME = "application/vnd.onestep.ledger+json"

Claim = Mapping[str, Any]


def collect(notebook: NotebookNode) -> list[Claim]:
    """Claims shown in an executed notebook, in order."""
    return [claim for claim, _ in _shown(notebook, CLAIM_MIME)]


def problems(notebook: NotebookNode, chapter: str) -> list[str]:
    """What is wrong with the claims of an executed chapter; empty if nothing is.

    A claim that does not hold, a control that does not fail, a claim recorded under another
    chapter's name or shown twice, and claims that the ledger never settled or does not count.
    """
    shown = collect(notebook)
    found = [describe(claim) for claim in shown if claim["passed"] is not True]
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


def describe(claim: Claim) -> str:
    """One claim on two lines: measurement and control."""
    return (
        f"claim {claim['id']}: {claim['statement']}\n"
        f"  measured {number(claim['value'], claim['standard_error'])}, "
        f"target {claim['target']:.3g}, margin {claim['margin']:.3g}: {claim['verdict']}"
        f" (must be equivalent)\n"
        f"  control, {claim['control_statement']}: "
        f"{number(claim['control_value'], claim['control_standard_error'])}: "
        f"{claim['control_verdict']} (must be different)"
    )


def summary(claims: Sequence[Claim], profile: str) -> str:
    """One line such as ``claims: 14 of 14 hold, 14 of 14 controls fail as they must (quick …)``."""
    hold = sum(claim["verdict"] == "equivalent" for claim in claims)
    fail = sum(claim["control_verdict"] == "different" for claim in claims)
    return (
        f"claims: {hold} of {len(claims)} hold, {fail} of {len(claims)} controls fail"
        f" as they must ({profile} profile)"
    )


def number(value: float, standard_error: float) -> str:
    """A measurement with its standard error where it has one."""
    return f"{value:.3g}" + (f" ± {standard_error:.2g}" if standard_error else "")


def _shown(notebook: NotebookNode, mime: str) -> list[tuple[Claim, int]]:
    """Data of one type in the outputs, each with the index of its cell."""
    return [
        (output["data"][mime], index)
        for index, cell in enumerate(code_cells(notebook))
        for output in cell.get("outputs", [])
        if mime in output.get("data", {})
    ]
