"""The chapter on real images where the images cannot be had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from IPython.display import Markdown

from bookbuilder.declare.notebook import code_cells, read_chapter
from bookbuilder.declare.project import Project
from onestep.inputs import fashion

ROOT = Path(__file__).resolve().parents[2]


def test_without_the_images_one_box_tells_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(fashion.VARIABLE, str(tmp_path))
    shown: list[Any] = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    names: dict[str, Any] = {}
    for cell in code_cells(read_chapter(Project(ROOT), "images")):
        exec(cell.source, names)
    [box] = shown
    assert isinstance(box, Markdown) and box.data.startswith(":::{warning}\n")
    assert "apt install dataset-fashion-mnist" in box.data
    assert str(tmp_path) not in box.data  # a page tells nothing of the machine
    # What needs no images is shown and tested all the same; settle() was the last cell.
    claims = names["ledger"].claims
    assert len(claims) == 5 and all(claim.passed for claim in claims)
