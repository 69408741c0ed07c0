"""The registry of claims as a file: what it holds, and what is refused."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from tiny import REGISTRY

from bookbuilder._support.errors import BookError
from bookbuilder.declare.registry import read_registry, table


def read(tmp_path: Path, text: str):
    path = tmp_path / "claims.toml"
    path.write_text(text, encoding="utf-8")
    return read_registry(path)


def test_an_entry_is_what_the_file_says(tmp_path: Path) -> None:
    registry = read(tmp_path, REGISTRY)
    entry = registry.claims["parabola", "half"]
    assert entry.margin == {"quick": 0.25, "full": 0.25} and entry.target == 0.5
    assert entry.changed == date(2026, 1, 31) and entry.was == "0.2" and entry.only_with == ""
    assert registry.planned["parabola"]["full"] == {"points": 40}


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    text = 'β ≤ "1" \\ 2\n'
    fields = {
        "statement": text, "equation": "e", "target": 0, "margin": {"full": 1e-12}, "level": 0.05,
        "control_statement": "c", "drawn": "d", "changed": date(2026, 2, 1), "why": "w",
    }  # fmt: skip
    entry = read(tmp_path, table("a/b", "claims", "c d", **fields)).claims["a/b", "c d"]
    assert entry.statement == text and entry.margin == {"full": 1e-12}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("margin = 0.25", "margin = 0", "margin = 0 must be positive"),
        ("margin = 0.25", "margin = {}", "margin = {} must be positive"),
        ("margin = 0.25", 'margin = "wide"', "margin.quick = 'wide' must be a finite number"),
        ("margin = 0.25", "margin = {half = 1}", "half is unknown; allowed: ['full', 'quick']"),
        ("margin = 0.25", "margin = nan", "margin.quick = nan must be a finite number"),
        ("margin = 0.25\n", "", "margin is missing"),
        ("margin = 0.25", "margin = 0.25\nmargin = 0.3", "is not valid TOML"),
        ("margin = 0.25", "margin = 0.25\nmargn = 0.3", "margn is unknown"),
        ("target = 0.5", "target = true", "target = True must be a finite number"),
        ("level = 0.05", "level = inf", "level = inf must be a finite number"),
        ("changed = 2026-01-31", 'changed = "today"', "changed = 'today' must be a date"),
        ("changed = 2026-01-31", "changed = 2026-01-31T10:00:00", "must be a date"),
        ('why = "Half of a half."', 'why = " "', "why = ' ' must be a text, not empty"),
        ('was = "0.2"', 'was = ""', "was = '' must be a text, not empty"),
        ("full = {points = 40}", "large = {points = 40}", "large is unknown"),
        ("full = {points = 40}", "full = 40", "full = 40 must be a table"),
        ("[parabola.planned]", "[parabola.plan]", "plan is unknown"),
    ],
)
def test_what_is_refused_by_name(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert REGISTRY.count(old) == 1
    with pytest.raises(BookError, match=re.escape(words)) as caught:
        read(tmp_path, REGISTRY.replace(old, new))
    assert str(caught.value).startswith("claims.toml") and str(tmp_path) not in str(caught.value)
