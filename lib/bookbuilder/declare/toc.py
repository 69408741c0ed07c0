"""Which pages the book has, and which of them are notebooks."""

from __future__ import annotations

from myst_nb.core.read import is_myst_markdown_notebook
from sphinx_external_toc.parsing import MalformedError, parse_toc_yaml
from yaml import YAMLError

from bookbuilder._support.errors import BookError
from bookbuilder.declare.project import Project


def pages(project: Project) -> list[str]:
    """Names of all pages in reading order, the front page first."""
    try:
        site = parse_toc_yaml(project.toc)
    except FileNotFoundError:
        raise BookError(f"{project.toc} does not exist") from None
    except YAMLError as error:
        raise BookError(f"{project.toc.name} is not valid YAML: {error}") from None
    except MalformedError as error:
        raise BookError(f"{project.toc.name}: {error}") from None
    names = [name.removesuffix(".md") for name in site]
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
    """Refuse the name of anything but a chapter."""
    known = chapters(project)
    if name not in known:
        raise BookError(f"CHAPTER = {name!r} is not a chapter; choose from: {', '.join(known)}")
