"""Parameters cells: what is accepted and how refusals read."""

from __future__ import annotations

import pytest
from cells import CELL, notebook, parameters
from nbformat.v4 import new_code_cell, new_notebook

from bookbuilder._support.errors import BookError
from bookbuilder.declare.parameters import read_parameters


def test_every_kind_of_line_is_understood() -> None:
    kinds = {p.name: (p.type_name, p.default) for p in parameters()}
    assert kinds == {
        "alpha": ("float", 0.5),
        "trials": ("int", 8),
        "activation": ("str", "relu"),
        "widths": ("list of float", [0.1, 1.0]),
        "names": ("list of str", ["a"]),
        "exact": ("bool", True),
        "formula": ("str", "x**2"),
    }
    assert parameters()[0].prose == "weighting"


def test_a_notebook_without_the_cell_has_no_parameters() -> None:
    assert read_parameters(new_notebook(cells=[new_code_cell("alpha: float = 1")]), "c") == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("alpha = 0.5  # in [0, 1]: x", "name: type = value"),
        ("alpha: float  # in [0, 1]: x", "name: type = value"),
        ("alpha: float = 1 / 2  # in [0, 1]: x", "literal"),
        ("alpha: float = f()  # in [0, 1]: x", "literal"),
        ("alpha: complex = 1  # in [0, 1]: x", "'complex'"),
        ("alpha: float = 0.5", "must start with `in"),
        ("alpha: float = 2.0  # in [0, 1]: x", "alpha = 2.0 must lie in [0, 1]"),
        ("alpha: float = 0.5  # in [1, 0]: x", "empty"),
        ("alpha: float = 0.5  # in [0, one]: x", "'one' is not a number"),
        ("alpha: float = 0.5  # in [0, 1] x", "colon"),
        ("alpha: int = 0.5  # in [0, 1]: x", "must be of type int"),
        ("alpha: int = True  # in [0, 1]: x", "must be of type int"),
        ("widths: list = []  # each in [0, 1]: x", "'list'"),
        ("widths: list = [1]  # in [0, 1]: x", "each in"),
        ("widths: float = 1  # each in [0, 1]: x", "for lists"),
        ("import os", "name: type = value"),
        ("alpha: float = 0.5  # in [0, 1]: x\nalpha: float = 0.5  # in [0, 1]: x", "twice"),
        ("alpha: float = (", "parameters cell of 'chapter'"),
    ],
)
def test_a_bad_parameters_cell_is_refused(source: str, words: str) -> None:
    with pytest.raises(BookError, match="parameters cell of 'chapter'") as caught:
        parameters(source)
    assert words in str(caught.value)


def test_two_parameters_cells_are_refused() -> None:
    twice = notebook(CELL)
    twice.cells.append(twice.cells[-1])
    with pytest.raises(BookError, match="2 cells"):
        read_parameters(twice, "chapter")
