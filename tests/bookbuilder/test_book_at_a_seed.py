"""The whole book at another seed, and back."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from drawing import make_drawing
from tiny import command, environment, make

from bookbuilder.declare.project import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_drawing(tmp_path_factory.mktemp("seed") / "book")


def book(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(project, *arguments, "book"),
        env={**environment(project), "TINY_TRACE": str(project.root.parent)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_book_at_a_seed_says_so_and_the_way_back_runs_nothing(project: Project) -> None:
    own = book(project)
    assert own.returncode == 0, own.stderr
    assert "chapters: 3 executed, 0 unchanged" in own.stdout
    before = {path.name: path.read_text() for path in project.html.glob("*.html")}
    assert all("seed-banner" not in text for text in before.values())
    assert "<p>each chapter’s own</p>" in before["ledger.html"]

    other = book(project, "--seed", "2")
    assert other.returncode == 0, other.stderr
    # What draws nothing is as it was.
    assert "chapters: 2 executed, 1 unchanged; pages rendered" in other.stdout
    assert "(seed 2, quick profile)" in other.stdout
    pages = {path.name: path.read_text() for path in project.html.glob("*.html")}
    for name in ("intro", "parabola", "second", "dice", "ledger"):
        assert "The book at seed 2, in every chapter that draws" in pages[f"{name}.html"]
    assert "(seed 2, quick profile)" in pages["intro.html"]
    assert "seed=2" in pages["ledger.html"] and "<p>2</p>" in pages["ledger.html"]
    assert "seed=2" in pages["parabola.html"]  # the command that runs it again
    record = json.loads(project.claims.read_text())
    assert record["seed"] == 2 and record["claims"][0]["value"] == 0.7

    # Back, and there again: nothing is run a second time.
    back = book(project)
    assert "chapters: 0 executed, 3 unchanged; pages rendered" in back.stdout
    assert {path.name: path.read_text() for path in project.html.glob("*.html")} == before
    assert json.loads(project.claims.read_text())["seed"] is None
    assert "0 executed, 3 unchanged; pages rendered" in book(project, "--seed", "2").stdout
    # The book's own seed is the book, under another name.
    assert "0 executed, 3 unchanged; pages rendered" in book(project, "--seed", "0").stdout


def test_a_claim_that_fails_at_a_seed_is_reported_with_it(project: Project) -> None:
    good = {path.name: path.read_text() for path in project.html.glob("*.html")}
    done = book(project, "--seed", "3")
    assert done.returncode == 1
    assert "parameters: seed=3" in done.stderr and "FAILED claim half" in done.stderr
    assert project.failed("quick-seed-3", "parabola").is_file()
    assert {path.name: path.read_text() for path in project.html.glob("*.html")} == good
    assert "0 executed, 3 unchanged" in book(project).stdout


def test_a_seed_without_anything_to_draw_is_refused(tmp_path: Path) -> None:
    done = book(make(tmp_path / "book"), "--seed", "1")
    assert done.returncode == 2
    assert done.stderr == "error: SEED = 1 changes nothing: no chapter has the parameter `seed`\n"


def test_make_hands_seeds_over_whatever_they_hold(tmp_path: Path) -> None:
    place = tmp_path / "bin"
    place.mkdir()
    (place / "python").write_text('#!/bin/sh\nfor each; do echo "[$each]"; done\n')
    (place / "python").chmod(0o755)
    root = Path(__file__).resolve().parents[2]
    makefile = ["make", "-f", str(root / "Makefile"), f"VENV={tmp_path}", "PYTHON=true"]
    quiet = {
        k: v for k, v in os.environ.items() if k not in ("SEED", "SEEDS", "MAKEFLAGS", "MAKELEVEL")
    }

    def told(*arguments: str) -> list[str]:
        done = subprocess.run(
            [*makefile, *arguments], cwd=tmp_path, env=quiet, capture_output=True, text=True
        )
        return done.stdout.splitlines()

    odd = "1'; echo $(id) \""
    assert "[--seed=3]" in told("book", "SEED=3") and told("book")[-1] == "[book]"
    assert f"[--seed={odd}]" in told("book", f"SEED={odd.replace('$', '$$')}")
    assert told("seeds")[-3:] == ["[seeds]", "[--count=20]", "[--chapters=]"]
    assert told("seeds", "SEEDS=-1", "CHAPTER=a b")[-2:] == ["[--count=-1]", "[--chapters=a b]"]
    assert told("seeds", "SCHEDULER=tcp://a:1")[-2:] == ["[--scheduler]", "[tcp://a:1]"]
