"""A whole book against its registry: what is shown, refused, and not compared."""

from __future__ import annotations

from pathlib import Path

import pytest
from drawing import make_drawing
from tiny import build, edited, make

from bookbuilder.declare.project import Project


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = make(tmp_path_factory.mktemp("registered") / "book")
    done = build(project, "book")
    assert done.returncode == 0, done.stderr
    return project


def test_the_ledger_shows_date_and_reason(built: Project) -> None:
    page = (built.html / "ledger.html").read_text()
    assert "since 2026-01-31: Half of a half." in page and "Drawn: nothing." in page
    changes = page[page.index("claims-changed") :]
    assert "<p>0.2</p>" in changes and "parabola.html#claim-half" in changes
    with edited(built.registry, '"Half of a half."', '"Seen at $n^{-1/2}$."'):
        done = build(built, "book")
        assert "0 executed, 2 unchanged; pages rendered" in done.stdout
        page = (built.html / "ledger.html").read_text()
        assert "since 2026-01-31: Seen at <span class=" in page
    with edited(built.registry, 'was = "0.2"\n', ""):
        assert build(built, "book").returncode == 0
        assert "No registered claim was changed." in (built.html / "ledger.html").read_text()


def test_a_claim_that_differs_is_refused_and_the_pages_survive(built: Project) -> None:
    before = (built.html / "ledger.html").read_text()
    with edited(built.source("parabola"), "margin=0.25", "margin=0.4"):
        done = build(built, "book")
        assert done.returncode == 2
        assert "claim parabola/half: margin registered 0.25, found 0.4" in done.stderr
        assert 'was = "margin 0.25"' in done.stderr and 'why = ""' in done.stderr
        assert (built.html / "ledger.html").read_text() == before
        with edited(built.registry, "margin = 0.25", "margin = 0.4"):
            assert "0 executed, 2 unchanged; pages rendered" in build(built, "book").stdout
    with edited(built.registry, "[parabola.claims.half]", "[parabola.claims.whole]"):
        done = build(built, "book")
        assert done.returncode == 2
        assert "claim parabola/half: not registered" in done.stderr
        assert "claim parabola/whole: registered, but no chapter tests it" in done.stderr


def test_planned_trials_that_differ_start_no_kernel(built: Project) -> None:
    with edited(built.registry, "points = 20", "points = 21"):
        done = build(built, "book")
    assert done.returncode == 2 and "started" not in done.stderr
    assert "quick profile: points registered 21, found 20" in done.stderr


def test_other_parameters_are_not_compared(built: Project) -> None:
    with edited(built.registry, "margin = 0.25", "margin = 0.2"):
        assert build(built, "chapter", "parabola", "points=7").returncode == 0
        assert build(built, "book").returncode == 2


def test_every_seed_is_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINY_TRACE", str(tmp_path))
    project = make_drawing(tmp_path / "book")
    with edited(project.source("dice"), "margin=1", "margin=1 + seed / 10"):
        done = build(project, "--seed", "2", "book")
    assert "claim dice/fair: margin registered 1, found 1.2" in done.stderr
