import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import onestep
from onestep._support import streams


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n", 1),
        ("n", 10.0),
        ("m", 0),
        ("k", 0),
        ("k", True),
        ("alpha", -0.1),
        ("alpha", 1.1),
        ("beta", 1.0001),
        ("beta", math.nan),
        ("beta", "0.5"),
        ("activation", "rulu"),
        ("target", "rulu"),
        ("direction", "sideways"),
        ("weights", (0.5, 0.6)),
        ("weights", (-0.5, 1.5)),
        ("weights", ()),
        ("weights", 1.0),
        ("rank", 0),
        ("rank", 501),
        ("alignment", 1.5),
        ("noise", -1.0),
        ("ridge", 0.0),
        ("ridge", math.inf),
        ("means", ((0.0,), (0.0,))),
    ],
)
def test_bad_fields_are_refused_by_name(field, value):
    with pytest.raises(ValueError, match=rf"^{field}\b"):
        onestep.Problem(**{field: value})


def test_class_labels_need_clusters():
    with pytest.raises(ValueError, match="class"):
        onestep.Problem(target="class", weights=(1.0,))


@given(st.integers(10, 5000), st.floats(0, 1), st.floats(0, 1), st.integers(1, 5))
def test_scales_follow_their_definitions(n, alpha, beta, rank):
    problem = onestep.Problem(n=n, alpha=alpha, beta=beta, rank=rank)
    assert math.isclose(problem.theta * problem.eta, n**beta, rel_tol=1e-9)
    assert math.isclose(problem.scale**2 * (n + rank * problem.theta), n, rel_tol=1e-12)


def test_equal_problems_are_equal_however_they_were_written():
    one = onestep.Problem(alpha=1, weights=[0.5, 0.5], n=np.int64(100))
    two = onestep.Problem(alpha=1.0, weights=(0.5, 0.5), n=100)
    assert one == two
    assert one.to_json() == two.to_json()
    assert hash(one) == hash(two)


def test_json_gives_the_problem_back():
    problem = onestep.Problem(n=3, means=np.array([[0.1, 0.2, 0.3], [0, 0, 0]]), beta=1 / 3)
    fields = json.loads(problem.to_json())
    assert onestep.Problem(**fields) == problem


@pytest.mark.parametrize("change", [{"activation": "tanh"}, {"target": "class"}, {"ridge": 1.0}])
def test_what_acts_on_finished_draws_does_not_key_them(change):
    assert onestep.Problem(**change).draw_key() == onestep.Problem().draw_key()


@pytest.mark.parametrize("change", [{"n": 999}, {"k": 999}, {"beta": 0.7}, {"alignment": 0.1}])
def test_what_shapes_the_draws_keys_them(change):
    assert onestep.Problem(**change).draw_key() != onestep.Problem().draw_key()


def test_streams_depend_on_their_whole_key_only():
    first = streams.generator({"a": 1, "b": 0.1}, 3).standard_normal(4)
    again = streams.generator({"b": 0.1, "a": 1}, 3).standard_normal(4)
    other = streams.generator({"a": 1, "b": 0.1}, 4).standard_normal(4)
    assert np.array_equal(first, again)
    assert not np.any(first == other)


def test_streams_are_pinned():
    """Stored results are recomputed from their keys: the map from key to numbers must not move."""
    assert streams.digest(["x", 1, 0.5])[:16] == "2d300723812ec268"
    assert np.allclose(
        streams.generator("x", 1, 0.5).standard_normal(2), [0.844027631955623, 0.6044458503091777]
    )


def test_streams_refuse_what_json_cannot_hold():
    with pytest.raises(ValueError, match="not JSON compliant"):
        streams.digest(math.nan)


@pytest.mark.parametrize(
    ("beta", "expected"),
    [(0, 1), (0.49, 1), (0.5, 2), (0.65, 2), (Fraction(2, 3), 3), (0.74, 3), (0.75, 4), (0.8, 5)],
)
def test_degree_of_the_paper(beta, expected):
    assert onestep.degree(alpha=0.5, beta=beta) == expected


@given(st.fractions(0, Fraction(99, 100), max_denominator=1000))
def test_degree_is_the_smallest_that_satisfies_the_rule(beta):
    l = onestep.degree(alpha=0.0, beta=beta)
    assert l >= 1
    assert beta < Fraction(l, l + 1)
    assert l == 1 or beta >= Fraction(l - 1, l)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"alpha": 0.5, "beta": 1.0}, "no finite degree"),
        ({"alpha": 0.5, "beta": -0.1}, "beta"),
        ({"alpha": 2.0, "beta": 0.5}, "alpha"),
        ({"alpha": 0.5, "beta": 0.5, "rule": "best"}, "rule"),
    ],
)
def test_degree_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        onestep.degree(**arguments)
