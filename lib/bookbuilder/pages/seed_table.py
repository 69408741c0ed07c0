"""The table of claims under other seeds: one row for each claim at each seed, and rates over it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from functools import cached_property
from itertools import groupby
from math import isfinite
from pathlib import Path

from bookbuilder._support.errors import BookError
from bookbuilder._support.files import write_text

REQUIRED = 0.95
"""Share of the seeds at which a claim should pass: 19 of 20."""

RAISED = "raised"
"""Verdict of a row without a claim: at this seed the chapter's code did not come to its end."""


@dataclass(frozen=True)
class SeedRow:
    """One claim of a chapter at one seed, in the words of `onestep.claims.Claim`."""

    profile: str
    chapter: str
    claim: str
    seed: int
    value: float
    standard_error: float
    target: float
    margin: float
    verdict: str
    control_value: float
    control_standard_error: float
    control_verdict: str
    # Of the library, and a digest of its files and of the chapter's text; no machine tells in it
    version: str
    code: str
    date: str  # on which the chapter ran (UTC, ISO 8601)

    @property
    def passed(self) -> bool:
        """Whether the claim holds and its control fails, as it must."""
        return self.verdict == "equivalent" and self.control_verdict == "different"

    @property
    def offset(self) -> float:
        """Of the value from its target, in margins."""
        return (self.value - self.target) / self.margin

    @property
    def control_offset(self) -> float:
        """Of the control's value from the target, in margins."""
        return (self.control_value - self.target) / self.margin


@dataclass(frozen=True)
class ClaimRate:
    """One claim over the seeds of its chapter."""

    profile: str
    chapter: str
    claim: str
    rows: tuple[SeedRow, ...]  # where it was tested, by seed
    seeds: int  # how many the chapter ran at; where its code failed, the claim did not pass

    @cached_property
    def passed(self) -> int:
        """At how many seeds the claim passes."""
        return sum(row.passed for row in self.rows)

    @cached_property
    def controls(self) -> int:
        """At how many seeds the control fails, as it must."""
        return sum(row.control_verdict == "different" for row in self.rows)

    @property
    def drawn(self) -> bool:
        """Whether the measurement or its control depends on the seed; None can tell from one."""
        return len({(row.value, row.control_value) for row in self.rows}) > 1

    @property
    def enough(self) -> bool:
        """Whether it passes at 19 of 20 seeds, or the like share of as many as there are."""
        return self.passed >= REQUIRED * self.seeds


@dataclass(frozen=True)
class ChapterRate:
    """One chapter over its seeds."""

    profile: str
    chapter: str
    seeds: tuple[int, ...]  # at which it ran
    whole: frozenset[int]  # those at which it came to its end and every claim passed
    claims: tuple[ClaimRate, ...]  # in the order of the chapter
    codes: tuple[str, ...]  # with which and when it ran
    versions: tuple[str, ...]
    dates: tuple[str, ...]


def read_table(path: Path) -> list[SeedRow]:
    """The rows of a stored table; none if there is no file."""
    if not path.is_file():
        return []
    names = [field.name for field in fields(SeedRow)]
    with path.open(encoding="utf-8", newline="") as stream:
        lines = csv.reader(stream)
        if next(lines, None) != names:
            raise BookError(f"{path}: the first line must be {','.join(names)}")
        return [_row(line, f"{path}, line {number}") for number, line in enumerate(lines, 2)]


def write_table(path: Path, rows: Iterable[SeedRow]) -> None:
    """Replace the table in one step; numbers keep six digits, in which machines agree."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([field.name for field in fields(SeedRow)])
    for row in rows:
        table.writerow([f"{x:.6g}" if isinstance(x, float) else x for x in astuple(row)])
    write_text(path, text.getvalue())


def merged(
    stored: Iterable[SeedRow], new: Sequence[SeedRow], chapters: Sequence[str]
) -> list[SeedRow]:
    """The new rows, and those stored ones that they do not replace, in the order of the book.

    A stored row goes if its chapter has left the book, if its run is among the new ones, and if
    its chapter now ran with other code: a rate is over seeds only.
    """
    renewed = {(row.profile, row.chapter): row.code for row in new}
    runs = {(row.profile, row.chapter, row.seed) for row in new}
    kept = [
        row
        for row in stored
        if row.chapter in chapters
        and renewed.get((row.profile, row.chapter), row.code) == row.code
        and (row.profile, row.chapter, row.seed) not in runs
    ]
    # Sorting is stable: the claims of a run stay in the order of the chapter.
    return sorted(
        [*kept, *new],
        key=lambda row: (row.profile != "quick", chapters.index(row.chapter), row.seed),
    )


def chapter_rates(rows: Sequence[SeedRow]) -> list[ChapterRate]:
    """Rates of every chapter in every profile, in the order of the rows."""
    return [
        _chapter_rate(profile, chapter, list(group))
        for (profile, chapter), group in groupby(rows, lambda row: (row.profile, row.chapter))
    ]


def _chapter_rate(profile: str, chapter: str, rows: Sequence[SeedRow]) -> ChapterRate:
    seeds = tuple(sorted({row.seed for row in rows}))
    names = dict.fromkeys(row.claim for row in rows if row.verdict != RAISED)
    claims = tuple(
        ClaimRate(profile, chapter, name, tuple(r for r in rows if r.claim == name), len(seeds))
        for name in names
    )
    failed = {row.seed for row in rows if not row.passed}
    return ChapterRate(
        profile,
        chapter,
        seeds,
        frozenset(seeds) - failed,
        claims,
        *(tuple(sorted({getattr(row, k) for row in rows})) for k in ("code", "version", "date")),
    )


def _row(line: Sequence[str], place: str) -> SeedRow:
    types = {"int": int, "float": float, "str": str}
    try:
        values = {
            field.name: types[str(field.type)](text)
            for field, text in zip(fields(SeedRow), line, strict=True)
        }
        row = SeedRow(**values)
        if row.seed < 0 or (row.verdict != RAISED and not _measured(row)):
            raise ValueError("numbers must be finite, the margin positive, the seed not negative")
    except ValueError as error:
        raise BookError(f"{place} is no row of the table: {error}") from None
    return row


def _measured(row: SeedRow) -> bool:
    numbers = (row.value, row.standard_error, row.target, row.control_value)
    return all(map(isfinite, numbers)) and isfinite(row.margin) and row.margin > 0
