"""Directives for the claims: ``claims-table`` and ``claims-summary``."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

from bookbuilder.claims import Claim, number, summary
from bookbuilder.sphinx_extension.build_record import RecordDirective
from bookbuilder.sphinx_extension.table import table

HEADINGS = {"Claim": 30, "Measured": 17, "Verdict": 15, "Control": 23, "Control verdict": 15}
"""Columns of the table of claims with their widths in per cent."""


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("claims-table", ClaimsTable)
    app.add_directive("claims-summary", ClaimsSummary)


class ClaimsSummary(RecordDirective):
    """How many claims hold and how many controls fail, in one sentence."""

    def run(self) -> list[nodes.Node]:
        """Make the paragraph."""
        record = self.record()
        text = summary(record["claims"], record["profile"])
        return [nodes.paragraph("", text[0].upper() + text[1:] + ".", classes=["claims-summary"])]


class ClaimsTable(RecordDirective):
    """Every claim with its measurement and its control."""

    def run(self) -> list[nodes.Node]:
        """Make the table."""
        rows = [self.row(claim) for claim in self.record()["claims"]]
        return [table(HEADINGS, rows, "claims-table")]

    def place(self, claim: Claim) -> nodes.reference:
        """Link to where the chapter tests a claim."""
        page = self.env.app.builder.get_relative_uri(self.env.docname, claim["chapter"])
        name = f"{claim['chapter']}: {claim['id']}"
        return nodes.reference("", name, internal=True, refuri=f"{page}#claim-{claim['id']}")

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


def _line_break() -> nodes.raw:
    return nodes.raw("", "<br>", format="html")
