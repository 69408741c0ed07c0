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

    def inline(self, text: str) -> list[nodes.Node]:
        """Markdown of one line as nodes."""
        children, messages = self.parse_inline(text, lineno=self.lineno)
        return [*children, *messages]
