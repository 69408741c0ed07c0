"""The points at which a reader wants a chapter: every combination of the values listed for it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from bookbuilder.declare.domain import Value
from bookbuilder.declare.notebook import read_chapter
from bookbuilder.declare.parameters import read_parameters
from bookbuilder.declare.profile import Profile, profile_values
from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import check_chapter
from bookbuilder.declare.values import parse_choices, plain, settings
from bookbuilder.execute.fingerprint import chapter_key, digest, library_digest


@dataclass(frozen=True)
class Point:
    """One run of a chapter, apart from the book.

    Attributes
    ----------
    values
        Parameters to inject, in the order of the parameters cell.
    key
        Digest of everything that the outputs depend on, as for the chapters of the book.
    place
        Folder of what the run leaves; different values never share one.
    """

    chapter: str
    notebook: NotebookNode
    values: Mapping[str, Value]
    key: str
    place: Path

    @property
    def label(self) -> str:
        """The values as a reader types them."""
        return settings(self.values) or "defaults"


def read_points(project: Project, chapter: str, text: str, profile: Profile) -> list[Point]:
    """All combinations of the listed values, the last parameter of `text` varying fastest.

    Parameters
    ----------
    text
        Such as ``beta=0.2,0.5 activation=relu,tanh``; set over the values of the profile.

    Raises
    ------
    BookError
        If the chapter or a value is not allowed.
    """
    check_chapter(project, chapter)
    notebook = read_chapter(project, chapter)
    parameters = read_parameters(notebook, chapter)
    choices = parse_choices(text, parameters)
    profiled = profile_values(notebook, chapter, profile)
    library = library_digest(project)
    source = project.source(chapter).read_text(encoding="utf-8")
    points = []
    for combination in itertools.product(*choices.values()):
        chosen = {**profiled, **dict(zip(choices, combination, strict=True))}
        # In the order of the parameters cell, so that equal values share a folder.
        values = {each.name: chosen[each.name] for each in parameters if each.name in chosen}
        key = chapter_key(library, source, values)
        place = project.runs(chapter) / folder_name(values)
        points.append(Point(chapter, notebook, values, key, place))
    return points


def folder_name(values: Mapping[str, Value]) -> str:
    """Name of a folder that tells the values; different values never share one."""
    text = ",".join(f"{name}={plain(value)}" for name, value in values.items()) or "defaults"
    safe = re.sub(r"[^A-Za-z0-9_=.,+\[\]-]", "_", text)
    if safe == text and len(text) <= 100:
        return text
    return f"{safe[:80]}-{digest(repr(sorted(values.items())))[:8]}"
