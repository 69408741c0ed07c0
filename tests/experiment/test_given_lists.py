"""Lists of chapters run by papermill from its own command line."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from bookbuilder.declare.notebook import code_cells, has_tag, read_chapter
from bookbuilder.declare.parameters import read_parameters
from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import chapters
from onestep.experiment import as_list

BOOK = Project(Path(__file__).resolve().parents[2])


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("[0.5]", [0.5]),
        ("[0.5, 1e-2]", [0.5, 0.01]),
        ("0.5,1", [0.5, 1]),
        (0.5, [0.5]),
        (np.float64(0.5), [0.5]),
        ((1, 2), [1, 2]),
        (np.arange(2), [0, 1]),
        ("relu", ["relu"]),
        ("[relu, tanh]", ["relu", "tanh"]),
        ("['relu', 'sin(1.2*z + 0.8)']", ["relu", "sin(1.2*z + 0.8)"]),
        ([1.0, 1.0], [1.0, 1.0]),
    ],
)
def test_a_list_is_what_was_meant(given, meant):
    found = as_list("widths", given)
    assert found == meant and [type(each) for each in found] == [type(each) for each in meant]


@pytest.mark.parametrize(
    "given", ["", "[]", [], None, [None], "[[1]]", True, {"a": 1}.values, [[1]]]
)
def test_what_is_no_list_is_refused_with_what_to_type(given):
    with pytest.raises(ValueError, match=r"widths = .* -y 'widths: \[\.\.\.\]'"):
        as_list("widths", given)


@pytest.mark.parametrize("chapter", chapters(BOOK))
def test_a_chapter_takes_its_lists_as_papermill_gives_them(chapter):
    notebook = read_chapter(BOOK, chapter)
    lists = [each.name for each in read_parameters(notebook, chapter) if each.is_list]
    rest = [each.source for each in code_cells(notebook) if not has_tag(each, "parameters")]
    for name in lists:
        first = next(code for code in rest if re.search(rf"\b{name}\b", code))
        taken = rf'^{name} = (onestep\.)?experiment\.as_list\("{name}", {name}\)$'
        assert re.search(taken, first, flags=re.MULTILINE)
