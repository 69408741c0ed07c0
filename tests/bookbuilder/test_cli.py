"""The builder from the command line, on a tiny book: what it keeps, redoes, refuses and reports."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tiny import build, edited, environment, make

from bookbuilder.cli import main
from bookbuilder.declare.project import Project


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    """The tiny book, built once; tests that change it work on what this leaves behind."""
    project = make(tmp_path_factory.mktemp("book"))
    done = build(project, "book")
    assert done.returncode == 0, done.stderr
    return project, done.stdout


def state(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def test_the_first_build_says_what_it_did(built: tuple[Project, str]) -> None:
    project, output = built
    assert "chapters: 2 executed, 0 unchanged; pages rendered" in output
    assert "claims: 1 of 1 hold, 1 of 1 controls fail as they must (quick profile)" in output
    assert f"open {(project.html / 'index.html').as_uri()}" in output
    record = json.loads(project.claims.read_text())
    assert record["profile"] == "quick"
    assert [claim["id"] for claim in record["claims"]] == ["half"]
    assert state(project.build)["claims.json"] == state(project.html)["claims.json"]


def profile_shown(page: str) -> str:
    """The profile that the table of the build's facts on a page names."""
    [profile] = re.findall(r"<p>Profile</p></td>\s*<td><p>(\w+)</p>", page)
    return profile


def test_pages_show_outputs_numbers_and_claims(built: tuple[Project, str]) -> None:
    project, _ = built
    parabola = (project.html / "parabola.html").read_text()
    assert "Fig. 1.1" in parabola and "A line that rises" in parabola and ">20\n" in parabola
    assert 'id="claim-half"' in parabola
    assert "Fig. 2.1" in parabola  # a figure of another chapter
    ledger = (project.html / "ledger.html").read_text()
    assert "parabola.html#claim-half" in ledger and "moved up by one" in ledger
    assert profile_shown(ledger) == "quick"
    assert "notebooks/parabola.ipynb" in parabola


def test_a_second_build_does_nothing_and_is_fast(built: tuple[Project, str]) -> None:
    project, _ = built
    before = state(project.build)
    start = time.monotonic()
    done = build(project, "book")
    assert time.monotonic() - start < 15
    assert "chapters: 0 executed, 2 unchanged; pages unchanged" in done.stdout
    assert state(project.build) == before


def test_what_reruns_after_a_change(built: tuple[Project, str]) -> None:
    project, _ = built
    with edited(project.source("intro"), "See", "Read"):
        assert "0 executed, 2 unchanged; pages rendered" in build(project, "book").stdout
    project.executed("quick", "second").write_text("{}")  # not what papermill wrote
    assert "1 executed, 1 unchanged; pages rendered" in build(project, "book").stdout


def test_failing_chapters_are_reported_and_the_pages_survive(built: tuple[Project, str]) -> None:
    project, _ = built
    before = state(project.html)
    with (
        edited(project.source("parabola"), "print(points)", "print(points)\n1 / 0"),
        edited(project.source("second"), 'print("threads", threads)', "missing"),
    ):
        done = build(project, "book")
    assert done.returncode == 1
    assert "FAILED chapter parabola, code cell 4" in done.stderr
    assert "parameters: the defaults of the chapter" in done.stderr
    assert "    | 1 / 0" in done.stderr and "ZeroDivisionError" in done.stderr
    assert "----> 2 1 / 0" in done.stderr  # last frame
    assert "FAILED chapter second, code cell 2" in done.stderr
    assert "NameError: name 'missing' is not defined" in done.stderr
    assert "2 of 2 chapters failed: parabola, second" in done.stderr
    assert state(project.html) == before
    assert project.failed("quick", "parabola").is_file()
    # The good runs are still known.
    assert "0 executed, 2 unchanged; pages unchanged" in build(project, "book").stdout


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "claims.exact(alpha),",
            "claims.sample([0.9, 1.0, 1.1]),",
            ("half", "1 ± 0.058", "margin 0.25: different"),
        ),
        (
            "claims.exact(alpha + 1)",
            "claims.exact(alpha)",
            ("half", "control (moved up by one) 0.5: equivalent"),
        ),
        (
            "ledger.settle()",
            "print('forgotten')",
            ("its last cell does not show ledger.settle()",),
        ),
        (
            "print(points)",
            "import os\nos._exit(9)",
            ("code cell 4", "os._exit(9)", "ended abruptly"),
        ),
    ],
    ids=["claim", "control", "unsettled", "dead kernel"],
)
def test_what_else_fails_a_chapter(
    built: tuple[Project, str], old: str, new: str, words: tuple[str, ...]
) -> None:
    project, _ = built
    before = state(project.html)
    with edited(project.source("parabola"), old, new):
        done = build(project, "book")
    assert done.returncode == 1
    for word in ("FAILED chapter parabola", "1 of 2 chapters failed: parabola", *words):
        assert word in done.stderr
    assert state(project.html) == before


def test_a_warning_of_sphinx_is_an_error(built: tuple[Project, str]) -> None:
    project, _ = built
    before = state(project.html)
    with edited(project.source("intro"), "{eq}`eq-parabola`", "{eq}`eq-nowhere`"):
        done = build(project, "book")
    assert done.returncode == 1
    assert "eq-nowhere" in done.stderr and "WARNING" in done.stderr
    assert state(project.html) == before


def test_the_full_profile_shows_its_values(built: tuple[Project, str]) -> None:
    project, _ = built
    done = build(project, "--profile", "full", "--jobs", "1", "book")
    assert done.returncode == 0, done.stderr
    assert "(full profile)" in done.stdout
    page = (project.html / "parabola.html").read_text()
    assert ">40\n" in page and ">20\n" not in page
    ledger = (project.html / "ledger.html").read_text()
    assert profile_shown(ledger) == "full"
    assert "points=40" in ledger


def test_rerun_with_other_values(built: tuple[Project, str]) -> None:
    project, _ = built
    before = state(project.html)
    done = build(project, "chapter", "parabola", "alpha=0.6 points=7 widths=[2,3]")
    assert done.returncode == 0, done.stderr
    folder = project.runs("parabola") / "alpha=0.6,points=7,widths=[2.0,3.0]"
    notebook = folder / "parabola.ipynb"
    page = folder / "html" / "parabola.html"
    assert str(notebook) in done.stdout and page.as_uri() in done.stdout
    text = page.read_text()
    assert "not part of the book" in text and "alpha=0.6" in text and ">7\n" in text
    assert "second.html" not in text and "ledger.html" not in text
    others = {each.name for each in (folder / "html").glob("*.html")} - {page.name}
    assert others <= {"index.html", "prf-prf.html"}
    assert state(project.html) == before


def test_rerun_whose_claim_does_not_hold(built: tuple[Project, str]) -> None:
    project, _ = built
    done = build(project, "chapter", "parabola", "alpha=1")
    assert done.returncode == 1
    assert "claims of this chapter do not all hold" in done.stderr
    page = project.runs("parabola") / "alpha=1.0" / "html" / "parabola.html"
    assert "Not every claim holds" in page.read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("parabolla", ""), ("'parabolla'", "parabola, second")),
        (("parabola", "beta=1"), ("beta is not a parameter", "in [2, 1000]", "'round'")),
        (("parabola", "alpha=1.5"), ("alpha = 1.5 must lie in [0, 1]",)),
        (("parabola", "points=2.5"), ("points = 2.5 must be of type int",)),
        (("parabola", "shape=oval"), ("shape = 'oval' must lie in {round, square}",)),
        (("parabola", "widths=[1,0]"), ("widths = 0 must lie in (0, 10]",)),
    ],
)
def test_refused_before_a_kernel_starts(
    built: tuple[Project, str], arguments: tuple[str, str], words: tuple[str, ...]
) -> None:
    project, _ = built
    done = build(project, "chapter", *arguments)
    assert done.returncode == 2
    for word in words:
        assert word in done.stderr
    assert "started" not in done.stderr


def test_a_downloaded_notebook_runs_under_plain_papermill(
    built: tuple[Project, str], tmp_path: Path
) -> None:
    project, _ = built
    download = project.html / "notebooks" / "parabola.ipynb"
    out = tmp_path / "out.ipynb"
    papermill = [sys.executable, "-m", "papermill", str(download), str(out), "-p", "points", "9"]
    done = subprocess.run(
        papermill, env=environment(project), cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert '"9\\n"' in out.read_text()
    assert str(project.root) not in download.read_text()


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
