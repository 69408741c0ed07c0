"""The commands that the book and its README tell a reader to type."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bookbuilder.declare.notebook import read_chapter
from bookbuilder.declare.parameters import read_parameters
from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import chapters, pages
from bookbuilder.declare.values import parse_choices

BOOK = Project(Path(__file__).resolve().parents[2])
TEXTS = [BOOK.root / "README.md", *(BOOK.source(name) for name in pages(BOOK))]
COMMANDS = [
    (path.name, *found)
    for path in TEXTS
    for found in re.findall(
        r'make chapter CHAPTER=(\S+) P="([^"]*)"', path.read_text(encoding="utf-8")
    )
]


@pytest.mark.parametrize(("told_in", "chapter", "values"), COMMANDS, ids=lambda each: each)
def test_a_command_names_a_chapter_and_values_that_it_takes(
    told_in: str, chapter: str, values: str
) -> None:
    assert chapter in chapters(BOOK), told_in
    values = values.replace("/path/to/my.npz", __file__)  # a reader's file: any that is there
    assert parse_choices(values, read_parameters(read_chapter(BOOK, chapter), chapter))


def test_front_page_and_readme_tell_how_to_re_run() -> None:
    assert {"README.md", "intro.md"} <= {name for name, *_ in COMMANDS}
