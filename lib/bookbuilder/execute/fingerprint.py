"""When a chapter has to run again: a digest of everything that its outputs depend on."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import distributions
from pathlib import Path

from bookbuilder.declare.domain import Value
from bookbuilder.declare.project import Project

_GENERATED = {"__pycache__", ".mypy_cache", ".ruff_cache"}
_PAGES = {".md", ".bib", ".ipynb"}
# Show what was executed, or start it; no output of a chapter can depend on them.
_PRESENTATION = {Path("bookbuilder", name) for name in ("pages", "rerun", "cli.py")}


def library_digest(project: Project) -> str:
    """Digest of what all chapters share: code, and versions of Python and every package."""
    installed = sorted({f"{each.name}=={each.version}" for each in distributions()})
    python = (platform.python_implementation(), platform.python_version())
    return digest(code_digest(project), *python, *installed)


def code_digest(project: Project) -> str:
    """Digest of the files that all chapters share, on every machine the same.

    Every file of ``lib/`` that can change an output, the data files beside the chapters, and the
    lock file; but not what only the pages show: ``pages`` and ``rerun`` of the builder, and
    directories of ``book/`` that start with an underscore.
    """
    library = [path for path in library_files(project) if not _presents(path, project)]
    data = [
        path
        for path in project.book.rglob("*")
        if path.suffix not in _PAGES
        and not any(part[0] in "_." for part in path.relative_to(project.book).parts)
    ]
    return files_digest([*library, *data, project.lock], project.root)


def chapter_code(code: str, source: str) -> str:
    """Short digest of a chapter's text and the `code_digest`, for a record of its numbers."""
    return digest(code, source)[:12]


def library_files(project: Project) -> list[Path]:
    """Every file of ``lib/`` that is written by hand."""
    return [path for path in project.lib.rglob("*") if _is_input(path.relative_to(project.lib))]


def chapter_key(library: str, source: str, values: Mapping[str, Value], outside: str = "") -> str:
    """Key of one run of a chapter: `library_digest`, text, values set, and `outside_state`."""
    return digest(library, source, json.dumps(values, sort_keys=True), outside)


def files_digest(paths: Iterable[Path], root: Path) -> str:
    """Digest of the names and contents of files; a missing file counts as such."""
    parts: list[str] = []
    for path in sorted(set(paths)):
        if path.is_dir():
            continue
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "absent"
        parts += [path.relative_to(root).as_posix(), content]
    return digest(*parts)


def _presents(path: Path, project: Project) -> bool:
    relative = path.relative_to(project.lib)
    return not _PRESENTATION.isdisjoint((relative, *relative.parents))


def _is_input(relative: Path) -> bool:
    generated = any(
        part in _GENERATED or part.endswith(".egg-info") or part.startswith(".")
        for part in relative.parts
    )
    return not generated and relative.suffix != ".pyc"


def text_digest(path: Path) -> str | None:
    """Digest of a text file; None when it is missing."""
    return digest(path.read_text(encoding="utf-8")) if path.is_file() else None


def digest(*parts: str) -> str:
    """SHA-256 of a sequence of texts."""
    # JSON keeps ("ab", "c") and ("a", "bc") apart.
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
