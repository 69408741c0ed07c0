"""Claims on the pages: directives whose names begin with ``claims-``, and the role ``claim``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from bookbuilder.declare.profile import edition_words
from bookbuilder.declare.project import Project
from bookbuilder.declare.registry import Entry, read_registry
from bookbuilder.execute.claim_table import ClaimRow, read_table
from bookbuilder.pages.sphinx_extension.build_record import RecordDirective, read_record
from bookbuilder.pages.sphinx_extension.table import table
from onestep.claims import rendering

HEADINGS = {"Claim": 30, "Measured": 17, "Verdict": 15, "Control": 23, "Control verdict": 15}
"""Columns of the table of claims with their widths in per cent."""

CHANGED = {"Claim": 22, "Before": 28, "Changed on": 16, "Why": 34}
"""Columns of the table of changes with their widths in per cent."""


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("claims-table", ClaimsTable)
    app.add_directive("claims-full", ClaimsFull)
    app.add_directive("claims-summary", ClaimsSummary)
    app.add_directive("claims-changed", ClaimsChanged)
    app.add_role("claim", ClaimNumber())


class ClaimNumber(SphinxRole):
    """A measurement of this build in the middle of a sentence, linked to where it is tested.

    ``{claim}`chapter/id``` shows the measurement with its standard error: of several entries that
    farthest from the target. After the name may follow ``control`` for that of the control, and
    ``%`` to show it in per cent.
    """

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Make the link; an unknown claim is a warning, which stops the build of the book."""
        name, *words = self.text.split()
        chapter, _, identifier = name.partition("/")
        claims = read_record(self.env)["claims"]
        found = [c for c in claims if (c["chapter"], c["id"]) == (chapter, identifier)]
        if not found or not {*words} <= {"control", "%"}:
            message = self.inliner.reporter.warning(
                f"claim {self.text!r} is not in this build: chapter/id, then control or %",
                line=self.lineno,
            )
            return [nodes.Text("?")], [message]
        value, error = (
            ("control_value", "control_standard_error")
            if "control" in words
            else ("largest", "largest_standard_error")
        )
        text = rendering.prose_number(found[0][value], found[0][error], per_cent="%" in words)
        page = self.env.app.builder.get_relative_uri(self.env.docname, chapter)
        link = nodes.reference("", text, internal=True, refuri=f"{page}#claim-{identifier}")
        return [nodes.strong("", "", link, classes=["live-number"])], []


class ClaimsSummary(RecordDirective):
    """How many claims hold and how many controls fail, in one sentence."""

    def run(self) -> list[nodes.Node]:
        """Make the paragraph."""
        record = read_record(self.env)
        edition = edition_words(record["profile"], record["seed"])
        text = rendering.sentence(rendering.summary(record["claims"], edition))
        return [nodes.paragraph("", text, classes=["claims-summary"])]


class LedgerDirective(RecordDirective):
    """A directive that shows claims beside what the registry says of them."""

    def registered(self) -> dict[tuple[str, str], Entry]:
        """Entries by chapter and name."""
        path = Project(Path(self.env.srcdir).parent).registry
        self.env.note_dependency(str(path))
        return dict(read_registry(path).claims)

    def full(self) -> dict[tuple[str, str], ClaimRow]:
        """What the stored full runs claimed, by chapter and name."""
        path = Project(Path(self.env.srcdir).parent).full
        self.env.note_dependency(str(path))
        return {(row.chapter, row.claim): row for row in read_table(path)}


class ClaimsFull(LedgerDirective):
    """How many claims hold in the stored full profile, and which chapters it lacks."""

    def run(self) -> list[nodes.Node]:
        """Make the paragraph."""
        rows, claims = self.full(), read_record(self.env)["claims"]
        names = [(claim["chapter"], claim["id"]) for claim in claims]
        found = [rows[name] for name in names if name in rows]
        hold = sum(row.verdict == "equivalent" for row in found)
        fail = sum(row.control_verdict == "different" for row in found)
        told = f"Stored full profile, {rendering.tally(hold, fail, len(found))}."
        if without := list(dict.fromkeys(name[0] for name in names if name not in rows)):
            told += f" Not stored: {', '.join(without)}."
        return [nodes.paragraph("", told, classes=["claims-summary"])]


class ClaimsTable(LedgerDirective):
    """Every claim with its measurement and its control, in this build and in the full profile."""

    def run(self) -> list[nodes.Node]:
        """Make the table."""
        claims = read_record(self.env)["claims"]
        chapters = list(dict.fromkeys(claim["chapter"] for claim in claims))
        contents = nodes.paragraph("", "By chapter: ", classes=["claims-contents"])
        for chapter in chapters:
            contents += nodes.reference("", chapter, internal=True, refid=f"claims-of-{chapter}")
            contents += nodes.Text(" · " if chapter != chapters[-1] else "")
        registered = self.registered()
        full = self.full()
        rows = [self.row(claim, registered, full) for claim in claims]
        for chapter in chapters:
            first = next(i for i, claim in enumerate(claims) if claim["chapter"] == chapter)
            rows[first][0] = [nodes.inline("", "", *rows[first][0], ids=[f"claims-of-{chapter}"])]
        return [contents, table(HEADINGS, rows, "claims-table")]

    def row(
        self,
        claim: rendering.Record,
        registered: Mapping[tuple[str, str], Entry],
        full: Mapping[tuple[str, str], ClaimRow],
    ) -> list[list[nodes.Node]]:
        """Cells of one claim."""
        name = claim["chapter"], claim["id"]
        entry, stored = registered[name], full.get(name)
        statement = f"{claim['statement']} Tests {_cross_reference(claim['equation'])}."
        return [
            [
                self.link(claim["chapter"], claim["id"]),
                _line_break(),
                *self.inline(statement),
                _line_break(),
                *self.inline(f"Drawn: {entry.drawn}"),
            ],
            [
                nodes.strong("", rendering.measured(claim)),
                nodes.Text(rendering.entries(claim["entries"])),
                _line_break(),
                nodes.Text(f"must be {rendering.region(claim)}"),
                _line_break(),
                *self.inline(f"since {entry.changed}: {entry.why}"),
                *(_in_full(stored) if stored else ()),
            ],
            _verdict(claim, "verdict"),
            [
                *self.inline(claim["control_statement"]),
                _line_break(),
                nodes.strong("", rendering.control(claim)),
                nodes.Text(rendering.control_entries(claim)),
            ],
            _verdict(claim, "control_verdict"),
        ]


class ClaimsChanged(LedgerDirective):
    """Every claim whose margin, or what it applies to, was changed: what it was, when and why."""

    def run(self) -> list[nodes.Node]:
        """Make the table; a sentence if there is nothing to tell."""
        rows: list[list[list[nodes.Node]]] = [
            [
                [self.link(*at)],
                self.inline(entry.was),
                [nodes.Text(str(entry.changed))],
                self.inline(entry.why),
            ]
            for at, entry in self.registered().items()
            if entry.was
        ]
        if not rows:
            return [nodes.paragraph("", "No registered claim was changed.")]
        return [table(CHANGED, rows, "claims-changed")]


def _cross_reference(label: str) -> str:
    """Role for a label of the book; the prefix says what it labels."""
    if label.startswith("eq-"):
        return f"{{eq}}`{label}`"
    return f"{{numref}}`{label}`" if label.startswith("fig-") else f"{{prf:ref}}`{label}`"


def _in_full(row: ClaimRow) -> list[nodes.Node]:
    """What the full profile found, where the margin may be another; computed when."""
    numbers = rendering.number(row.value, row.standard_error)
    text = f"{numbers} (must be {rendering.number(row.target)} ± {rendering.number(row.margin)})"
    style = "verdict-good" if row.passed else "verdict-bad"
    mark = nodes.inline("", rendering.mark(row.passed, row.verdict), classes=[style])
    return [_line_break(), nodes.Text(f"full profile, {row.date}: {text} "), mark]


def _verdict(claim: rendering.Record, name: str) -> list[nodes.Node]:
    good = rendering.as_it_must(claim, name)
    style = "verdict-good" if good else "verdict-bad"
    return [nodes.inline("", rendering.mark(good, claim[name]), classes=[style])]


def _line_break() -> nodes.raw:
    return nodes.raw("", "<br>", format="html")
