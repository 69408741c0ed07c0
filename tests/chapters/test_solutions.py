"""The code in folded solutions of exercises is run, and asserts what its solution states."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent

import pytest
from markdown_it import MarkdownIt

from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import chapters

BOOK = Project(Path(__file__).resolve().parents[2])


def solutions(chapter: str) -> list[str]:
    """Every ``python`` fence inside a folded solution."""
    markdown = MarkdownIt()
    text = BOOK.source(chapter).read_text(encoding="utf-8")
    folded = [token for token in markdown.parse(text) if token.info == "{dropdown} Solution"]
    inner = [each for token in folded for each in markdown.parse(dedent(token.content))]
    return [each.content for each in inner if each.info == "python"]


SOLUTIONS = [(chapter, code) for chapter in chapters(BOOK) for code in solutions(chapter)]


@pytest.mark.parametrize(("chapter", "code"), SOLUTIONS, ids=[chapter for chapter, _ in SOLUTIONS])
def test_what_a_solution_states_is_so(chapter: str, code: str) -> None:
    tree = ast.parse(code)
    assert any(isinstance(node, ast.Assert) for node in ast.walk(tree))
    # In a namespace of its own: a reader pastes one solution, not all that came before.
    exec(compile(tree, f"solution in {chapter}.md", "exec"), {"__name__": "solution"})


def test_every_chapter_with_exercises_has_a_solution_that_runs() -> None:
    texts = {name: BOOK.source(name).read_text(encoding="utf-8") for name in chapters(BOOK)}
    assert {name for name, text in texts.items() if "## Exercises" in text} == {
        chapter for chapter, _ in SOLUTIONS
    }
