"""The table of contents: pages, chapters, and what is refused."""

from __future__ import annotations

import pytest

from bookbuilder._support.errors import BookError
from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import chapters, check_chapter, pages


def test_pages_and_chapters_come_in_reading_order(project: Project) -> None:
    assert pages(project) == ["intro", "parabola", "second", "ledger"]
    assert chapters(project) == ["parabola", "second"]
    check_chapter(project, "second")
    with pytest.raises(BookError, match="'ledger' is not a chapter; choose from: parabola, second"):
        check_chapter(project, "ledger")


def test_parts_and_sections_are_read(project: Project) -> None:
    project.toc.write_text(
        "format: jb-book\nroot: intro\nparts:\n- chapters:\n  - file: parabola\n"
        "    sections:\n    - file: second.md\n- chapters:\n  - file: ledger\n"
    )
    assert pages(project) == ["intro", "parabola", "second", "ledger"]


@pytest.mark.parametrize(
    ("toc", "words"),
    [
        ("format: jb-book\nchapters: []", "'root' key not found"),
        ("format: jb-book\nroot: intro\nchapters: [{file: nowhere}]", "nowhere.md does not exist"),
        ("format: jb-book\nroot: intro\nchapters: [{file: intro}]", "multiple times: 'intro'"),
        ("format: jb-book\nroot: intro\nchapters: [{file: intro.md}]", "'intro' twice"),
        ("format: jb-book\nroot: intro\nchapter: [{file: second}]", "Unknown keys"),
        ("root: [", "not valid YAML"),
    ],
)
def test_a_bad_table_of_contents_is_refused(project: Project, toc: str, words: str) -> None:
    project.toc.write_text(toc)
    with pytest.raises(BookError, match=words):
        pages(project)
