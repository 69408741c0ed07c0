"""The registry of claims: what each of them states, and with which margin, in one file."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bookbuilder._support.errors import BookError
from bookbuilder.declare.profile import PROFILES, Profile

_TEXTS = ("statement", "equation", "control_statement", "drawn", "why")
_NUMBERS = ("target", "margin", "level")
_OPTIONAL = ("was", "only_with")
_BARE = re.compile("[A-Za-z0-9_-]+")  # a key that TOML reads without quotation marks
_FIELDS = {*_TEXTS, *_NUMBERS, *_OPTIONAL, "changed"}


@dataclass(frozen=True)
class Entry:
    """What is registered of one claim; the words of `onestep.claims.Claim` mean the same here."""

    statement: str
    equation: str
    target: float
    margin: Mapping[Profile, float]  # in each profile; one that is missing is not registered there
    level: float
    control_statement: str
    drawn: str  # which part of what is compared was drawn, and how often
    changed: date  # when the margin, or what it applies to, was last changed
    why: str  # the reason for it; for a margin that never changed, where it comes from
    was: str = ""  # what stood there before; empty for a claim as it was first stated
    # Without which data the chapter does not test the claim; empty if it always does
    only_with: str = ""


@dataclass(frozen=True)
class Registry:
    """Everything that is registered."""

    # Parameters of each chapter but its seed, by profile: sizes and numbers of trials. As in the
    # chapters, those of ``full`` are set over those of ``quick``.
    planned: Mapping[str, Mapping[str, Mapping[str, Any]]]
    claims: Mapping[tuple[str, str], Entry]  # entries by chapter and name


def read_registry(path: Path) -> Registry:
    """The registry of a book; an empty one if there is no such file."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        content = {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BookError(f"{path.name} is not valid TOML: {error}") from None
    planned, claims = {}, {}
    for chapter, tables in content.items():
        _only(tables, {"planned", "claims"}, f"{path.name}: [{chapter}]")
        planned[chapter] = _planned(tables.get("planned", {}), f"{path.name}: [{chapter}.planned]")
        found = tables.get("claims", {})
        _only(found, set(found), f"{path.name}: [{chapter}.claims]")
        for name, fields in found.items():
            where = f"{path.name}: [{chapter}.claims.{name}]"
            claims[chapter, name] = _entry(fields, where)
    return Registry(planned, claims)


def table(*names: str, **fields: Any) -> str:
    """A table as it stands in the file."""
    keys = [name if _BARE.fullmatch(name) else json.dumps(name) for name in names]
    lines = [f"{key} = {_toml(value)}" for key, value in fields.items()]
    return "\n".join([f"[{'.'.join(keys)}]", *lines])


def _toml(value: Any) -> str:
    """A value in TOML, on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # A string of JSON is one of TOML, too; numbers are written with every digit.
    return str(value) if isinstance(value, date) else json.dumps(value, ensure_ascii=False)


def _only(tables: object, allowed: set[str], where: str) -> None:
    if not isinstance(tables, dict):
        raise BookError(f"{where} = {tables!r} must be a table")
    if unknown := sorted({*tables} - allowed):
        raise BookError(f"{where}: {', '.join(unknown)} is unknown; allowed: {sorted(allowed)}")


def _planned(by_profile: object, where: str) -> Mapping[str, Mapping[str, Any]]:
    _only(by_profile, {*PROFILES}, where)
    assert isinstance(by_profile, dict)
    for profile, values in by_profile.items():
        _only(values, {*values} if isinstance(values, dict) else set(), f"{where}: {profile}")
    return {profile: by_profile.get(profile, {}) for profile in PROFILES}


def _entry(fields: object, where: str) -> Entry:
    _only(fields, _FIELDS, where)
    assert isinstance(fields, dict)
    if missing := [name for name in (*_TEXTS, *_NUMBERS, "changed") if name not in fields]:
        raise BookError(f"{where}: {', '.join(missing)} is missing")
    for name in (*_TEXTS, *(each for each in _OPTIONAL if each in fields)):
        if not (isinstance(fields[name], str) and fields[name].strip()):
            raise BookError(f"{where}: {name} = {fields[name]!r} must be a text, not empty")
    if type(fields["changed"]) is not date:
        raise BookError(f"{where}: changed = {fields['changed']!r} must be a date, as 2026-01-31")
    margin = fields["margin"]
    if not isinstance(margin, dict):
        margin = dict.fromkeys(PROFILES, margin)
    _only(margin, {*PROFILES}, f"{where}: margin")
    for name, value in (*margin.items(), *((name, fields[name]) for name in ("target", "level"))):
        _number(value, f"{where}: {f'margin.{name}' if name in margin else name}")
    if not margin or min(margin.values()) <= 0:
        raise BookError(f"{where}: margin = {fields['margin']!r} must be positive")
    return Entry(**{**fields, "margin": margin})


def _number(value: object, where: str) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (number and math.isfinite(value)):  # type: ignore[arg-type]
        raise BookError(f"{where} = {value!r} must be a finite number")
