"""Every chapter of the book under papermill, and the rules that a chapter keeps."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bookbuilder.declare.domain import Activations, Choice, Files
from bookbuilder.declare.notebook import code_cells, load, outside_state, read_chapter
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
    for trace in (str(Path.home()), "site-packages", "/tmp/", " at 0x", '"stderr"'):
        assert trace not in text
    for key in ("input_path", "output_path", "start_time"):
        assert f'"{key}"' not in text


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_text_is_one_of_a_few_or_judged_by_the_library(chapter: str, project: Project) -> None:
    for each in read_parameters(read_chapter(project, chapter), chapter):
        assert each.kind != "str" or isinstance(each.domain, Choice | Activations | Files)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_who_reads_images_says_so(chapter: str, project: Project) -> None:
    notebook = read_chapter(project, chapter)
    reads = any("fashion.load" in cell.source for cell in code_cells(notebook))
    assert bool(outside_state(notebook, chapter)) == reads


def test_the_environment_is_read_in_one_place_whose_state_is_told() -> None:
    library = ROOT / "lib" / "onestep"
    reading = [path for path in library.rglob("*.py") if "environ" in path.read_text("utf-8")]
    assert [path.relative_to(library).as_posix() for path in reading] == ["inputs/fashion.py"]
