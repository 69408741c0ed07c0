"""Claims of runs as rows of a table that is stored beside the chapters, with provenance."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from importlib.metadata import version
from math import isfinite, nan
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from bookbuilder._support.errors import BookError
from bookbuilder._support.files import write_text
from bookbuilder.execute.claims import collect

RAISED = "raised"
"""Verdict of a row without a claim: at this seed the chapter's code did not come to its end."""


@dataclass(frozen=True)
class ClaimRow:
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


def rows_of(
    notebook: NotebookNode | None,
    raised: bool,
    profile: str,
    chapter: str,
    seed: int,
    code: str,
    date: str,
) -> Iterator[ClaimRow]:
    """A row for each claim of a chapter's run; one more if its code `raised`."""
    measured = ("value", "standard_error", "target", "margin", "verdict")
    control = ("control_value", "control_standard_error", "control_verdict")
    made = [version("onestep"), code, date]
    for claim in collect(notebook) if notebook is not None else ():
        numbers: list[Any] = [*(claim[name] for name in (*measured, *control)), *made]
        yield ClaimRow(profile, chapter, claim["id"], seed, *numbers)
    if raised:
        nothing: list[Any] = [nan, nan, nan, nan, RAISED, nan, nan, "", *made]
        yield ClaimRow(profile, chapter, "", seed, *nothing)


def today() -> str:
    """The date (UTC, ISO 8601)."""
    return datetime.now(UTC).date().isoformat()


def read_table(path: Path) -> list[ClaimRow]:
    """The rows of a stored table; none if there is no file."""
    if not path.is_file():
        return []
    names = [field.name for field in fields(ClaimRow)]
    with path.open(encoding="utf-8", newline="") as stream:
        lines = csv.reader(stream)
        if next(lines, None) != names:
            raise BookError(f"{path}: the first line must be {','.join(names)}")
        return [_row(line, f"{path}, line {number}") for number, line in enumerate(lines, 2)]


def write_table(path: Path, rows: Iterable[ClaimRow]) -> None:
    """Replace the table in one step; numbers keep six digits, in which machines agree."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([field.name for field in fields(ClaimRow)])
    for row in rows:
        table.writerow([f"{x:.6g}" if isinstance(x, float) else x for x in astuple(row)])
    write_text(path, text.getvalue())


def merged(
    stored: Iterable[ClaimRow], new: Sequence[ClaimRow], chapters: Sequence[str]
) -> list[ClaimRow]:
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


def _row(line: Sequence[str], place: str) -> ClaimRow:
    types = {"int": int, "float": float, "str": str}
    try:
        values = {
            field.name: types[str(field.type)](text)
            for field, text in zip(fields(ClaimRow), line, strict=True)
        }
        row = ClaimRow(**values)
        if row.seed < 0 or (row.verdict != RAISED and not _measured(row)):
            raise ValueError("numbers must be finite, the margin positive, the seed not negative")
    except ValueError as error:
        raise BookError(f"{place} is no row of the table: {error}") from None
    return row


def _measured(row: ClaimRow) -> bool:
    numbers = (row.value, row.standard_error, row.target, row.control_value)
    return all(map(isfinite, numbers)) and isfinite(row.margin) and row.margin > 0
