"""What the tests of the builder share; `tiny` and `cells` lie beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny import STARTED, make

from bookbuilder.declare.project import Project
from bookbuilder.execute.processes import end_trees


@pytest.fixture(autouse=True)
def _no_builder_is_left() -> Iterator[None]:
    """One that goes on would keep its lock, and what it has of the terminal, for ever."""
    yield
    end_trees([process.pid for process in STARTED if process.poll() is None])
    STARTED.clear()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The tiny book, to be changed at will."""
    return make(tmp_path / "book")
