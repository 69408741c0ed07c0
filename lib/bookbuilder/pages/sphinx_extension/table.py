"""Tables of a directive, in a box that scrolls on a narrow screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from docutils import nodes

Cell = Sequence[nodes.Node]


def table(headings: Mapping[str, int], rows: Sequence[Sequence[Cell]], name: str) -> nodes.Node:
    """A table of a class for its look and its tests; headings have widths in per cent."""
    group = nodes.tgroup(cols=len(headings))
    group += [nodes.colspec(colwidth=width) for width in headings.values()]
    head, body = nodes.thead(), nodes.tbody()
    group += [head, body]
    head += _row([[nodes.Text(heading)] for heading in headings])
    for row in rows:
        body += _row(row)
    return nodes.container("", nodes.table("", group, classes=[name]), classes=["scroll-box"])


def _row(cells: Sequence[Cell]) -> nodes.row:
    row = nodes.row()
    for cell in cells:
        row += nodes.entry("", nodes.paragraph("", "", *cell))
    return row
