"""The pages of the library: every public name has its entry, and chapters link to it."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

import onestep
from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import pages

ROOT = Path(__file__).resolve().parents[2]
PAGES = [name for name in pages(Project(ROOT)) if name == "api" or name.startswith("api-")]
ROOMS = [
    module.name
    for module in pkgutil.walk_packages(onestep.__path__, "onestep.")
    if module.ispkg and "._" not in module.name
]


@cache
def soup(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def at_the_top() -> set[str]:
    """Names of the stub, which is what a type checker and a reader see."""
    stub = ast.parse((ROOT / "lib/onestep/__init__.pyi").read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(stub) if isinstance(node, ast.ImportFrom)]
    return {each.asname or each.name for node in imports for each in node.names}


def listed(name: str) -> set[str]:
    """Full public names of a module."""
    module = importlib.import_module(name)
    names = module.__all__ if hasattr(module, "__all__") else [
        each
        for each, value in vars(module).items()
        if not each.startswith("_") and getattr(value, "__module__", "") == name
    ]  # fmt: skip
    return {f"{name}.{each}" for each in names}


def public() -> set[str]:
    found = {f"onestep.{each}" for each in at_the_top()}
    for room in ROOMS:
        found |= listed(room)
    files = [each for each in found if inspect.ismodule(resolved(each)) and each not in ROOMS]
    return found.union(*map(listed, files))


def resolved(name: str) -> object:
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def test_every_public_name_has_one_entry(site: Path) -> None:
    ids = [str(each["id"]) for page in PAGES for each in soup(site / f"{page}.html").select("[id]")]
    names = public()
    assert len(names) > 250
    for name in sorted(names):
        anchor = f"module-{name}" if inspect.ismodule(resolved(name)) else name
        assert ids.count(anchor) == 1, name


@pytest.mark.parametrize("name", PAGES)
def test_every_entry_says_something(name: str, site: Path) -> None:
    page = soup(site / f"{name}.html")
    entries = page.select("dl.py > dt[id]")
    assert entries
    for entry in entries:
        text = entry.find_next_sibling("dd")
        assert text is not None and text.get_text().strip(), entry["id"]
    assert page.select(".problematic, .system-message") == []


def test_code_in_chapters_leads_to_its_entry(site: Path) -> None:
    links = {
        (code.get_text(), str(a["href"]))
        for page in ("performance", "degree", "using")
        for a in soup(site / f"{page}.html").select("article p a.reference")
        for code in a.select("code")
    }
    assert ("onestep.simulate(..., threads=1)", "api.html#onestep.simulate") in links
    assert ("theory.Spectrum", "api-theory.html#onestep.theory.Spectrum") in links
    assert ("onestep.claims", "api-claims.html#module-onestep.claims") in links


def test_no_heading_holds_a_link_to_an_entry(site: Path) -> None:
    for name in pages(Project(ROOT)):
        for heading in soup(site / f"{name}.html").select("h1, h2, h3, h4"):
            assert [str(a["href"]) for a in heading.select("a:not(.headerlink)")] == []
