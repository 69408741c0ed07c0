"""A table of results that grows line by line, cell by cell, and can be resumed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def complete(
    path: Path,
    columns: Sequence[str],
    cells: Iterable[tuple[tuple[Any, ...], Callable[[], Iterable[Row]]]],
) -> None:
    """Append to a file of comma-separated values the cells that it lacks.

    Parameters
    ----------
    path
        The file, which need not exist. Lines that begin with # tell where it comes from.
    columns
        Names of its columns.
    cells
        Keys, each the values of the first columns, and what gives the rows of that key.
    """
    lines = path.read_text().splitlines() if path.exists() else []
    rows = list(csv.reader(line for line in lines if not line.startswith("#")))
    with path.open("a") as file:
        writer = csv.DictWriter(file, columns)
        if not rows:
            writer.writeheader()
        for key, measure in cells:
            text = [str(each) for each in key]
            if any(row[: len(text)] == text for row in rows):
                continue
            # All rows of a cell at once: a cell that was begun would count as done.
            writer.writerows([{**row, **_short(row)} for row in measure()])
            file.flush()


def _short(row: Row) -> Row:
    measured = ("training", "generalization", "power")
    return {name: f"{row[name]:.9g}" for name in measured}
