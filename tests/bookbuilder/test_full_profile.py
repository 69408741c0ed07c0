"""What the full profile claimed is stored beside the chapters, and stands in every ledger."""

from __future__ import annotations

import json
import shutil

from bs4 import BeautifulSoup
from tiny import ROOT, build, edited

from bookbuilder.declare.project import Project
from bookbuilder.declare.registry import read_registry
from bookbuilder.declare.toc import chapters
from bookbuilder.execute.claim_table import read_table


def ledger(project: Project) -> str:
    page = BeautifulSoup((project.html / "ledger.html").read_text(), "html.parser")
    return " ".join(page.get_text(" ").split())


def test_full_runs_are_stored_and_shown_beside_quick_ones(project: Project) -> None:
    full = build(project, "--profile", "full", "book")
    assert full.returncode == 0, full.stderr
    [row] = read_table(project.full)
    assert (row.profile, row.chapter, row.claim, row.value) == ("full", "parabola", "half", 0.5)
    assert row.passed and row.margin == 0.25
    assert list(json.loads(project.seconds.read_text())["full"]) == ["parabola", "second"]
    assert "Stored full profile, claims: 1 of 1 hold, 1 of 1 controls fail" in ledger(project)

    # On another machine nothing is built, but how long it took is known; and a claim may fail.
    shutil.rmtree(project.build)
    with edited(project.source("parabola"), "claims.exact(alpha),", "claims.exact(alpha + 1),"):
        failed = build(project, "--profile", "full", "book")
    assert failed.returncode == 1 and "last time" in failed.stderr
    [row] = read_table(project.full)
    assert (row.verdict, row.passed) == ("different", False)

    quick = build(project, "book")
    assert quick.returncode == 0, quick.stderr
    assert read_table(project.full) == [row]
    text = ledger(project)
    assert "Stored full profile, claims: 0 of 1 hold, 1 of 1 controls fail" in text
    assert f"full profile, {row.date}: 1.5 (must be 0.5 ± 0.25) ✗ different" in text


def test_every_registered_claim_was_made_at_full_size_and_holds() -> None:
    own = Project(ROOT)
    rows = read_table(own.full)
    assert {(row.chapter, row.claim) for row in rows} == set(read_registry(own.registry).claims)
    assert [f"{row.chapter}/{row.claim}" for row in rows if not row.passed] == []


def test_the_longest_chapters_of_a_fresh_clone_are_known() -> None:
    """They start first: else a long one that starts last keeps one core waiting."""
    own = Project(ROOT)
    stored = json.loads(own.seconds.read_text())["quick"]
    assert list(stored) == chapters(own), f"{own.seconds}: seconds of a quick run"
