"""The folders of the builder: what one may import from another."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

import bookbuilder

ROOT = Path(bookbuilder.__file__).parent


def imports(path: Path) -> set[tuple[str, str]]:
    """Folder and module of every import from the builder."""
    nodes = [
        node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)
    ]
    names = []
    for node in nodes:
        parts = (node.module or "").split(".")
        names += [[*parts, alias.name] for alias in node.names] if parts[0] == "bookbuilder" else []
    return {(parts[1], parts[2]) for parts in names if len(parts) > 2}


@pytest.mark.parametrize("folder", ["_support", "declare", "execute", "pages", "rerun"])
def test_a_folder_lists_what_the_others_import(folder: str) -> None:
    outside = [path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0] != folder]
    used = {module for path in outside for name, module in imports(path) if name == folder}
    listed = import_module(f"bookbuilder.{folder}").__all__
    assert used == set(listed)
