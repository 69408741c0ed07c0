"""A whole book under another seed: what takes it, what is kept apart, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny import build, make

from bookbuilder.declare.project import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = make(tmp_path_factory.mktemp("seeds"))
    source = made.source("parabola")
    drawn = "points: int = 20         # in [2, 1000]: points of the curve\n"
    text = source.read_text()
    assert drawn in text
    source.write_text(text.replace(drawn, drawn + "seed: int = 0  # in [0, 1000000]: draws\n"))
    return made


def record(path: Path) -> dict[str, object]:
    found = json.loads(path.read_text())
    assert isinstance(found, dict)
    return found


def test_chapters_that_draw_take_the_seed_and_the_book_comes_back(project: Project) -> None:
    assert build(project, "book").returncode == 0
    other = build(project, "--seed", "3", "book")
    assert other.returncode == 0, other.stderr
    assert "chapters: 2 executed" in other.stdout and "(quick-seed-3 profile)" in other.stdout
    assert record(project.record("quick-seed-3", "parabola"))["values"] == {"seed": 3}
    assert record(project.record("quick-seed-3", "second"))["values"] == {}
    assert record(project.claims)["profile"] == "quick-seed-3"
    assert "quick-seed-3" in (project.html / "ledger.html").read_text()
    # Nothing of the book's own runs was lost, and its pages return.
    again = build(project, "book")
    assert "chapters: 0 executed, 2 unchanged; pages rendered" in again.stdout
    assert record(project.claims)["profile"] == "quick"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--seed", "abc", "book"], "SEED = 'abc' must be a whole number from 0"),
        (["--seed=-1", "book"], "SEED = '-1' must be a whole number from 0"),
        (["--seed", "1000001", "book"], "seed = 1000001"),
        (["--seed", "3", "chapter", "parabola"], "SEED is for the whole book"),
    ],
)
def test_other_seeds_are_refused_by_name(
    project: Project, arguments: list[str], words: str
) -> None:
    done = build(project, *arguments)
    assert done.returncode == 2 and words in done.stderr
    assert done.stderr.startswith("error: SEED ") and "Traceback" not in done.stderr
