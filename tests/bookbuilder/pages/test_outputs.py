"""A page shows what papermill found, and nothing else."""

from __future__ import annotations

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output
from sphinx.errors import ExtensionError

from bookbuilder.pages.sphinx_extension.outputs import merge


def page(*sources: str) -> NotebookNode:
    tagged = [new_code_cell(source) for source in sources]
    tagged[0].metadata["tags"] = ["parameters"]
    return new_notebook(cells=tagged, metadata={"source_map": list(range(len(sources)))})


def test_outputs_are_copied_and_injected_values_shown() -> None:
    run = page("a = 1", "print(a)")
    run.cells.insert(1, new_code_cell("a = 2", metadata={"tags": ["injected-parameters"]}))
    run.cells[2].outputs = [new_output("stream", name="stdout", text="2\n")]
    merged = merge(page("a = 1", "print(a)"), run, "c")
    assert [cell.source for cell in merged.cells] == ["a = 1", "a = 2", "print(a)"]
    assert merged.cells[2].outputs[0].text == "2\n"
    assert len(merged.metadata.source_map) == 3


@pytest.mark.parametrize("sources", [("a = 1", "print(b)"), ("a = 1",), ("a = 1", "print(a)", "3")])
def test_a_page_never_shows_outputs_of_other_code(sources: tuple[str, ...]) -> None:
    with pytest.raises(ExtensionError, match="chapter 'c'"):
        merge(page("a = 1", "print(a)"), page(*sources), "c")
