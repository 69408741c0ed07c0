"""A reader's values: what is accepted and how refusals read."""

from __future__ import annotations

import pytest
from cells import CELL, parameters
from hypothesis import given
from hypothesis import strategies as st

from bookbuilder._support.errors import BookError
from bookbuilder.declare.domain import Choice, Value
from bookbuilder.declare.parameters import Parameter
from bookbuilder.declare.values import check_values, parse_choices, settings

WIDE = CELL.replace("(0, 10]", "(0, 100]")


def parse_values(text: str, known: list[Parameter]) -> dict[str, Value]:
    """Of a text that lists one value for each parameter."""
    choices = parse_choices(text, known)
    assert all(len(values) == 1 for values in choices.values())
    return {name: values[0] for name, values in choices.items()}


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


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("alpha=0.2,0.5,1", {"alpha": [0.2, 0.5, 1.0]}),
        ("activation=relu,tanh", {"activation": ["relu", "tanh"]}),
        ("widths=[0.1,20]", {"widths": [[0.1, 20.0]]}),
        ("widths=0.1,20", {"widths": [[0.1, 20.0]]}),
        ("widths=[0.1,20],[1]", {"widths": [[0.1, 20.0], [1.0]]}),
        ("names=[a,b],[b]", {"names": [["a", "b"], ["b"]]}),
        ("formula=Max(x,0),x**2", {"formula": ["Max(x,0)", "x**2"]}),
        ("formula='Max(x, 0), x'", {"formula": ["Max(x, 0)", "x"]}),
        ("alpha=0,1 widths=[1,2]", {"alpha": [0.0, 1.0], "widths": [[1.0, 2.0]]}),
    ],
)
def test_a_comma_separates_values_except_in_brackets(text: str, choices: object) -> None:
    assert parse_choices(text, parameters(WIDE)) == choices


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("alpha=0.2,1.5", "alpha = 1.5 must lie in [0, 1]"),
        ("alpha=0.2,,0.5", "alpha: nothing stands beside a comma"),
        ("alpha=1,1.0", "lists alpha = 1.0 twice"),
        ("activation=relu,gelu", "activation = 'gelu' must lie in {relu, tanh}"),
        ("widths=[0.1,1],[200]", "widths = 200 must lie in (0, 100]"),
        ("widths=[0.1],2", "widths = [0.1] must be of type float"),
        ("formula=x,", "formula: nothing stands beside a comma"),
        ("beta=1,2", "beta is not a parameter"),
    ],
)
def test_a_refusal_names_parameter_value_and_what_is_allowed(text: str, words: str) -> None:
    with pytest.raises(BookError) as caught:
        parse_choices(text, parameters(WIDE))
    assert words in str(caught.value)


def test_values_are_written_as_they_are_read() -> None:
    text = "alpha=0.25 activation=tanh widths=[0.5,2.0] names=[b,a] exact=False 'formula=x + 1'"
    assert settings(parse_values(text, parameters())) == text
    assert settings({}) == ""


@pytest.mark.parametrize(
    "line", ['f: str = "relu"  # in activations: f', 'f: list = ["relu"]  # each in activations: f']
)
def test_an_activation_is_judged_by_the_library(line: str) -> None:
    [parameter] = parameters(line)
    for good in ("tanh", "z*tanh(z)", "leaky_relu(0.1)"):
        parse_choices(f"f={good}", [parameter])
    for bad in ("foo", "exp(z**4)", "z +", "__import__"):
        with pytest.raises(BookError, match="in activations: activation: ") as refused:
            parse_choices(f"'f={bad}'", [parameter])
        assert f"f = '{bad}'" in str(refused.value) and "Allowed here" in str(refused.value)
    with pytest.raises(BookError, match="in activations: activation: 'foo'"):
        parameters(line.replace("relu", "foo"))
