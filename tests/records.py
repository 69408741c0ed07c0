"""A claim as a chapter records it."""

from __future__ import annotations

from typing import Any

from onestep.claims import Ledger, estimate, exact


def claim(**changes: object) -> dict[str, Any]:
    """The record of a claim that holds, with other values in some fields."""
    held = Ledger("c").equivalence(
        id="a",
        statement="S.",
        equation="eq-a",
        measured=estimate(0.01, 0.002, 20),
        margin=0.1,
        control=exact(1.0),
        control_statement="off",
    )
    return held.to_json() | changes
