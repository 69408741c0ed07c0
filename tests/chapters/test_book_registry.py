"""The registry of the real book: complete, and of one piece with its chapters."""

from __future__ import annotations

import math
from datetime import date

from bookbuilder.declare.notebook import load, read_chapter
from bookbuilder.declare.project import Project
from bookbuilder.declare.registry import PROFILES, read_registry
from bookbuilder.declare.toc import chapters
from bookbuilder.execute.claims import collect
from bookbuilder.execute.execution import Run
from bookbuilder.execute.registered import check_claims, check_planned

STATED = date(2026, 11, 23)  # of the first chapters


def test_sizes_and_trials_are_those_of_the_chapters(project: Project) -> None:
    check_planned(project, {name: read_chapter(project, name) for name in chapters(project)})


def test_every_claim_is_registered_as_it_was_tested(project: Project, runs: list[Run]) -> None:
    claims = [claim for run in runs for claim in collect(load(run.notebook))]
    check_claims(project, claims, "quick")


def test_margins_that_differ_by_profile_follow_a_registered_size(project: Project) -> None:
    """The quick margin times a power -1/2 or -1 of the sizes' ratio is the full one.

    Or it is sharper than the first, and the registry says in per cent why.
    """
    registry = read_registry(project.registry)
    moved = 0
    for (chapter, name), entry in registry.claims.items():
        assert set(entry.margin) == set(PROFILES), (chapter, name)
        quick, full = (entry.margin[profile] for profile in PROFILES)
        if quick == full:
            continue
        moved += 1
        plan = registry.planned[chapter]
        sizes = [
            [values[-1] if isinstance(values, list) else values for values in both]
            for both in ((plan["quick"][key], value) for key, value in plan["full"].items())
            if not isinstance(both[0], str)
        ]
        scaled = [
            [quick * (small / large) ** power for power in (0.5, 1)]
            for small, large in sizes
            if isinstance(small, int | float)
        ]
        same = any(math.isclose(full, each, rel_tol=1e-9) for both in scaled for each in both)
        sharper = any(full < both[0] for both in scaled) and f"{100 * full:g} %" in entry.why
        assert same or sharper, (chapter, name)
    assert moved > 15


def test_what_was_changed_is_dated_and_told(project: Project) -> None:
    registry = read_registry(project.registry)
    for at, entry in registry.claims.items():
        assert entry.changed >= STATED, at
        assert not (entry.was and entry.why.startswith("As first stated")), at
        assert entry.drawn.endswith("."), at
    text = project.source("ledger").read_text("utf-8")
    assert "{claims-changed}" in text and sum(bool(e.was) for e in registry.claims.values()) > 20
