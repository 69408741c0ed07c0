"""Measured quantities and their sampling errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from onestep import claims


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
