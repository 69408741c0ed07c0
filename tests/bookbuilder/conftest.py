"""What the tests of the builder share; `tiny` and `cells` lie beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny import make

from bookbuilder.declare.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The tiny book, to be changed at will."""
    return make(tmp_path / "book")
