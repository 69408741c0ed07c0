"""How often claims hold under other seeds: rates over the table that ``make seeds`` stores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from bookbuilder.execute.claim_table import RAISED, ClaimRow

REQUIRED = 0.95
"""Share of the seeds at which a claim should pass: 19 of 20."""


@dataclass(frozen=True)
class ClaimRate:
    """One claim over the seeds of its chapter."""

    profile: str
    chapter: str
    claim: str
    rows: tuple[ClaimRow, ...]  # where it was tested, by seed
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


def chapter_rates(rows: Sequence[ClaimRow]) -> list[ChapterRate]:
    """Rates of every chapter in every profile, in the order of the rows."""
    return [
        _chapter_rate(profile, chapter, list(group))
        for (profile, chapter), group in groupby(rows, lambda row: (row.profile, row.chapter))
    ]


def _chapter_rate(profile: str, chapter: str, rows: Sequence[ClaimRow]) -> ChapterRate:
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
