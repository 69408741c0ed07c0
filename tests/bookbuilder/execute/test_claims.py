"""Claims of an executed notebook, and what can be wrong with them."""

from __future__ import annotations

from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from bookbuilder.execute import claims
from onestep.claims import CLAIM_MIME, LEDGER_MIME
from records import claim


def executed(*shown: dict[str, Any], settled: int | None) -> NotebookNode:
    cells = [
        new_code_cell(outputs=[new_output("execute_result", {CLAIM_MIME: each})]) for each in shown
    ]
    if settled is not None:
        data = {LEDGER_MIME: {"chapter": "c", "claims": settled}}
        cells.append(new_code_cell(outputs=[new_output("execute_result", data)]))
    return new_notebook(cells=cells)


def test_claims_that_are_in_order_have_no_problems() -> None:
    assert claims.problems(executed(claim(), claim(id="b"), settled=2), "c") == []
    assert claims.problems(executed(settled=None), "c") == []


@pytest.mark.parametrize(
    ("notebook", "words"),
    [
        (executed(claim(passed=False, verdict="undecided"), settled=1), "0.01 ± 0.002, target 0"),
        (executed(claim(), settled=None), "does not show ledger.settle"),
        (executed(claim(), settled=2), "holds 2 claims, but 1 are shown"),
        (executed(claim(), claim(), settled=2), "claim a is shown twice"),
        (executed(claim(chapter="d"), settled=1), "names the chapter 'd'"),
    ],
)
def test_problems_of_claims(notebook: NotebookNode, words: str) -> None:
    assert words in "\n".join(claims.problems(notebook, "c"))


def test_a_claim_after_the_settlement_is_a_problem() -> None:
    notebook = executed(claim(), settled=1)
    notebook.cells.reverse()
    assert "after ledger.settle()" in "\n".join(claims.problems(notebook, "c"))
