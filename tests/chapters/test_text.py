"""What a chapter's text keeps: prose before code, and an end that leads to the next page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import chapters, pages

BOOK = Project(Path(__file__).resolve().parents[2])
PAGES = pages(BOOK)
PARTS = yaml.safe_load(BOOK.toc.read_text(encoding="utf-8"))["parts"]
NUMBERED = [
    each["file"] for part in PARTS if part.get("numbered") for each in part.get("chapters", ())
]
CELL = re.compile(r"^```\{code-cell\}.*?^```$", flags=re.MULTILINE | re.DOTALL)


def shares(text: str) -> tuple[float, float]:
    """Of a page's lines: those of code cells, fences and captions included; of cells shown."""
    cells = CELL.findall(text)
    shown = [cell for cell in cells if "hide-input" not in cell]
    total = len(text.splitlines())
    code, visible = (sum(len(cell.splitlines()) for cell in each) for each in (cells, shown))
    return code / total, visible / total


@pytest.mark.parametrize("chapter", chapters(BOOK))
def test_a_chapter_is_prose_first(chapter: str) -> None:
    code, shown = shares(BOOK.source(chapter).read_text(encoding="utf-8"))
    assert code <= 0.5, f"{code:.0%} of the lines are code"
    assert shown <= 0.3, f"{shown:.0%} of the lines are code that the page shows"


@pytest.mark.parametrize("name", NUMBERED)
def test_a_chapter_leads_to_the_one_after_it(name: str) -> None:
    text = BOOK.source(name).read_text(encoding="utf-8")
    (link,) = re.findall(r"^\*\*Next:\*\* .*?\]\(([\w-]+)\.md\)", text, flags=re.MULTILINE)
    assert link == PAGES[PAGES.index(name) + 1]


def test_the_front_page_leads_to_every_chapter_in_its_order() -> None:
    text = BOOK.source("intro").read_text(encoding="utf-8")
    parts = text.partition("## The parts\n")[2].partition("\n## ")[0]
    named = re.findall(r"\]\(([\w-]+)\.md\)", parts)
    assert [name for name in named if name in NUMBERED] == NUMBERED
    captions = [part["caption"].partition(" · ")[2] for part in PARTS if part.get("numbered")]
    assert re.findall(r"\*\*[IVX]+\. (.*?)\.\*\*", parts) == captions
