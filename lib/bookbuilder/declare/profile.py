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


def profile_values(notebook: NotebookNode, chapter: str, profile: Profile) -> dict[str, Value]:
    """Values that a profile sets over the defaults of the parameters cell.

    Raises
    ------
    BookError
        If the front matter's ``onestep.full`` does not fit the parameters cell.
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
    return values if profile == "full" else {}
