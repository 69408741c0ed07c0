"""The book as one PDF: its words, pages, bookmarks and links."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader
from pypdf.generic import Destination

from bookbuilder._support.errors import RenderError
from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import pages
from bookbuilder.pages.pdf import find_chromium, one_page, write_pdf

pytestmark = pytest.mark.browser

PAGES = pages(Project(Path(__file__).resolve().parents[2]))
# Printed here: the front page, a page of tables, a chapter with figures, and the record.
PRINTED = ["intro", "notation", "setting", "ledger", "references"]


@pytest.fixture(scope="module")
def pdf(site: Path, chromium: str, tmp_path_factory: pytest.TempPathFactory) -> PdfReader:
    output = tmp_path_factory.mktemp("pdf") / "book.pdf"
    write_pdf(site, PRINTED, chromium, output)
    assert [each.name for each in output.parent.iterdir()] == ["book.pdf"]
    return PdfReader(output)


def outline(items: list[Destination], depth: int = 1) -> list[tuple[int, Destination]]:
    """Bookmarks in order with their depth."""
    found: list[tuple[int, Destination]] = []
    for item in items:
        if isinstance(item, list):
            found += outline(item, depth + 1)
        else:
            found.append((depth, item))
    return found


def test_bookmarks_lead_to_their_headings(pdf: PdfReader, site: Path) -> None:
    _, headings = one_page(site, PRINTED)
    found = outline(pdf.outline)  # type: ignore[arg-type]
    assert [(depth, each.title) for depth, each in found] == [(h.depth, h.title) for h in headings]
    numbers = [pdf.get_destination_page_number(each) for _, each in found]
    assert numbers == sorted(numbers)  # type: ignore[type-var]
    for (_, each), number in zip(found, numbers, strict=True):
        assert number is not None
        words = pdf.pages[number].extract_text().split()
        assert each.title is not None and "".join(each.title.split()) in "".join(words)


def test_every_link_inside_the_book_has_a_target(pdf: PdfReader, site: Path) -> None:
    inside = 0
    places = set(pdf.named_destinations)
    for page in pdf.pages:
        for annotation in page.get("/Annots", []):
            link = annotation.get_object()
            if "/Dest" in link:
                inside += 1
                assert str(link["/Dest"]) in places
            elif "/A" in link and "/URI" in link["/A"]:
                assert str(link["/A"]["/URI"]).startswith(("https://", "http://", "mailto:"))
    assert inside > len(one_page(site, PRINTED)[1])  # the contents list every heading once


def test_words_and_figures_are_there(pdf: PdfReader) -> None:
    text = [page.extract_text() for page in pdf.pages]
    assert len(text) > len(PRINTED)
    assert all(each.strip() for each in text)
    joined = "".join("".join(text).split())
    for words in ("What is claimed, and what was found", "The claims ledger"):
        assert "".join(words.split()) in joined
    assert "$$" not in joined and "\\Sigma" not in joined and "[Math" not in joined


def test_joined_pages_keep_every_anchor_apart(site: Path) -> None:
    text, headings = one_page(site, PAGES)
    soup = BeautifulSoup(text, "html.parser")
    ids = [str(each["id"]) for each in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    targets = {str(a["href"])[1:] for a in soup.find_all("a", href=True) if a["href"][0] == "#"}
    assert targets <= set(ids)
    assert len(targets) > 100
    assert [each.anchor for each in headings if each.depth == 1] == [f"{name}--" for name in PAGES]


def test_without_chromium_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(RenderError, match="CHROMIUM=/path"):
        find_chromium()
