"""A parameters cell with a line of every kind."""

from __future__ import annotations

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from bookbuilder.declare.parameters import Parameter, read_parameters

CELL = """\
alpha: float = 0.5           # in [0, 1]: weighting
trials: int = 8              # in [2, inf): draws
activation: str = "relu"     # in {relu, tanh}: student
widths: list = [0.1, 1]      # each in (0, 10]: k/m
names: list[str] = ["a"]     # each in {a, b}: names
exact: bool = True           # whether to be exact
formula: str = "x**2"        # sympy expression
"""


def notebook(source: str, **metadata: object) -> NotebookNode:
    cell = new_code_cell(source, metadata={"tags": ["parameters"]})
    return new_notebook(cells=[new_code_cell("1 + 1"), cell], metadata=metadata)


def parameters(source: str = CELL) -> list[Parameter]:
    return read_parameters(notebook(source), "chapter")
