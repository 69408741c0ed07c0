"""Whether a book is the one that its registry states: its parameters, its claims, their margins."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from nbformat import NotebookNode

from bookbuilder._support.errors import BookError
from bookbuilder.declare.parameters import read_parameters
from bookbuilder.declare.profile import PROFILES, SEED, Profile, profile_values
from bookbuilder.declare.project import Project
from bookbuilder.declare.registry import Entry, Registry, read_registry, table
from onestep.claims.rendering import Record

TOLERANCE = 1e-9
"""Relative difference up to which two numbers count as one."""

_COMPARED = ("statement", "equation", "target", "margin", "level", "control_statement")

_ADVICE = (
    "If that is meant, these lines belong into the registry, in place of what stands there of the "
    "same name. Where `why` is empty, say why; a claim that is gone is deleted by hand:"
)


def planned(notebook: NotebookNode, chapter: str) -> dict[str, dict[str, Any]]:
    """Parameters of a chapter but its seed, as the registry holds them, by profile."""
    defaults = {each.name: each.default for each in read_parameters(notebook, chapter)}
    by_profile = {"quick": defaults, "full": profile_values(notebook, chapter, "full")}
    return {
        profile: {name: value for name, value in values.items() if name != SEED}
        for profile, values in by_profile.items()
    }


def check_planned(project: Project, notebooks: Mapping[str, NotebookNode]) -> None:
    """Refuse sizes and numbers of trials that are not registered; no kernel has to run for it."""
    registry = read_registry(project.registry)
    wrong, lines = [], []
    for chapter, notebook in notebooks.items():
        found = planned(notebook, chapter)
        registered = registry.planned.get(chapter, {})
        differing = [
            f"chapter {chapter}, {profile} profile: {name} registered "
            f"{_told(registered.get(profile, {}), name)}, found {_told(values, name)}"
            for profile, values in found.items()
            for name in {**values, **registered.get(profile, {})}
            if _told(registered.get(profile, {}), name) != _told(values, name)
        ]
        if differing:
            wrong += differing
            lines.append(table(chapter, "planned", **found))
    wrong += [
        f"chapter {chapter}: registered, but not in the book"
        for chapter in registry.planned
        if chapter not in notebooks
    ]
    for chapter, name in sorted(registry.claims):
        declared = notebooks[chapter].metadata.get("onestep") or {} if chapter in notebooks else {}
        if registry.claims[chapter, name].only_with and "outside" not in declared:
            wrong.append(
                f"claim {chapter}/{name}: only_with is for chapters that read data from outside "
                "the project (`onestep: outside:`)"
            )
    if wrong:
        raise BookError(_refusal("parameters differ", project, wrong, lines))


def check_claims(project: Project, claims: Sequence[Record], profile: Profile) -> None:
    """Refuse claims of the book, at its own parameters, that are not those of the registry.

    Named are every claim that differs, with field, registered and found value; every claim that
    is not registered; and every registered one that no chapter tests; with lines to register.
    """
    registry = read_registry(project.registry)
    wrong, lines = [], []
    for claim in claims:
        entry = registry.claims.get((claim["chapter"], claim["id"]))
        if differing := list(_differing(entry, claim, profile)):
            wrong += [f"claim {claim['chapter']}/{claim['id']}: {each}" for each in differing]
            lines.append(_lines(entry, claim, profile))
    wrong += [
        f"claim {chapter}/{name}: registered, but no chapter tests it"
        for chapter, name in _untested(registry, claims)
    ]
    if wrong:
        raise BookError(_refusal("claims differ", project, wrong, lines))


def _untested(registry: Registry, claims: Sequence[Record]) -> list[tuple[str, str]]:
    tested = {(claim["chapter"], claim["id"]) for claim in claims}
    needed = {at for at, entry in registry.claims.items() if not entry.only_with}
    return sorted(needed - tested)


def _differing(entry: Entry | None, claim: Record, profile: Profile) -> Iterator[str]:
    """What of a claim differs from its entry."""
    if entry is None:
        yield "not registered"
        return
    registered = _registered(entry, profile)
    for field in _COMPARED:
        if field in registered and not _same(registered[field], claim[field]):
            yield f"{field} registered {registered[field]!r}, found {claim[field]!r}"


def _registered(entry: Entry, profile: Profile) -> dict[str, Any]:
    """Fields of an entry in a profile; without the margin where none is registered."""
    fields = {name: getattr(entry, name) for name in _COMPARED if name != "margin"}
    return fields | ({"margin": entry.margin[profile]} if profile in entry.margin else {})


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str):
        return bool(one == other)
    return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=0.0)


def _lines(entry: Entry | None, claim: Record, profile: Profile) -> str:
    """The entry that a claim needs: dated today, the reason empty, with what stood there before."""
    fields: dict[str, Any] = {name: claim[name] for name in _COMPARED}
    fields |= {"drawn": "", "changed": datetime.now(UTC).date(), "why": ""}
    if entry is not None:
        registered = _registered(entry, profile)
        if {*entry.margin} < {*PROFILES} or len({*entry.margin.values()}) > 1:
            fields["margin"] = {**entry.margin, profile: claim["margin"]}
        was = [
            f"{name} {registered[name]}"
            for name in registered
            if not _same(registered[name], claim[name])
        ]
        fields |= {"drawn": entry.drawn, "was": "; ".join(was)}
        fields |= {"only_with": entry.only_with} if entry.only_with else {}
    return table(claim["chapter"], "claims", claim["id"], **fields)


def _told(values: Mapping[str, Any], name: str) -> str:
    return repr(values[name]) if name in values else "nothing"


def _refusal(what: str, project: Project, wrong: Sequence[str], lines: Sequence[str]) -> str:
    place = project.registry.relative_to(project.root)
    told = "\n".join(f"  {each}" for each in wrong)
    advice = "\n\n".join(["", _ADVICE, *lines]) if lines else ""
    return f"{what} from the registry, {place}\n{told}{advice}"
