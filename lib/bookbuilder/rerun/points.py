"""The points at which a reader wants a chapter: every combination of the values listed for it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from bookbuilder.declare.domain import Files, Value
from bookbuilder.declare.notebook import outside_state, read_chapter
from bookbuilder.declare.parameters import Parameter, read_parameters
from bookbuilder.declare.profile import Profile, profile_values
from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import check_chapter
from bookbuilder.declare.values import parse_choices, plain, refused, settings
from bookbuilder.execute.failure import Failure
from bookbuilder.execute.fingerprint import chapter_key, digest, library_digest


@dataclass(frozen=True)
class Point:
    """One run of a chapter, apart from the book."""

    chapter: str
    notebook: NotebookNode
    values: Mapping[str, Value]  # parameters to inject, in the order of the parameters cell
    key: str  # digest of everything that the outputs depend on, as for the chapters of the book
    place: Path  # folder of what the run leaves; different values never share one
    parameters: Sequence[Parameter]  # what the chapter declares
    of_book: bool  # whether the book itself runs the chapter with these values

    @property
    def label(self) -> str:
        """The values as a reader types them."""
        return settings(self.values) or "defaults"

    def refusal(self, failure: Failure) -> str | None:
        """What to tell instead of a ValueError that refuses a value of the reader's; else None."""
        kind, _, text = failure.reason.partition(": ")
        name = re.match(r"\w*", text)
        known = name and name[0] in [each.name for each in self.parameters]
        if self.of_book or kind != "ValueError" or not (known or " is not allowed" in text):
            return None
        return refused("P", [text], self.parameters)


def read_points(project: Project, chapter: str, text: str, profile: Profile) -> list[Point]:
    """`points_at` for the choices of a text such as ``beta=0.2,0.5 activation=relu,tanh``."""
    check_chapter(project, chapter)
    parameters = read_parameters(read_chapter(project, chapter), chapter)
    return points_at(project, chapter, parse_choices(text, parameters), profile)


def points_at(
    project: Project, chapter: str, choices: Mapping[str, Sequence[Value]], profile: Profile
) -> list[Point]:
    """All combinations of values that the chapter takes, the last parameter varying fastest.

    Choices are different values of each parameter, set over the values of the profile.
    """
    notebook = read_chapter(project, chapter)
    parameters = read_parameters(notebook, chapter)
    profiled = profile_values(notebook, chapter, profile)
    book = {each.name: each.default for each in parameters} | profiled
    library = library_digest(project)
    source = project.source(chapter).read_text(encoding="utf-8")
    outside = outside_state(notebook, chapter)
    points = []
    for combination in itertools.product(*choices.values()):
        chosen = {**profiled, **dict(zip(choices, combination, strict=True))}
        # In the order of the parameters cell, so that equal values share a folder.
        values = {each.name: chosen[each.name] for each in parameters if each.name in chosen}
        key = chapter_key(library, source, values, outside + _files_state(parameters, values))
        place = project.runs(chapter) / folder_name(values)
        of_book = book | values == book
        points.append(Point(chapter, notebook, values, key, place, parameters, of_book))
    return points


def _files_state(parameters: Sequence[Parameter], values: Mapping[str, Value]) -> str:
    """The state of the files that values name; empty where none does."""
    return "".join(
        each.domain.state(values[each.name])
        for each in parameters
        if isinstance(each.domain, Files) and each.name in values
    )


def folder_name(values: Mapping[str, Value]) -> str:
    """Name of a folder that tells the values; different values never share one."""
    text = ",".join(f"{name}={plain(value)}" for name, value in values.items()) or "defaults"
    safe = re.sub(r"[^A-Za-z0-9_=.,+\[\]-]", "_", text)
    if safe == text and len(text) <= 100:
        return text
    return f"{safe[:80]}-{digest(repr(sorted(values.items())))[:8]}"
