"""Directives for the claims: ``claims-table``, ``claims-summary`` and ``build-info``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from bookbuilder.claims import Claim, number, summary

HEADINGS = {"Claim": 30, "Measured": 17, "Verdict": 15, "Control": 23, "Control verdict": 15}
"""Columns of the table of claims with their widths in per cent."""


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("claims-table", ClaimsTable)
    app.add_directive("claims-summary", ClaimsSummary)
    app.add_directive("build-info", BuildInfo)


class _Record(SphinxDirective):
    """A directive that shows something of the build's record."""

    def record(self) -> dict[str, Any]:
        """The build's record, as `bookbuilder.record` wrote it."""
        path = Path(self.config.onestep_claims)
        self.env.note_dependency(str(path))
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return record

    def inline(self, text: str) -> list[nodes.Node]:
        """Markdown of one line as nodes."""
        children, messages = self.parse_inline(text, lineno=self.lineno)
        return [*children, *messages]

    def place(self, claim: Claim) -> nodes.reference:
        """Link to where the chapter tests a claim."""
        page = self.env.app.builder.get_relative_uri(self.env.docname, claim["chapter"])
        name = f"{claim['chapter']}: {claim['id']}"
        return nodes.reference("", name, internal=True, refuri=f"{page}#claim-{claim['id']}")


class ClaimsSummary(_Record):
    """How many claims hold and how many controls fail, in one sentence."""

    def run(self) -> list[nodes.Node]:
        """Make the paragraph."""
        record = self.record()
        text = summary(record["claims"], record["profile"])
        return [nodes.paragraph("", text[0].upper() + text[1:] + ".", classes=["claims-summary"])]


class BuildInfo(_Record):
    """Profile, versions, and what each chapter took."""

    def run(self) -> list[nodes.Node]:
        """Make the paragraph and the table."""
        record = self.record()
        versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
        text = f"Computed in the {record['profile']} profile with {versions}."
        headings = {"Chapter": 50, "Seconds": 15, "Parameters": 35}
        rows = []
        for run in record["runs"]:
            reference = f"{{doc}}`{run['chapter']}`"
            values = " ".join(f"{name}={value!r}" for name, value in run["values"].items())
            rows.append(
                [
                    self.inline(reference),
                    [nodes.Text(f"{run['seconds']:.1f}")],
                    [nodes.literal("", values)] if values else [nodes.Text("defaults")],
                ]
            )
        return [nodes.paragraph("", text), _table(headings, rows, "build-info")]


class ClaimsTable(_Record):
    """Every claim with its measurement and its control."""

    def run(self) -> list[nodes.Node]:
        """Make the table."""
        rows = [self.row(claim) for claim in self.record()["claims"]]
        return [_table(HEADINGS, rows, "claims-table")]

    def row(self, claim: Claim) -> list[list[nodes.Node]]:
        """Cells of one claim."""
        statement = f"{claim['statement']} Tests {_cross_reference(claim['equation'])}."
        measured = number(claim["value"], claim["standard_error"])
        entries = f" (decisive of {claim['entries']})" if claim["entries"] > 1 else ""
        control = number(claim["control_value"], claim["control_standard_error"])
        return [
            [self.place(claim), _line_break(), *self.inline(statement)],
            [
                nodes.strong("", measured),
                nodes.Text(entries),
                _line_break(),
                nodes.Text(f"must be {claim['target']:.3g} ± {claim['margin']:.3g}"),
            ],
            _verdict(claim["verdict"], wanted="equivalent"),
            [*self.inline(claim["control_statement"]), _line_break(), nodes.strong("", control)],
            _verdict(claim["control_verdict"], wanted="different"),
        ]


def _cross_reference(label: str) -> str:
    """Role for a label of the book; the prefix says what it labels."""
    if label.startswith("eq-"):
        return f"{{eq}}`{label}`"
    return f"{{numref}}`{label}`" if label.startswith("fig-") else f"{{prf:ref}}`{label}`"


def _verdict(verdict: str, *, wanted: str) -> list[nodes.Node]:
    """A mark that repeats in shape what the colour says, and the word."""
    good = verdict == wanted
    style = "verdict-good" if good else "verdict-bad"
    return [nodes.inline("", f"{'✓' if good else '✗'} {verdict}", classes=[style])]


def _table(
    headings: Mapping[str, int], rows: list[list[list[nodes.Node]]], name: str
) -> nodes.container:
    """A table in a box of its own that scrolls on a narrow screen."""
    group = nodes.tgroup(cols=len(headings))
    group += [nodes.colspec(colwidth=width) for width in headings.values()]
    head, body = nodes.thead(), nodes.tbody()
    group += [head, body]
    head += _row([[nodes.Text(heading)] for heading in headings])
    for row in rows:
        body += _row(row)
    table = nodes.table("", group, classes=[name])
    return nodes.container("", table, classes=["scroll-box"])


def _line_break() -> nodes.raw:
    return nodes.raw("", "<br>", format="html")


def _row(cells: list[list[nodes.Node]]) -> nodes.row:
    row = nodes.row()
    for cell in cells:
        row += nodes.entry("", nodes.paragraph("", "", *cell))
    return row
