"""What can be said of the built pages without a browser."""

from __future__ import annotations

import json
import math
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import chapters
from bookbuilder.execute.claim_table import read_table
from bookbuilder.execute.execution import Run

ROOT = Path(__file__).resolve().parents[2]

# Attributes that make a browser load something. An ordinary <a href> does not.
LOADING = {
    "link": ("href",),
    "script": ("src",),
    "img": ("src", "srcset"),
    "iframe": ("src",),
    "source": ("src", "srcset"),
    "video": ("src", "poster"),
    "audio": ("src",),
    "object": ("data",),
    "embed": ("src",),
    "use": ("href", "xlink:href"),
    "image": ("href", "xlink:href"),
}


@cache
def soup(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


@cache
def anchors(page: Path) -> frozenset[str]:
    """What a link can point at on a page, collected once: pages have thousands of links."""
    named = {str(each["name"]) for each in soup(page).find_all("a", attrs={"name": True})}
    return frozenset(named | {str(each["id"]) for each in soup(page).find_all(id=True)})


def html_pages(site: Path) -> list[Path]:
    found = sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)
    assert found
    return found


def test_nothing_is_loaded_from_another_host(site: Path) -> None:
    foreign = [
        f"{page.name}: {element}"
        for page in html_pages(site)
        for tag, attributes in LOADING.items()
        for element in soup(page).find_all(tag)
        for attribute in attributes
        if re.match(r"(?:[a-z]+:)?//", str(element.get(attribute, "")))
    ]
    foreign += [
        f"{sheet.name}: {match}"
        for sheet in site.rglob("*.css")
        for match in re.findall(
            r"(?:url\(|@import)\s*[\"']?(?:https?:)?//[^)\"']*",
            sheet.read_text(encoding="utf-8", errors="replace"),
        )
    ]
    assert foreign == []


def test_every_internal_link_and_anchor_resolves(site: Path) -> None:
    broken: list[str] = []
    checked = 0
    for page in html_pages(site):
        for anchor in soup(page).find_all("a", href=True):
            link = urlsplit(str(anchor["href"]))
            if link.scheme or link.netloc:
                continue
            target = (page.parent / unquote(link.path)).resolve() if link.path else page
            checked += 1
            known = not target.is_dir() and target.is_file()
            if known and link.fragment and target.suffix == ".html":
                known = unquote(link.fragment) in anchors(target)
            if not known:
                broken.append(f"{page.name}: {anchor['href']}")
    assert broken == []
    assert checked > 10


def test_ids_are_unique_on_a_page(site: Path) -> None:
    for page in html_pages(site):
        ids = [str(element["id"]) for element in soup(page).find_all(id=True)]
        article = soup(page).find("article")
        own = [str(e["id"]) for e in article.find_all(id=True)] if article else []
        assert [name for name in set(own) if ids.count(name) > 1] == [], page.name


def test_every_picture_has_a_text_alternative(site: Path) -> None:
    for page in html_pages(site):
        for image in soup(page).find_all("img"):
            assert str(image.get("alt", "")).strip(), f"{page.name}: {image}"
        for svg in soup(page).find_all("svg"):
            if svg.find_parent("svg") or svg.get("aria-hidden") == "true":
                continue
            assert svg.get("role") == "img", page.name
            assert str(svg.get("aria-label", "")).strip(), page.name


@pytest.mark.parametrize("chapter", chapters(Project(ROOT)))
def test_the_executed_notebook_can_be_downloaded(chapter: str, site: Path) -> None:
    page = soup(site / f"{chapter}.html")
    links = [str(a["href"]) for a in page.find_all("a", href=True)]
    assert f"notebooks/{chapter}.ipynb" in links
    assert (site / "notebooks" / f"{chapter}.ipynb").is_file()


def test_the_ledger_shows_every_claim(site: Path, runs: list[Run]) -> None:
    record = json.loads((site / "claims.json").read_text(encoding="utf-8"))
    table = soup(site / "ledger.html").find("table", class_="claims-table")
    assert table is not None
    shown = [row.find("a")["href"] for row in table.find("tbody").find_all("tr")]  # type: ignore
    assert shown == [f"{c['chapter']}.html#claim-{c['id']}" for c in record["claims"]]
    assert all(claim["passed"] for claim in record["claims"])
    assert [run["chapter"] for run in record["runs"]] == [run.chapter for run in runs]


def test_both_profiles_find_the_same(site: Path) -> None:
    """Up to four standard errors, for some 160 claims, and what a smaller n may do: a margin."""
    record = json.loads((site / "claims.json").read_text(encoding="utf-8"))
    quick = {(c["chapter"], c["id"]): c for c in record["claims"]}
    for row in read_table(Project(ROOT).full):
        if (claim := quick.get((row.chapter, row.claim))) is None:
            continue
        scatter = math.hypot(claim["standard_error"], row.standard_error)
        assert abs(claim["value"] - row.value) <= claim["margin"] + 4 * scatter, row


def test_the_numbers_of_the_front_page_are_those_of_this_build(site: Path) -> None:
    record = json.loads((site / "claims.json").read_text(encoding="utf-8"))
    claims = {f"{c['chapter']}.html#claim-{c['id']}": c for c in record["claims"]}
    shown = soup(site / "intro.html").select(".live-number a")
    assert len(shown) > 10
    for link in shown:
        claim, text = claims[str(link["href"])], link.get_text().replace("\N{MINUS SIGN}", "-")
        number = float(text.split()[0]) / (100 if text.endswith("%") else 1)
        digits = len(text.split()[0].partition(".")[2]) + (2 if text.endswith("%") else 0)
        rounding = 0.51 * 10.0**-digits
        assert min(abs(number - claim[kind]) for kind in ("largest", "control_value")) <= rounding
