"""Every chapter of the book under papermill, and the rules that a chapter keeps."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bookbuilder.declare.notebook import code_cells, load, read_chapter
from bookbuilder.declare.parameters import read_parameters
from bookbuilder.declare.profile import profile_values
from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import chapters
from bookbuilder.execute.execution import Run

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = chapters(Project(ROOT))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_cell_runs_and_every_claim_holds(chapter: str, runs: list[Run]) -> None:
    run = next(run for run in runs if run.chapter == chapter)
    if run.failure is not None:
        pytest.fail(run.failure.report(), pytrace=False)
    cells = code_cells(load(run.notebook))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_parameters_and_full_profile_are_valid(chapter: str, project: Project) -> None:
    notebook = read_chapter(project, chapter)
    defaults = {each.name: each.default for each in read_parameters(notebook, chapter)}
    assert set(profile_values(notebook, chapter, "full")) <= set(defaults)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_chapter_defines_what_the_library_should_own(chapter: str, project: Project) -> None:
    for cell in code_cells(read_chapter(project, chapter)):
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(node, ast.FunctionDef | ast.ClassDef), cell.source


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_an_executed_notebook_tells_nothing_of_the_machine(chapter: str, runs: list[Run]) -> None:
    text = next(run for run in runs if run.chapter == chapter).notebook.read_text(encoding="utf-8")
    assert str(ROOT) not in text
    for key in ("input_path", "output_path", "start_time"):
        assert f'"{key}"' not in text
