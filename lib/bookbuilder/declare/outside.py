"""What a chapter finds outside the project: data that may come, go or change between two builds."""

from __future__ import annotations

import importlib

from nbformat import NotebookNode

from bookbuilder._support.errors import BookError


def outside_state(notebook: NotebookNode, chapter: str) -> str:
    """What the function says that ``onestep: outside:`` names in the front matter, if it does."""
    name = (notebook.metadata.get("onestep") or {}).get("outside")
    if name is None:
        return ""
    module, _, function = str(name).rpartition(".")
    try:
        return str(getattr(importlib.import_module(module), function)())
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise BookError(
            f"front matter of {chapter!r}: `outside: {name}` must name a function such as "
            f"package.module.state: {error}"
        ) from None
