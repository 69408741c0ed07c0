"""Measured quantities and their sampling errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from onestep import claims
from onestep._support import streams


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_sample_is_the_textbook_standard_error(draws):
    estimate = claims.sample(draws)
    assert np.isclose(estimate.value, np.mean(draws))
    assert np.isclose(estimate.standard_error, stats.sem(draws), atol=1e-9)
    assert estimate.degrees_of_freedom == len(draws) - 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: claims.exact([np.nan]), "value"),
        (lambda: claims.exact([]), "empty"),
        (lambda: claims.sample([1.0]), "at least 2"),
        (lambda: claims.estimate(0.0, -1.0, 3), "standard_error"),
        (lambda: claims.estimate(0.0, 1.0, 0), "degrees_of_freedom"),
    ],
)
def test_bad_measurements_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_every_value_may_have_its_own_degrees_of_freedom():
    both = claims.estimate([0.0, 0.0], 1.0, [2.0, 50.0])
    each = [float(claims.estimate(0.0, 1.0, freedom).half_width(0.05)) for freedom in (2, 50)]
    assert np.allclose(both.half_width(0.05), each, rtol=1e-14)
    assert each[0] > 1.5 * each[1]
    with pytest.raises(ValueError, match="degrees_of_freedom"):
        claims.estimate([0.0, 0.0], 1.0, [2.0, 0.0])


def test_a_ratio_over_a_constant_is_a_sample():
    draws = streams.generator("ratio").standard_normal((3, 8))
    found, mean = claims.ratio(draws, 2.0), claims.sample(draws / 2)
    np.testing.assert_allclose(found.value, mean.value)
    np.testing.assert_allclose(found.standard_error, mean.standard_error)


def test_intervals_of_ratios_hold_what_they_promise():
    """2,000 ratios with denominators that scatter by 30 %, in intervals of 90 %."""
    rng = streams.generator("ratio coverage")
    below = np.exp(0.3 * rng.standard_normal((2000, 16)))
    above = 0.7 * below + 0.2 * rng.standard_normal(below.shape)
    found = claims.ratio(above, below)
    missed = np.abs(found.value - 0.7) > found.half_width(0.05)
    assert stats.binom.ppf(0.001, 2000, 0.1) < missed.sum() < stats.binom.ppf(0.999, 2000, 0.12)


@pytest.mark.parametrize(
    ("above", "below", "message"),
    [([1.0], [2.0], "2 draws"), (1.0, 2.0, "2 draws"), ([1.0, 2.0], [1.0, -1.0], "mean of 0"),
     ([1.0, 2.0], [0.0, 1.0], "mean of 0")],
)  # fmt: skip
def test_ratios_that_are_none_are_refused(above, below, message):
    with pytest.raises(ValueError, match=message):
        claims.ratio(above, below)
