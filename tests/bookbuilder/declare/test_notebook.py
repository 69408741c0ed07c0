"""Executed notebooks as files."""

from __future__ import annotations

from nbformat.v4 import new_code_cell, new_notebook

from bookbuilder.declare.notebook import tidy


def test_tidying_leaves_nothing_of_the_machine_or_the_time() -> None:
    notebook = new_notebook(cells=[new_code_cell("1")])
    notebook.metadata["papermill"] = {"input_path": "/home/x", "parameters": {"alpha": 1}}
    notebook.cells[0].metadata["papermill"] = {"start_time": "now"}
    notebook.cells.insert(0, new_code_cell("", metadata={"tags": ["papermill-error-cell-tag"]}))
    tidied = tidy(notebook, "c")
    assert tidied.metadata == {"papermill": {"parameters": {"alpha": 1}}}
    assert [(cell.id, cell.metadata) for cell in tidied.cells] == [("c-0", {})]
    assert notebook.metadata.papermill.input_path == "/home/x"  # the argument is untouched
