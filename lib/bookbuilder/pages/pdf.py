"""Prints the rendered pages to one PDF: joined, set by Chromium, and with bookmarks by pypdf."""

from __future__ import annotations

import html
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Error, sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import Fit

from bookbuilder._support.errors import RenderError

MATH_READY = "window.MathJax ? MathJax.startup.promise.then(() => true) : true"
_FOOTER = (
    '<div style="width: 100%; text-align: center; font: 8px sans-serif">'
    '<span class="pageNumber"></span></div>'
)


@dataclass(frozen=True)
class Heading:
    """A heading of the joined page: its depth (1: page, 2: section), its words, its anchor."""

    depth: int
    title: str
    anchor: str


def find_chromium() -> str:
    """Path of Chromium: ``$CHROMIUM``, or by its usual names."""
    for name in (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"):
        if name and (path := shutil.which(name)):
            return path
    raise RenderError(
        "Chromium was not found: install it (apt install chromium) or name it by CHROMIUM=/path"
    )


def write_pdf(site: Path, names: Sequence[str], chromium: str, output: Path) -> None:
    """Write pages of a rendered book to one PDF, with bookmarks; replaces `output` in one step."""
    staging = Path(tempfile.mkdtemp(dir=output.parent, prefix=".pdf-"))
    try:
        for directory in (path for path in site.iterdir() if path.is_dir()):
            (staging / directory.name).symlink_to(directory)
        text, headings = one_page(site, names)
        (staging / "book.html").write_text(text, encoding="utf-8")
        _print(staging / "book.html", staging / "printed.pdf", chromium)
        _add_bookmarks(staging / "printed.pdf", headings, staging / "book.pdf")
        (staging / "book.pdf").replace(output)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def one_page(site: Path, names: Sequence[str]) -> tuple[str, list[Heading]]:
    """All pages as one HTML text, every anchor and link made unique by its page's name."""
    articles: list[str] = []
    headings: list[Heading] = []
    head = ""
    for name in names:
        soup = BeautifulSoup((site / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
        article = soup.find("article")
        if not isinstance(article, Tag):
            raise RenderError(f"{name}.html has no article")
        head = head or _head(soup)
        headings += _headings(article, name)
        _make_static(article)
        _rename(article, name, set(names))
        articles.append(f'<section class="printed-page" id="{name}--">{article}</section>')
    entries = "".join(
        f'<li class="depth-{each.depth}">'
        f'<a href="#{each.anchor}">{html.escape(each.title)}</a></li>'
        for each in headings
    )
    contents = f'<nav class="printed-contents"><h2>Contents</h2><ul>{entries}</ul></nav>'
    body = "\n".join([articles[0], contents, *articles[1:]])
    text = (
        f'<!DOCTYPE html>\n<html lang="en" data-theme="light" data-mode="light"><head>{head}</head>'
        f'<body class="printed"><main class="bd-main"><div class="bd-content">'
        f'<div class="bd-article-container">{body}</div></div></main></body></html>\n'
    )
    return text, headings


def _head(soup: BeautifulSoup) -> str:
    """Style sheets and MathJax of a page, and what only print needs."""
    assert soup.head is not None
    kept = list(soup.head.find_all("link", rel="stylesheet"))
    kept += [each for each in soup.find_all("script") if "mathjax" in str(each).lower()]
    sheet = '<link rel="stylesheet" href="_static/print.css">'
    return f'<meta charset="utf-8">{soup.title}{"".join(map(str, kept))}{sheet}'


def _headings(article: Tag, name: str) -> list[Heading]:
    found: list[Heading] = []
    for heading in article.find_all(["h1", "h2"]):
        section = heading.find_parent("section")
        if section is None or not section.get("id"):
            continue
        words = heading.get_text().removesuffix("#").strip()
        depth = int(heading.name[1])
        anchor = f"{name}--" if depth == 1 else f"{name}--{section['id']}"
        found.append(Heading(depth, " ".join(words.split()), anchor))
    return found


def _make_static(article: Tag) -> None:
    """Leave out what only a screen can do and folded code; unfold what else is folded."""
    for each in article.select("noscript"):
        each.unwrap()
    for each in article.select(
        "script, a.headerlink, .chapter-box, .explorer-controls, details.hide"
    ):
        each.decompose()
    for each in article.select("details"):
        each["open"] = ""


def _rename(article: Tag, name: str, names: set[str]) -> None:
    """Put the page's name before each anchor, and lead each link to where its target is now."""
    for each in article.find_all(id=True):
        if each.find_parent("svg") is None and each.name != "svg":  # unique in the book already
            each["id"] = f"{name}--{each['id']}"
    for link in article.find_all("a", href=True):
        href = str(link["href"])
        parts = urlsplit(href)
        if link.find_parent("svg") is not None or parts.scheme:
            continue
        page = unquote(parts.path).removesuffix(".html") or name
        if parts.query or page not in names:
            link.unwrap()  # a file beside the pages, or a state of the explorer
        else:
            link["href"] = f"#{page}--{unquote(parts.fragment)}"


def _print(page: Path, output: Path, chromium: str) -> None:
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium,
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
            tab = browser.new_page(color_scheme="light", viewport={"width": 760, "height": 1000})
            tab.set_default_timeout(300_000)
            tab.goto(page.as_uri())
            tab.evaluate(MATH_READY)
            margin = {"top": "17mm", "bottom": "17mm", "left": "18mm", "right": "18mm"}
            tab.pdf(
                path=output,
                format="A4",
                margin=margin,  # type: ignore[arg-type]
                print_background=True,
                tagged=True,
                display_header_footer=True,
                header_template="<span></span>",
                footer_template=_FOOTER,
            )
            browser.close()
    except Error as error:
        raise RenderError(f"Chromium did not print the book: {error}") from error


def _add_bookmarks(printed: Path, headings: Sequence[Heading], output: Path) -> None:
    """Bookmarks from the headings: Chromium's own run the words of a broken line together."""
    reader = PdfReader(printed)
    places = reader.named_destinations
    writer = PdfWriter(clone_from=reader)
    parent = None
    for heading in headings:
        place = places.get(heading.anchor) or places.get(f"/{heading.anchor}")
        if place is None:
            raise RenderError(f"{heading.title!r} ({heading.anchor}) is not in the printed book")
        page = reader.get_destination_page_number(place)
        top = float(place.top) if place.top is not None else None
        item = writer.add_outline_item(
            title=heading.title,
            page_number=page,
            parent=parent if heading.depth > 1 else None,
            fit=Fit.xyz(None, top, None),
        )
        if heading.depth == 1:
            parent = item
    writer.add_metadata({"/Title": headings[0].title})
    writer.page_mode = "/UseOutlines"
    writer.write(output)
