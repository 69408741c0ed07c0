"""What the tests of the pages share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from server import serve


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Address of the book on a local server."""
    with serve(site) as found:
        yield found
