"""A book whose claims are not those of its registry is refused, by name."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tiny import edited

from bookbuilder._support.errors import BookError
from bookbuilder.declare.notebook import read_chapter
from bookbuilder.declare.project import Project
from bookbuilder.declare.registry import read_registry
from bookbuilder.execute.registered import check_claims, check_planned, planned
from records import claim

HALF: dict[str, Any] = {
    "chapter": "parabola",
    "id": "half",
    "statement": "The curve at one is a half.",
    "equation": "eq-parabola",
    "target": 0.5,
    "margin": 0.25,
    "level": 0.05,
    "control_statement": "moved up by one",
}


def half(**changes: object) -> dict[str, Any]:
    return claim(**HALF | changes)


def refusal(project: Project, *claims: dict[str, Any], profile: Any = "quick") -> str:
    with pytest.raises(BookError) as caught:
        check_claims(project, claims, profile)
    return str(caught.value)


def paste(project: Project, message: str, why: str, drawn: str = "nothing.") -> None:
    """Do what the refusal says: replace the entry by the lines that it prints, and say why."""
    lines = message[message.index("\n\n[") :]
    lines = lines.replace('why = ""', f'why = "{why}"').replace('drawn = ""', f'drawn = "{drawn}"')
    text = project.registry.read_text()
    for name in re.findall(r"^\[(.*)\]$", lines, re.M):
        text = re.sub(rf"^\[{re.escape(name)}\]\n(.+\n)*", "", text, flags=re.M)
    project.registry.write_text(f"{text}{lines}\n")


def test_the_registered_claim_passes_in_both_profiles(project: Project) -> None:
    check_claims(project, [half()], "quick")
    check_claims(project, [half(margin=0.25 * (1 + 1e-10))], "full")


@pytest.mark.parametrize(
    ("field", "found", "words"),
    [
        (
            "statement",
            "It is half.",
            "registered 'The curve at one is a half.', found 'It is half.'",
        ),
        ("equation", "eq-other", "registered 'eq-parabola', found 'eq-other'"),
        ("target", 0.0, "registered 0.5, found 0.0"),
        ("margin", 0.25000001, "registered 0.25, found 0.25000001"),
        ("level", 0.025, "registered 0.05, found 0.025"),
        ("control_statement", "moved", "registered 'moved up by one', found 'moved'"),
    ],
)
def test_a_field_that_differs_is_named_and_can_be_registered(
    project: Project, field: str, found: object, words: str
) -> None:
    message = refusal(project, half(**{field: found}))
    assert f"claim parabola/half: {field} {words}" in message
    assert "book/_data/claims.toml" in message and str(project.root) not in message
    before = read_registry(project.registry).claims["parabola", "half"]
    # Without a reason the lines are no entry.
    paste(project, message, why="")
    assert "why = '' must be a text" in refusal(project, half())
    paste(project, message, why="It was seen.")
    check_claims(project, [half(**{field: found})], "quick")
    after = read_registry(project.registry).claims["parabola", "half"]
    assert after.changed > before.changed and after.why == "It was seen."
    assert after.was == f"{field} {HALF[field]}"


def test_a_claim_that_is_not_registered_and_one_that_is_not_tested(project: Project) -> None:
    message = refusal(project, half(id="other"))
    assert "claim parabola/other: not registered" in message
    assert "claim parabola/half: registered, but no chapter tests it" in message
    paste(project, message, why="As first stated.")
    check_claims(project, [half(), half(id="other")], "quick")
    assert read_registry(project.registry).claims["parabola", "other"].was == ""


def test_a_margin_of_one_profile_leaves_the_other(project: Project) -> None:
    with edited(project.registry, "margin = 0.25", "margin = {quick = 0.25, full = 0.1}"):
        check_claims(project, [half()], "quick")
        check_claims(project, [half(margin=0.1)], "full")
        message = refusal(project, half(margin=0.2), profile="full")
        assert "margin registered 0.1, found 0.2" in message
        assert "margin = {quick = 0.25, full = 0.2}" in message
    with edited(project.registry, "margin = 0.25", "margin = {quick = 0.25}"):
        check_claims(project, [half(margin=0.1)], "full")  # not registered there
        assert "margin = {quick = 0.3}" in refusal(project, half(margin=0.3))


def notebooks(project: Project) -> dict[str, Any]:
    return {name: read_chapter(project, name) for name in ("parabola", "second")}


def test_planned_parameters_are_compared_before_a_kernel_starts(project: Project) -> None:
    check_planned(project, notebooks(project))
    assert planned(notebooks(project)["parabola"], "parabola")["full"] == {"points": 40}
    with edited(project.source("parabola"), "points: int = 20 ", "points: int = 30 "):
        with pytest.raises(BookError) as caught:
            check_planned(project, notebooks(project))
        words = "chapter parabola, quick profile: points registered 20, found 30"
        assert words in str(caught.value)
        paste(project, str(caught.value), why="")
        check_planned(project, notebooks(project))
    with pytest.raises(BookError, match="points registered 30, found 20"):
        check_planned(project, notebooks(project))


def test_the_seed_is_no_plan(project: Project) -> None:
    line = 'shape: str = "round"  '
    with edited(project.source("parabola"), line, f"seed: int = 3  # in [0, 9]: seed\n{line}"):
        check_planned(project, notebooks(project))


def test_what_is_registered_but_not_in_the_book(project: Project) -> None:
    project.registry.write_text(project.registry.read_text() + "\n[gone.planned]\n")
    with pytest.raises(BookError, match="chapter gone: registered, but not in the book"):
        check_planned(project, notebooks(project))


def test_claims_on_data_from_outside_may_be_untested(project: Project) -> None:
    with edited(project.registry, 'was = "0.2"', 'only_with = "the images"'):
        check_claims(project, [], "quick")
        with pytest.raises(BookError, match="only_with is for chapters that read data"):
            check_planned(project, notebooks(project))
        full = "  full: {points: 40}"
        with edited(project.source("parabola"), full, f"{full}\n  outside: os.getcwd"):
            check_planned(project, notebooks(project))


def test_a_book_without_a_registry_is_told_what_to_register(project: Project) -> None:
    lines = tomllib.loads(project.registry.read_text())
    project.registry.unlink()
    with pytest.raises(BookError, match="points registered nothing, found 20") as caught:
        check_planned(project, notebooks(project))
    plan = str(caught.value).split("\n\n", 2)[-1]
    assert tomllib.loads(plan) == {"parabola": {"planned": lines["parabola"]["planned"]}}
    assert Path(project.registry).exists() is False
