"""When a chapter has to run again."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bookbuilder._support.errors import BookError
from bookbuilder.declare.notebook import outside_state, read_chapter
from bookbuilder.declare.project import Project
from bookbuilder.execute.fingerprint import chapter_key, library_digest


def test_what_the_key_of_a_chapter_depends_on(project: Project) -> None:
    library = library_digest(project)
    keys = {
        chapter_key(library, "text", {}),
        chapter_key(library, "text ", {}),
        chapter_key(library, "text", {"alpha": 1.0}),
        chapter_key(library, "text", {"alpha": 1}),
        chapter_key(library, "text", {"alpha": [1.0]}),
        chapter_key(library, "text", {}, "outside"),
    }
    assert len(keys) == 6
    assert chapter_key("x", "t", {"a": 1, "b": 2}) == chapter_key("x", "t", {"b": 2, "a": 1})

    inputs = [
        project.lib / "tinylib" / "__init__.py",
        project.lib / "tinylib" / "data.csv",
        project.book / "data" / "points.csv",
        project.lock,
    ]
    seen = {library}
    for path in inputs:
        path.parent.mkdir(exist_ok=True)
        path.write_text("changed")
        seen.add(library_digest(project))
    inputs[1].rename(inputs[1].with_name("renamed.csv"))
    seen.add(library_digest(project))
    assert len(seen) == 2 + len(inputs)

    # What is generated, and how pages look, is no input.
    last = library_digest(project)
    for path in (
        project.lib / "tinylib" / "__pycache__" / "x.pyc",
        project.lib / "onestep.egg-info" / "PKG-INFO",
        project.book / "_web" / "book.css",
        project.lib / "bookbuilder" / "pages" / "render.py",
        project.lib / "bookbuilder" / "pages" / "sphinx_extension" / "ledger.py",
        project.lib / "bookbuilder" / "rerun" / "grid.py",
        project.lib / "bookbuilder" / "cli.py",
        project.source("intro"),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("changed")
    assert library_digest(project) == last

    # The folders that say what runs, and run it, are.
    for folder in ("_support", "declare", "execute"):
        path = project.lib / "bookbuilder" / folder / "new.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("changed")
        assert library_digest(project) not in {last, *seen}
        seen.add(library_digest(project))


def test_another_version_of_an_installed_package_is_another_library(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = library_digest(project)
    other = [SimpleNamespace(name="numpy", version="0.1")]
    monkeypatch.setattr("bookbuilder.execute.fingerprint.distributions", lambda: other)
    assert library_digest(project) != before


@pytest.mark.parametrize("name", ["tinylib.nowhere", "nothing.state", "state", "os.sep"])
def test_a_state_that_nobody_tells_is_refused(project: Project, name: str) -> None:
    notebook = read_chapter(project, "second")
    assert outside_state(notebook, "second") == ""
    notebook.metadata["onestep"] = {"outside": name}
    with pytest.raises(BookError, match=f"`outside: {name}` must name a function"):
        outside_state(notebook, "second")
