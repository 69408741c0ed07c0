"""Profiles of the book: ``quick`` takes the chapters as they are, ``full`` is the paper's."""

from __future__ import annotations

from typing import Literal, get_args

from nbformat import NotebookNode

from bookbuilder._support.errors import BookError
from bookbuilder.declare.domain import Value
from bookbuilder.declare.parameters import read_parameters
from bookbuilder.declare.values import check_values

Profile = Literal["quick", "full"]


def parse_profile(name: str) -> Profile:
    """The profile of that name.

    Raises
    ------
    BookError
        If there is none.
    """
    for profile in get_args(Profile):
        if name == profile:
            return profile  # type: ignore[no-any-return]
    raise BookError(f"PROFILE = {name!r} must be one of {', '.join(get_args(Profile))}")


def parse_seed(text: str) -> int | None:
    """The seed of a whole book; None, if the text is empty, leaves every chapter its own.

    Raises
    ------
    BookError
        If it is no whole number from 0.
    """
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise BookError(f"SEED = {text!r} must be a whole number from 0")
    return int(text)


def edition(profile: Profile, seed: int | None) -> str:
    """Name under which the runs of a profile are kept, those of another seed apart."""
    return profile if seed is None else f"{profile}-seed-{seed}"


def profile_values(
    notebook: NotebookNode, chapter: str, profile: Profile, seed: int | None = None
) -> dict[str, Value]:
    """Values that a profile, and a seed where one is a parameter, set over the defaults.

    Raises
    ------
    BookError
        If the front matter's ``onestep.full``, or the seed, does not fit the parameters cell.
    """
    # Read in either profile, so that a broken declaration is found by the quick one too.
    parameters = read_parameters(notebook, chapter)
    onestep = notebook.metadata.get("onestep") or {}
    if not isinstance(onestep, dict) or set(onestep) - {"full", "outside"}:
        raise BookError(
            f"front matter of {chapter!r}: `onestep` may hold `full` and `outside` only"
        )
    full = onestep.get("full") or {}
    values = check_values(full, parameters, origin=f"onestep.full of {chapter!r}")
    chosen = values if profile == "full" else {}
    if seed is None or all(each.name != "seed" for each in parameters):
        return chosen
    return chosen | check_values({"seed": seed}, parameters, origin="SEED")
