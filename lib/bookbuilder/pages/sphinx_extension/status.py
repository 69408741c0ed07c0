"""Directive ``build-info``: when, where and with what the book was built, chapter by chapter."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from bookbuilder.declare.values import settings
from bookbuilder.pages.sphinx_extension.build_record import RecordDirective, read_record
from bookbuilder.pages.sphinx_extension.table import table
from onestep.claims.rendering import counts

HEADINGS = {
    "Chapter": 34,
    "Seconds": 12,
    "Claims that hold": 15,
    "Controls that fail": 15,
    "Parameters": 24,
}
"""Columns of the table of chapters with their widths in per cent."""


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("build-info", BuildInfo)


class BuildInfo(RecordDirective):
    """The whole record of a build but for the claims themselves."""

    def run(self) -> list[nodes.Node]:
        """Make both tables."""
        record = read_record(self.env)
        facts = [[[nodes.Text(name)], [nodes.Text(text)]] for name, text in _facts(record)]
        chapters = [self._chapter(run, record["claims"]) for run in record["runs"]]
        return [
            table({"What": 30, "In this build": 70}, facts, "build-facts"),
            table(HEADINGS, [*chapters, _total(record)], "build-info"),
        ]

    def _chapter(self, run: dict[str, Any], claims: list[dict[str, Any]]) -> list[list[nodes.Node]]:
        values = settings(run["values"])
        return [
            self.inline(f"{{doc}}`{run['chapter']}`"),
            [nodes.Text(f"{run['seconds']:.1f}")],
            *_counts([claim for claim in claims if claim["chapter"] == run["chapter"]]),
            [nodes.literal("", values)] if values else [nodes.Text("defaults")],
        ]


def _facts(record: dict[str, Any]) -> list[tuple[str, str]]:
    machine = record["machine"]
    return [
        ("Profile", record["profile"]),
        ("Seed", "each chapter's own" if record["seed"] is None else str(record["seed"])),
        ("Rendered on", record["date"]),
        ("Commit", record["commit"]),
        ("Processor", f"{machine['processor']}, {machine['cores']} cores"),
        ("System", machine["system"]),
        *record["versions"].items(),
    ]


def _total(record: dict[str, Any]) -> list[list[nodes.Node]]:
    seconds = sum(run["seconds"] for run in record["runs"])
    return [
        [nodes.strong("", "All")],
        [nodes.Text(f"{seconds:.1f}")],
        *_counts(record["claims"]),
        [nodes.Text("")],
    ]


def _counts(claims: list[dict[str, Any]]) -> list[list[nodes.Node]]:
    return [
        [nodes.Text(f"{count} of {len(claims)}" if claims else "none")] for count in counts(claims)
    ]
