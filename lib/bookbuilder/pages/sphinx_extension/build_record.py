"""What directives of the book share: the record of the build, and Markdown of one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective


def read_record(env: BuildEnvironment) -> dict[str, Any]:
    """The build's record, as `bookbuilder.pages.record` wrote it."""
    path = Path(env.config.onestep_claims)
    env.note_dependency(str(path))
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return record


class RecordDirective(SphinxDirective):
    """A directive that shows something of the build's record."""

    def place(self, chapter: str, claim: str = "") -> str:
        """Where this build tests a claim, or its chapter; empty if it does not."""
        record = read_record(self.env)
        if chapter not in {run["chapter"] for run in record["runs"]}:
            return ""
        page = self.env.app.builder.get_relative_uri(self.env.docname, chapter)
        known = {(each["chapter"], each["id"]) for each in record["claims"]}
        return f"{page}#claim-{claim}" if (chapter, claim) in known else page

    def link(self, chapter: str, claim: str = "") -> nodes.Node:
        """The name of a claim or chapter, linked to where this build tests it, if it does."""
        text, place = f"{chapter}: {claim}" if claim else chapter, self.place(chapter, claim)
        return nodes.reference("", text, internal=True, refuri=place) if place else nodes.Text(text)

    def inline(self, text: str) -> list[nodes.Node]:
        """Markdown of one line as nodes."""
        children, messages = self.parse_inline(text, lineno=self.lineno)
        return [*children, *messages]
