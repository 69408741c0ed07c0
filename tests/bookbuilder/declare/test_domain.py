"""Ranges in the comments of a parameters cell."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookbuilder.declare.domain import Anything, Choice, Files, Interval, parse_domain


@given(
    low=st.floats(-1e6, 1e6),
    width=st.floats(0, 1e6),
    value=st.floats(allow_nan=True, allow_infinity=True),
    left=st.sampled_from("[("),
    right=st.sampled_from("])"),
)
def test_intervals_are_those_of_mathematics(
    low: float, width: float, value: float, left: str, right: str
) -> None:
    high = low + width
    domain, each, prose = parse_domain(f"in {left}{low!r}, {high!r}{right}: some: prose")
    assert isinstance(domain, Interval) and not each and prose == "some: prose"
    inside = (low < value < high) or (value == low and left == "[" and low < high)
    inside |= value == high and right == "]" and low < high
    inside |= low == high == value and left == "[" and right == "]"
    assert (value in domain) == inside
    assert math.nan not in domain and "1" not in domain and True not in domain


def test_other_domains() -> None:
    for text in ("in [1000, 1000000]", "in (0, 0.25)", "in [-1, inf)", "in {a, b}"):
        assert str(parse_domain(text)[0]) == text
    assert parse_domain("in {relu, tanh}: x")[0] == Choice(("relu", "tanh"))
    assert parse_domain("each in {1, 2}") == (Choice(("1", "2")), True, "")
    assert isinstance(parse_domain("in the mood")[0], Anything)
    for bad in ("each of them", "in {a,,b}", "in [0, 1", "in [nan, 1]"):
        with pytest.raises(ValueError):
            parse_domain(bad)


def test_a_file_is_there_and_told_absolutely(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    domain, _, prose = parse_domain("in files: the data")
    assert isinstance(domain, Files) and str(domain) == "in files" and prose == "the data"
    monkeypatch.chdir(tmp_path)
    assert "digits" in domain and domain.absolute("digits") == "digits"
    assert "my.npz" not in domain and 3 not in domain
    Path("my.npz").write_bytes(b"1")
    assert "my.npz" in domain and domain.absolute("my.npz") == str(tmp_path / "my.npz")
    before = domain.state("my.npz")
    Path("my.npz").write_bytes(b"12")
    assert domain.state("my.npz") != before
