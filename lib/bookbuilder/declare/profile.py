"""What the book is made with: a profile, and a seed for whatever its chapters draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from nbformat import NotebookNode

from bookbuilder._support.errors import BookError
from bookbuilder.declare.domain import Value
from bookbuilder.declare.notebook import read_chapter
from bookbuilder.declare.parameters import Parameter, read_parameters
from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import chapters
from bookbuilder.declare.values import check_values

Profile = Literal["quick", "full"]

PROFILES: tuple[Profile, ...] = get_args(Profile)

SEED = "seed"
"""Name of the parameter by which a chapter chooses what it draws."""


def parse_profile(name: str) -> Profile:
    """The profile of that name."""
    for profile in PROFILES:
        if name == profile:
            return profile
    raise BookError(f"PROFILE = {name!r} must be one of {', '.join(PROFILES)}")


def profile_values(notebook: NotebookNode, chapter: str, profile: Profile) -> dict[str, Value]:
    """Values that a profile sets over the defaults of the parameters cell."""
    # Read in either profile, so that a broken declaration is found by the quick one too.
    parameters = read_parameters(notebook, chapter)
    onestep = notebook.metadata.get("onestep") or {}
    if not isinstance(onestep, dict) or set(onestep) - {"full", "outside"}:
        raise BookError(
            f"front matter of {chapter!r}: `onestep` may hold `full` and `outside` only"
        )
    full = onestep.get("full") or {}
    values = check_values(full, parameters, origin=f"onestep.full of {chapter!r}")
    return values if profile == "full" else {}


def seed_parameter(notebook: NotebookNode, chapter: str) -> Parameter | None:
    """The parameter by which a chapter chooses what it draws; None if it draws nothing."""
    return next((each for each in read_parameters(notebook, chapter) if each.name == SEED), None)


def drawing_chapters(project: Project) -> list[str]:
    """The chapters that have a parameter ``seed``, in reading order."""
    return [c for c in chapters(project) if seed_parameter(read_chapter(project, c), c)]


def seed_values(
    notebook: NotebookNode, chapter: str, profiled: Mapping[str, Value], seed: int | None
) -> dict[str, Value]:
    """What a seed sets over the `profile_values`; nothing where the chapter has it anyway."""
    parameter = seed_parameter(notebook, chapter)
    if seed is None or parameter is None:
        return {}
    try:
        value = parameter.check(seed)
    except ValueError as error:
        raise BookError(f"SEED: chapter {chapter!r} refuses it: {error}") from None
    return {} if value == profiled.get(SEED, parameter.default) else {SEED: value}


def edition(profile: str, seed: int | None) -> str:
    """Profile and seed as the name of a folder."""
    return profile if seed is None else f"{profile}-seed-{seed}"


def edition_words(profile: str, seed: int | None) -> str:
    """Profile and seed within a sentence, before the word "profile"."""
    return profile if seed is None else f"seed {seed}, {profile}"
