"""Pages made from docstrings, and links to them, in a small library of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from bookbuilder.pages.sphinx_extension.api_links import find

CONF = """
from bookbuilder.pages.sphinx_extension import api, api_links
extensions = ["myst_parser"]
default_role = "py:obj"
def setup(app):
    api.setup(app)
    api_links.setup(app)
"""
TOP = '''"""A house.

Two sizes agree:

    F* x_ = |x|

>>> 1 | 2
3
"""
from . import room
from .room import Chair
__all__ = ["Chair", "room"]
'''
ROOM = '''"""A room."""
from .wood import LEGS, Chair, Seat, build
__all__ = ["LEGS", "Chair", "Seat", "build"]
'''
WOOD = '''"""What is made of wood."""
from typing import Protocol
LEGS = 4
"""Legs of a `Chair`."""
class Seat(Protocol):
    """Something to sit on."""
    def height(self) -> float:
        """In metres."""
class Chair:
    """A chair that `build` made, of shape (legs, *parts)."""
    def height(self) -> float:
        """See `Seat`."""
    def sit(self) -> None:
        """Sit, see `room.build`."""
def build(LEGS: int) -> Chair:
    """Build with `LEGS` legs, not more than `Nobody.knows`."""
def _private() -> None: ...
'''
INDEX = """# `house.Chair` in a heading

Code `house.room.build(4)`, `build`, `room.nobody`, `Chair.sit`, and [a link `house.Chair`](api.md).

```{toctree}
api
```
"""
API = """# API
```{eval-rst}
.. api:: house
.. api:: house.room
```
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, BeautifulSoup]:
    root = tmp_path_factory.mktemp("api")
    files = {
        "house/__init__.py": TOP,
        "house/room/__init__.py": ROOM,
        "house/room/wood.py": WOOD,
        "book/conf.py": CONF,
        "book/index.md": INDEX,
        "book/api.md": API,
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    lib = Path(__file__).resolve().parents[3] / "lib"
    subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "book", "html"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": f"{lib}{os.pathsep}{root}"},
        check=True,
    )
    return {
        name: BeautifulSoup((root / "html" / f"{name}.html").read_text(), "html.parser")
        for name in ("index", "api")
    }


def entry(page: BeautifulSoup, name: str) -> str:
    found = page.find(id=name)
    assert found is not None and found.parent is not None, name
    return " ".join(found.parent.get_text().split())


def test_every_public_name_has_one_entry(built: dict[str, BeautifulSoup]) -> None:
    ids = [str(each["id"]) for each in built["api"].select("dt[id]")]
    assert sorted(ids) == [
        "house.Chair",
        "house.Chair.sit",  # height() only refers to what it implements
        "house.room.Chair",
        "house.room.LEGS",
        "house.room.Seat",
        "house.room.Seat.height",
        "house.room.build",
    ]
    assert "The same as house.Chair." in entry(built["api"], "house.room.Chair")
    assert "= 4" in entry(built["api"], "house.room.LEGS")
    assert entry(built["api"], "house.room.Seat").startswith("class house.room.Seat¶ Something")
    assert "(legs, *parts)" in entry(built["api"], "house.Chair")


def test_formulas_stay_and_files_are_named(built: dict[str, BeautifulSoup]) -> None:
    shown = [each.get_text().strip() for each in built["api"].select("pre")]
    assert shown == ["F* x_ = |x|", ">>> 1 | 2\n3"]
    assert [each.get_text() for each in built["api"].select(".rubric")] == ["wood.py"]


def test_names_in_docstrings_are_links_where_they_resolve(built: dict[str, BeautifulSoup]) -> None:
    links = {
        (code.get_text(), str(a["href"]))
        for a in built["api"].select("dd a.reference")
        for code in a.select("code")
    }
    assert links == {
        ("Chair", "#house.room.Chair"),
        ("house.Chair", "#house.Chair"),
        ("room.build", "#house.room.build"),
    }


def test_code_in_prose_is_a_link_but_not_in_headings_and_links(
    built: dict[str, BeautifulSoup],
) -> None:
    links = [
        (code.get_text(), str(a["href"]))
        for a in built["index"].select("div.body p a")
        for code in a.select("code")
    ]
    assert links == [
        ("house.room.build(4)", "api.html#house.room.build"),
        ("Chair.sit", "api.html#house.Chair.sit"),
        ("house.Chair", "api.html"),
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("onestep.predict", "onestep.predict"),
        ("predict", "onestep.predict"),
        ("figures.stored", "onestep.studies.paper.figures.stored"),
        ("Layer.train", "onestep.network.Layer.train"),
        ("size", None),  # a word
        ("network.size", "onestep.network.size"),
        ("Model.name", None),  # two have this end
    ],
)
def test_what_a_name_means(text: str, name: str | None) -> None:
    known = {
        "onestep.predict",
        "onestep.network.size",
        "onestep.network.Layer.train",
        "onestep.studies.paper.figures.stored",
        "onestep.network.Model.name",
        "onestep.inputs.Model.name",
    }
    assert find(known, text) == name
