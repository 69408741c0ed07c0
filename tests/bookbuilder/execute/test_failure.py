"""How the failure of a chapter is told."""

from __future__ import annotations

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from bookbuilder.execute.failure import failed_cell


def failing(tags: list[str]) -> NotebookNode:
    error = new_output(
        "error",
        ename="ValueError",
        evalue="bad",
        traceback=["\x1b[0;31m----", "Cell In[1]\n----> 1 f()", "File x.py:3\n--> 3 g()", "V: bad"],
    )
    cells = [new_code_cell("1"), new_code_cell("p", metadata={"tags": tags}), new_code_cell("f()")]
    cells[-1].outputs = [error]
    return new_notebook(cells=cells)


def test_a_failure_names_cell_source_parameters_and_last_frame() -> None:
    failure = failed_cell(failing([]), "c", {"alpha": 0.3})
    assert failure is not None
    report = failure.report()
    for words in (
        "chapter c, code cell 3",
        "alpha=0.3",
        "    | f()",
        "--> 3 g()",
        "ValueError: bad",
    ):
        assert words in report
    assert "----> 1 f()" not in report and "\x1b" not in report
    assert failed_cell(new_notebook(), "c", {}) is None


def test_an_injected_cell_does_not_shift_the_numbers() -> None:
    failure = failed_cell(failing(["injected-parameters"]), "c", {})
    assert failure is not None and failure.cell == 2
