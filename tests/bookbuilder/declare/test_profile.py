"""Profiles and the values that they set."""

from __future__ import annotations

import pytest
from cells import CELL, notebook

from bookbuilder._support.errors import BookError
from bookbuilder.declare.profile import (
    edition,
    edition_words,
    parse_profile,
    profile_values,
    seed_values,
)


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


def test_a_seed_is_set_where_a_chapter_takes_it_and_has_another() -> None:
    drawing = notebook("seed: int = 1  # in [0, 9]: root seed\n" + CELL)
    assert seed_values(drawing, "c", {}, None) == {}
    assert seed_values(drawing, "c", {}, 3) == {"seed": 3}
    assert seed_values(drawing, "c", {}, 1) == {} == seed_values(drawing, "c", {"seed": 5}, 5)
    assert seed_values(drawing, "c", {"seed": 5}, 1) == {"seed": 1}
    assert seed_values(notebook(CELL), "c", {}, 3) == {}
    with pytest.raises(BookError, match=r"'c' refuses it: seed = 10 must lie in \[0, 9\]"):
        seed_values(drawing, "c", {}, 10)
    assert (edition("quick", None), edition("full", 3)) == ("quick", "full-seed-3")
    assert (edition_words("quick", None), edition_words("full", 0)) == ("quick", "seed 0, full")
