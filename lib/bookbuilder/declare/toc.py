"""Which pages the book has, and which of them are notebooks."""

from __future__ import annotations

from typing import Any

import yaml
from myst_nb.core.read import is_myst_markdown_notebook

from bookbuilder._support.errors import BookError
from bookbuilder.declare.project import Project


def pages(project: Project) -> list[str]:
    """Names of all pages in reading order, the front page first.

    Raises
    ------
    BookError
        If ``_toc.yml`` is missing or malformed, or names a page without a source.
    """
    try:
        toc = yaml.safe_load(project.toc.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BookError(f"{project.toc} does not exist") from None
    except yaml.YAMLError as error:
        raise BookError(f"{project.toc.name} is not valid YAML: {error}") from None
    if not isinstance(toc, dict) or "root" not in toc:
        raise BookError(f"{project.toc.name} must name the front page as `root`")
    names = [_stem(toc["root"]), *_files(toc)]
    for name in names:
        if names.count(name) > 1:
            raise BookError(f"{project.toc.name} names {name!r} twice")
        if not project.source(name).is_file():
            raise BookError(f"{project.toc.name} names {name!r}, but book/{name}.md does not exist")
    return names


def chapters(project: Project) -> list[str]:
    """Pages that are notebooks, in reading order; a page without the front matter is plain text."""
    return [
        name
        for name in pages(project)
        if is_myst_markdown_notebook(project.source(name).read_text(encoding="utf-8"))
    ]


def check_chapter(project: Project, name: str) -> None:
    """Refuse the name of anything but a chapter.

    Raises
    ------
    BookError
        With the list of all chapters.
    """
    known = chapters(project)
    if name not in known:
        raise BookError(f"CHAPTER = {name!r} is not a chapter; choose from: {', '.join(known)}")


def _files(node: Any) -> list[str]:
    """Every ``file:`` below a node of the table of contents, in order."""
    found: list[str] = []
    for key in ("parts", "subtrees", "chapters", "sections", "entries"):
        for child in node.get(key) or []:
            if "file" in child:
                found.append(_stem(child["file"]))
            found.extend(_files(child))
    return found


def _stem(name: str) -> str:
    return name.removesuffix(".md")
