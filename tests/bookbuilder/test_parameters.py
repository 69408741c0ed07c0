"""Parameters cells and readers' values: what is accepted and how refusals read."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from bookbuilder._support.errors import BookError
from bookbuilder.declare.domain import Anything, Choice, Interval, Value, parse_domain
from bookbuilder.declare.parameters import Parameter, read_parameters
from bookbuilder.declare.profile import parse_profile, profile_values
from bookbuilder.declare.values import check_values, parse_choices

CELL = """\
alpha: float = 0.5           # in [0, 1]: weighting
trials: int = 8              # in [2, inf): draws
activation: str = "relu"     # in {relu, tanh}: student
widths: list = [0.1, 1]      # each in (0, 10]: k/m
names: list[str] = ["a"]     # each in {a, b}: names
exact: bool = True           # whether to be exact
formula: str = "x**2"        # sympy expression
"""


def notebook(source: str, **metadata: object) -> NotebookNode:
    cell = new_code_cell(source, metadata={"tags": ["parameters"]})
    return new_notebook(cells=[new_code_cell("1 + 1"), cell], metadata=metadata)


def parameters(source: str = CELL) -> list[Parameter]:
    return read_parameters(notebook(source), "chapter")


def parse_values(text: str, known: list[Parameter]) -> dict[str, Value]:
    """Of a text that lists one value for each parameter."""
    choices = parse_choices(text, known)
    assert all(len(values) == 1 for values in choices.values())
    return {name: values[0] for name, values in choices.items()}


def test_every_kind_of_line_is_understood() -> None:
    kinds = {p.name: (p.type_name, p.default) for p in parameters()}
    assert kinds == {
        "alpha": ("float", 0.5),
        "trials": ("int", 8),
        "activation": ("str", "relu"),
        "widths": ("list of float", [0.1, 1.0]),
        "names": ("list of str", ["a"]),
        "exact": ("bool", True),
        "formula": ("str", "x**2"),
    }
    assert parameters()[0].prose == "weighting"


def test_a_notebook_without_the_cell_has_no_parameters() -> None:
    assert read_parameters(new_notebook(cells=[new_code_cell("alpha: float = 1")]), "c") == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("alpha = 0.5  # in [0, 1]: x", "name: type = value"),
        ("alpha: float  # in [0, 1]: x", "name: type = value"),
        ("alpha: float = 1 / 2  # in [0, 1]: x", "literal"),
        ("alpha: float = f()  # in [0, 1]: x", "literal"),
        ("alpha: complex = 1  # in [0, 1]: x", "'complex'"),
        ("alpha: float = 0.5", "must start with `in"),
        ("alpha: float = 2.0  # in [0, 1]: x", "alpha = 2.0 must lie in [0, 1]"),
        ("alpha: float = 0.5  # in [1, 0]: x", "empty"),
        ("alpha: float = 0.5  # in [0, one]: x", "'one' is not a number"),
        ("alpha: float = 0.5  # in [0, 1] x", "colon"),
        ("alpha: int = 0.5  # in [0, 1]: x", "must be of type int"),
        ("alpha: int = True  # in [0, 1]: x", "must be of type int"),
        ("widths: list = []  # each in [0, 1]: x", "'list'"),
        ("widths: list = [1]  # in [0, 1]: x", "each in"),
        ("widths: float = 1  # each in [0, 1]: x", "for lists"),
        ("import os", "name: type = value"),
        ("alpha: float = 0.5  # in [0, 1]: x\nalpha: float = 0.5  # in [0, 1]: x", "twice"),
        ("alpha: float = (", "parameters cell of 'chapter'"),
    ],
)
def test_a_bad_parameters_cell_is_refused(source: str, words: str) -> None:
    with pytest.raises(BookError, match="parameters cell of 'chapter'") as caught:
        parameters(source)
    assert words in str(caught.value)


def test_two_parameters_cells_are_refused() -> None:
    twice = notebook(CELL)
    twice.cells.append(twice.cells[-1])
    with pytest.raises(BookError, match="2 cells"):
        read_parameters(twice, "chapter")


def test_values_take_the_types_of_their_parameters() -> None:
    text = "alpha=1 trials=3 activation=tanh widths=0.5,2 names=[b,a] exact=false formula='x + 1'"
    assert parse_values(text, parameters()) == {
        "alpha": 1.0,
        "trials": 3,
        "activation": "tanh",
        "widths": [0.5, 2.0],
        "names": ["b", "a"],
        "exact": False,
        "formula": "x + 1",
    }
    assert parse_values("  ", parameters()) == {}
    assert isinstance(parse_values("alpha=1", parameters())["alpha"], float)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("alpha=1.01", "alpha = 1.01 must lie in [0, 1]"),
        ("alpha=nan", "alpha = 'nan' must be of type float"),
        ("alpha=1e999", "alpha = inf must be of type float"),
        ("alpha=__import__('os')", "must be of type float"),
        ("alpha=True", "must be of type float"),
        ("trials=8.0", "trials = 8.0 must be of type int"),
        ("trials=1", "trials = 1 must lie in [2, inf)"),
        ("activation=gelu", "must lie in {relu, tanh}"),
        ("widths=[]", "at least one float"),
        ("widths=[1,11]", "widths = 11 must lie in (0, 10]"),
        ("exact=1", "must be of type bool"),
        ("beta=1", "beta is not a parameter of this chapter"),
        ("alpha", "must read name=value"),
        ("alpha = 1", "must read name=value"),
        ("alpha=1 alpha=0", "twice"),
        ("alpha='1", "No closing quotation"),
        ("alpha={[]:1}", "alpha = '{[]:1}' must be of type float"),
        ("alpha=" + "-" * 5000 + "1", "must be of type float"),
        ("alpha=" + "[" * 5000 + "]" * 5000, "must be of type float"),
        ("alpha=" + "9" * 400, "must be of type float"),
        ("widths=1," + "9" * 400, "must be of type float"),
        ("trials=" + "9" * 400, "must lie in [2, inf)"),
    ],
    ids=lambda text: text[:20],
)
def test_bad_values_are_refused(text: str, words: str) -> None:
    with pytest.raises(BookError) as caught:
        parse_values(text, parameters())
    assert words in str(caught.value)


def test_choices_of_numbers_are_compared_as_numbers() -> None:
    cell = "x: float = 2  # in {0.5, 1, 2}: x\ni: int = 1  # in {1, 2.0}: i\nw: list[float] = [1]"
    known = parameters(f'{cell}  # each in {{1, 1e2}}: w\ns: str = "1"  # in {{1, 2}}: s')
    found = parse_values("x=1 i=2 w=1,100 s=2", known)
    assert found == {"x": 1.0, "i": 2, "w": [1.0, 100.0], "s": "2"}
    assert type(found["x"]) is float and type(found["i"]) is int
    for bad in ("x=1.5", "i=3", "w=10", "s=1.0", "s=2.0"):
        with pytest.raises(BookError, match=f"^P is refused:\n  {bad[0]} = .* must lie in"):
            parse_values(bad, known)
    assert True not in Choice(("1", "relu")) and "1" in Choice(("1",))


def test_a_refusal_names_everything_wrong_and_everything_allowed() -> None:
    with pytest.raises(BookError) as caught:
        parse_values("alpha=2 beta=1", parameters())
    message = str(caught.value)
    assert "alpha = 2" in message and "beta" in message
    for words in ("in [2, inf)", "each in (0, 10]", "'relu'", "list of float", "k/m"):
        assert words in message


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


@given(st.dictionaries(st.sampled_from(["alpha", "trials", "widths"]), st.integers(-5, 20)))
def test_accepted_values_obey_the_rules(values: dict[str, int]) -> None:
    try:
        checked = check_values(values, parameters(), origin="test")
    except BookError:
        good = "widths" not in values and values.get("alpha", 0) in (0, 1)
        assert not (good and values.get("trials", 2) >= 2)
    else:
        assert checked.keys() == values.keys() and "widths" not in values
        assert checked.get("alpha", 0) in (0, 1)


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
    with pytest.raises(BookError, match="may hold `full` only"):
        profile_values(notebook(CELL, onestep={"fast": {}}), "c", "quick")
