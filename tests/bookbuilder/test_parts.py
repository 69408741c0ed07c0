"""The parts of the builder that need no kernel."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output
from sphinx.errors import ExtensionError
from tiny import make

from bookbuilder._support.errors import BookError
from bookbuilder._support.files import read_json, recover_directory, swap_directory, write_text
from bookbuilder.cli import main
from bookbuilder.declare.notebook import tidy
from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import chapters, check_chapter, pages
from bookbuilder.execute import claims
from bookbuilder.execute.failure import failed_cell
from bookbuilder.execute.fingerprint import chapter_key, library_digest
from bookbuilder.execute.progress import Progress, remaining_seconds
from bookbuilder.pages.sphinx_extension.ledger import inline_number
from bookbuilder.pages.sphinx_extension.outputs import merge
from bookbuilder.rerun.points import folder_name


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make(tmp_path / "book")


def test_pages_and_chapters_come_in_reading_order(project: Project) -> None:
    assert pages(project) == ["intro", "parabola", "second", "ledger"]
    assert chapters(project) == ["parabola", "second"]
    check_chapter(project, "second")
    with pytest.raises(BookError, match="'ledger' is not a chapter; choose from: parabola, second"):
        check_chapter(project, "ledger")


def test_parts_and_sections_are_read(project: Project) -> None:
    project.toc.write_text(
        "format: jb-book\nroot: intro\nparts:\n- chapters:\n  - file: parabola\n"
        "    sections:\n    - file: second.md\n- chapters:\n  - file: ledger\n"
    )
    assert pages(project) == ["intro", "parabola", "second", "ledger"]


@pytest.mark.parametrize(
    ("toc", "words"),
    [
        ("chapters: []", "root"),
        ("root: intro\nchapters: [{file: nowhere}]", "nowhere.md does not exist"),
        ("root: intro\nchapters: [{file: intro}]", "twice"),
        ("root: [", "not valid YAML"),
    ],
)
def test_a_bad_table_of_contents_is_refused(project: Project, toc: str, words: str) -> None:
    project.toc.write_text(toc)
    with pytest.raises(BookError, match=words):
        pages(project)


@pytest.mark.parametrize("command", [["book"], ["chapter", "parabola"]], ids=str)
def test_a_directory_without_a_book_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("nope", "empty"):
        assert main(["--root", str(tmp_path / name), *command]) == 2
        error = capsys.readouterr().err
        assert error.startswith("error: --root = ") and "_toc.yml does not exist" in error
    assert [each.name for each in tmp_path.rglob("*")] == ["empty"]


def test_what_the_key_of_a_chapter_depends_on(project: Project) -> None:
    library = library_digest(project)
    keys = {
        chapter_key(library, "text", {}),
        chapter_key(library, "text ", {}),
        chapter_key(library, "text", {"alpha": 1.0}),
        chapter_key(library, "text", {"alpha": 1}),
        chapter_key(library, "text", {"alpha": [1.0]}),
    }
    assert len(keys) == 5
    assert chapter_key("x", "t", {"a": 1, "b": 2}) == chapter_key("x", "t", {"b": 2, "a": 1})

    inputs = [
        project.lib / "tinylib" / "__init__.py",
        project.lib / "tinylib" / "data.csv",
        project.book / "data" / "points.csv",
        project.lock,
    ]
    seen = {library}
    for path in inputs:
        path.parent.mkdir(exist_ok=True)
        path.write_text("changed")
        seen.add(library_digest(project))
    inputs[1].rename(inputs[1].with_name("renamed.csv"))
    seen.add(library_digest(project))
    assert len(seen) == 2 + len(inputs)

    # What is generated, and how pages look, is no input.
    last = library_digest(project)
    for path in (
        project.lib / "tinylib" / "__pycache__" / "x.pyc",
        project.lib / "onestep.egg-info" / "PKG-INFO",
        project.book / "_web" / "book.css",
        project.lib / "bookbuilder" / "render.py",
        project.lib / "bookbuilder" / "sphinx_extension" / "ledger.py",
        project.source("intro"),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("changed")
    assert library_digest(project) == last


def test_writing_is_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "deep" / "file.json"
    write_text(path, "first")

    def full_disk(self: Path, target: Path) -> Path:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(OSError, match="no space"):
        write_text(path, "second")
    assert path.read_text() == "first"
    assert [each.name for each in path.parent.iterdir()] == ["file.json"]
    assert read_json(path) is None and read_json(tmp_path / "absent") is None


def test_a_directory_swap_can_be_killed_halfway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, place = tmp_path / "new", tmp_path / "html"
    for directory in (new, place):
        directory.mkdir()
        (directory / "index.html").write_text(directory.name)
    rename = Path.rename

    def killed(self: Path, target: Path) -> Path:
        if self == new:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        swap_directory(new, place)
    monkeypatch.undo()
    recover_directory(place)
    assert (place / "index.html").read_text() == "html"
    swap_directory(new, place)
    assert (place / "index.html").read_text() == "new"
    assert [each.name for each in tmp_path.iterdir()] == ["html"]


def claim(**changes: object) -> dict[str, Any]:
    return {
        "chapter": "c", "id": "a", "statement": "S.", "target": 0.0, "margin": 0.1,
        "value": 0.01, "standard_error": 0.002, "verdict": "equivalent",
        "control_statement": "off", "control_value": 1.0, "control_standard_error": 0.0,
        "control_verdict": "different", "passed": True, **changes,
    }  # fmt: skip


def executed(*shown: dict[str, Any], settled: int | None) -> NotebookNode:
    cells = [
        new_code_cell(outputs=[new_output("execute_result", {claims.CLAIM_MIME: each})])
        for each in shown
    ]
    if settled is not None:
        data = {claims.LEDGER_MIME: {"chapter": "c", "claims": settled}}
        cells.append(new_code_cell(outputs=[new_output("execute_result", data)]))
    return new_notebook(cells=cells)


def test_claims_that_are_in_order_have_no_problems() -> None:
    assert claims.problems(executed(claim(), claim(id="b"), settled=2), "c") == []
    assert claims.problems(executed(settled=None), "c") == []


@pytest.mark.parametrize(
    ("notebook", "words"),
    [
        (executed(claim(passed=False, verdict="undecided"), settled=1), "0.01 ± 0.002, target 0"),
        (executed(claim(), settled=None), "does not show ledger.settle"),
        (executed(claim(), settled=2), "holds 2 claims, but 1 are shown"),
        (executed(claim(), claim(), settled=2), "claim a is shown twice"),
        (executed(claim(chapter="d"), settled=1), "names the chapter 'd'"),
    ],
)
def test_problems_of_claims(notebook: NotebookNode, words: str) -> None:
    assert words in "\n".join(claims.problems(notebook, "c"))


def test_a_claim_after_the_settlement_is_a_problem() -> None:
    notebook = executed(claim(), settled=1)
    notebook.cells.reverse()
    assert "after ledger.settle()" in "\n".join(claims.problems(notebook, "c"))


def test_the_summary_counts_claims_and_controls_apart() -> None:
    found = [claim(), claim(verdict="different"), claim(control_verdict="undecided")]
    expected = "claims: 2 of 3 hold, 2 of 3 controls fail as they must (quick profile)"
    assert claims.summary(found, "quick") == expected


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


def test_tidying_leaves_nothing_of_the_machine_or_the_time() -> None:
    notebook = new_notebook(cells=[new_code_cell("1")])
    notebook.metadata["papermill"] = {"input_path": "/home/x", "parameters": {"alpha": 1}}
    notebook.cells[0].metadata["papermill"] = {"start_time": "now"}
    notebook.cells.insert(0, new_code_cell("", metadata={"tags": ["papermill-error-cell-tag"]}))
    tidied = tidy(notebook, "c")
    assert tidied.metadata == {"papermill": {"parameters": {"alpha": 1}}}
    assert [(cell.id, cell.metadata) for cell in tidied.cells] == [("c-0", {})]
    assert notebook.metadata.papermill.input_path == "/home/x"  # the argument is untouched


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


def test_remaining_time() -> None:
    assert remaining_seconds([10.0], [5.0, 5.0], 2) == 10
    assert remaining_seconds([], [6.0, 4.0, 3.0], 2) == 7
    assert remaining_seconds([-3.0], [], 1) == 0
    assert remaining_seconds([None], [1.0], 2) is None
    assert remaining_seconds([1.0], [None], 2) is None


@given(st.lists(st.floats(0, 100), max_size=8), st.integers(1, 4))
def test_remaining_time_is_between_its_bounds(seconds: list[float], workers: int) -> None:
    estimate = remaining_seconds([], seconds, workers)
    assert estimate is not None
    lower = max(max(seconds, default=0), sum(seconds) / workers)
    assert lower - 1e-9 <= estimate <= sum(seconds) + 1e-9


def test_progress_in_a_log_file() -> None:
    log, now = io.StringIO(), [0.0]
    progress = Progress({"long": 10.0, "short": 4.0}, 1, log, lambda: now[0])
    progress.started("long")
    now[0] = 12.0
    progress.finished("long", "finished")
    progress.started("short")
    progress.tick()
    now[0] = 17.0
    progress.finished("short", "FAILED")
    progress.close()
    assert log.getvalue().splitlines() == [
        "[   0.0 s] started  long (last time 10 s)",
        "[  12.0 s] finished long after 12.0 s; 1 of 2 done, about 4 s left",
        "[  12.0 s] started  short (last time 4 s)",
        "[  17.0 s] FAILED   short after 5.0 s; 2 of 2 done",
    ]


def test_folders_of_reruns_are_readable_and_never_shared() -> None:
    assert folder_name({"alpha": 0.3, "widths": [1.0, 2.0]}) == "alpha=0.3,widths=[1.0,2.0]"
    assert folder_name({}) == "defaults"
    names = {folder_name({"f": text}) for text in ("a/b", "a b", "a_b", "a" * 200, "a" * 201)}
    assert len(names) == 5
    assert all("/" not in name and len(name) < 120 for name in names)


def test_a_record_is_json(tmp_path: Path) -> None:
    write_text(tmp_path / "x", json.dumps({"a": [1.5]}))
    assert read_json(tmp_path / "x") == {"a": [1.5]}


@pytest.mark.parametrize(
    ("value", "error", "per_cent", "text"),
    [
        (-0.4523, 0.0212, False, "−0.45 ± 0.02"),
        (0.00519, 0.0028, True, "0.5 ± 0.3 %"),
        (-0.0132, 0.0101, True, "−1.3 ± 1.0 %"),
        (0.0321, 0.0, False, "0.032"),
        (1234.0, 56.0, False, "1234 ± 56"),
        (-0.0001, 0.004, True, "0.0 ± 0.4 %"),
    ],
)
def test_numbers_in_prose(value: float, error: float, per_cent: bool, text: str) -> None:
    assert inline_number(value, error, per_cent).replace("\N{NO-BREAK SPACE}", " ") == text
