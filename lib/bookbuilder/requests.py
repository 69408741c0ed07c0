"""What the build asks of the processes it starts; kept apart from the heavy imports of those."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from bookbuilder.domain import Value


@dataclass(frozen=True)
class ChapterRequest:
    """What a worker needs to run a chapter.

    Attributes
    ----------
    source
        Notebook to run (.ipynb).
    output
        Where papermill saves it, after every cell.
    values
        Parameters to inject; none injects nothing.
    scratch
        Empty directory: the working directory of the kernel and the place of its sockets.
    """

    source: str
    output: str
    values: dict[str, Value]
    scratch: str

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class SphinxRequest:
    """What to render.

    Attributes
    ----------
    output, doctrees
        Directories to write; empty before.
    executed
        Executed notebook of each chapter.
    claims
        The build's record (JSON file).
    only
        Keep this page only; empty for the whole book, whose warnings are errors.
    overrides
        Further Sphinx settings.
    """

    root: str
    output: str
    doctrees: str
    executed: dict[str, str]
    claims: str
    only: str = ""
    overrides: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))
