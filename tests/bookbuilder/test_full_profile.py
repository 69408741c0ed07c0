"""What the full profile claimed is stored beside the chapters, and stands in every ledger."""

from __future__ import annotations

import json
import shutil

from bs4 import BeautifulSoup
from tiny import ROOT, build, edited

from bookbuilder.declare.project import Project
from bookbuilder.execute.claim_table import read_table


def ledger(project: Project) -> str:
    page = BeautifulSoup((project.html / "ledger.html").read_text(), "html.parser")
    return " ".join(page.get_text(" ").split())


def test_full_runs_are_stored_and_shown_beside_quick_ones(project: Project) -> None:
    quick = build(project, "book")
    assert quick.returncode == 0, quick.stderr
    assert not project.full.exists() and not project.full_seconds.exists()
    text = ledger(project)
    assert "Stored full profile, claims: 0 of 0 hold" in text and "Not stored: parabola." in text

    full = build(project, "--profile", "full", "book")
    assert full.returncode == 0, full.stderr
    [row] = read_table(project.full)
    assert (row.profile, row.chapter, row.claim, row.value) == ("full", "parabola", "half", 0.5)
    assert row.passed and row.margin == 0.25
    times = json.loads(project.full_seconds.read_text())
    assert list(times) == ["parabola", "second"]

    # The stored numbers do not go with what was built.
    shutil.rmtree(project.build)
    again = build(project, "book")
    assert again.returncode == 0, again.stderr
    text = ledger(project)
    assert "Stored full profile, claims: 1 of 1 hold, 1 of 1 controls fail" in text
    assert f"full profile, {row.date}: 0.5 (must be 0.5 ± 0.25) ✓ equivalent" in text
    assert "last time" in build(project, "--profile", "full", "book").stderr


def test_a_full_run_whose_claim_fails_is_stored_as_such(project: Project) -> None:
    build(project, "--profile", "full", "book")
    with edited(project.source("parabola"), "claims.exact(alpha),", "claims.exact(alpha + 1),"):
        failed = build(project, "--profile", "full", "book")
    assert failed.returncode == 1
    [row] = read_table(project.full)
    assert (row.verdict, row.passed) == ("different", False)


def test_stored_full_claims_hold() -> None:
    rows = read_table(Project(ROOT).full)
    assert [f"{row.chapter}/{row.claim}" for row in rows if not row.passed] == []
