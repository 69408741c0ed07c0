"""Profiles and the values that they set."""

from __future__ import annotations

import pytest
from cells import CELL, notebook

from bookbuilder._support.errors import BookError
from bookbuilder.declare.profile import parse_profile, profile_values


def test_profiles() -> None:
    full = notebook(CELL, onestep={"full": {"trials": 50}})
    assert profile_values(full, "c", "quick") == {}
    assert profile_values(full, "c", "full") == {"trials": 50}
    assert parse_profile("full") == "full"
    with pytest.raises(BookError, match="'fast' must be one of quick, full"):
        parse_profile("fast")
    # A wrong declaration is found in the quick profile too.
    for bad in ({"trials": 1}, {"beta": 2}):
        with pytest.raises(BookError, match=r"onestep\.full of 'c'"):
            profile_values(notebook(CELL, onestep={"full": bad}), "c", "quick")
    with pytest.raises(BookError, match="may hold `full` and `outside` only"):
        profile_values(notebook(CELL, onestep={"fast": {}}), "c", "quick")
