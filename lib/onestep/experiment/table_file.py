"""A table of results that grows cell by cell, and can be resumed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from .._support.files import replaced

Row = dict[str, Any]


def complete(
    path: Path,
    columns: Sequence[str],
    cells: Iterable[tuple[tuple[Any, ...], Callable[[], Iterable[Row]]]],
) -> None:
    """Append to a file of comma-separated values the cells that it lacks.

    The file has all rows of a cell or none, whenever this is stopped. Of a file that was cut within
    a line, that line and the cell before the cut are computed anew.

    Parameters
    ----------
    path
        The file, which need not exist. Lines that begin with # tell where it comes from.
    columns
        Names of its columns.
    cells
        Keys, each the values of the first columns, and what gives the rows of that key.
    """
    wanted = [(_texts(key), measure) for key, measure in cells]
    before = _read(path)
    text = _without_torn(before, [key for key, _ in wanted])
    rows = _rows(text)
    if not rows:
        text += _lines(columns, [dict(zip(columns, columns, strict=True))])
    if text != before:
        _write(path, text)
    for key, measure in wanted:
        if any(_is_of(row, key) for row in rows):
            continue
        text += _lines(columns, [{**row, **_short(row)} for row in measure()])
        _write(path, text)


def _read(path: Path) -> str:
    if not path.exists():
        return ""
    with path.open(newline="") as file:  # the ends of lines as they are
        return file.read()


def _write(path: Path, text: str) -> None:
    """All of the file, in one step: a cell that was begun would count as done."""
    with replaced(path) as unfinished, unfinished.open("w", newline="") as file:
        file.write(text)


def _without_torn(text: str, keys: Sequence[list[str]]) -> str:
    """The text up to its last whole line; if it was cut, without the cell of that line."""
    whole, _, torn = text.rpartition("\n")
    if not torn:
        return text
    lines = whole.splitlines(keepends=True)
    if lines:
        lines[-1] += "\n"
    # The line may have belonged to the cell of the last row, which then lacks it.
    last = _rows("".join(lines))[-1:]
    begun = [key for key in keys for row in last if _is_of(row, key)]
    return "".join(
        line for line in lines if not any(_is_of(row, key) for row in _rows(line) for key in begun)
    )


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(line for line in text.splitlines() if not line.startswith("#")))


def _is_of(row: list[str], key: list[str]) -> bool:
    return row[: len(key)] == key


def _texts(key: Iterable[Any]) -> list[str]:
    return [str(each) for each in key]


def _lines(columns: Sequence[str], rows: Iterable[Row]) -> str:
    lines = io.StringIO(newline="")
    csv.DictWriter(lines, columns).writerows(rows)
    return lines.getvalue()


def _short(row: Row) -> Row:
    measured = ("training", "generalization", "power")
    return {name: f"{row[name]:.9g}" for name in measured}
