"""Means over Gaussian preactivations, interpolated in their scale."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onestep import activations, hermite
from onestep._scale_table import ScaleTable, interpolated
from onestep.gaussian import OfActivation

NAMES = ["relu", "step", "tanh", "sigmoid", "gelu", "sin", "cubic", "z*tanh(z)"]


def counted(values):
    """The function, and the numbers of scales that it was asked for."""
    asked = []

    def wrapped(scale):
        asked.append(scale.size)
        return values(scale)

    return wrapped, asked


@settings(max_examples=60)
@given(
    st.sampled_from(NAMES),
    st.integers(0, 30),
    st.floats(0.05, 5.0),
    st.floats(1.0, 40.0),
    st.integers(0, 10**6),
)
def test_interpolated_coefficients_are_the_coefficients(name, degree, low, ratio, seed):
    """To 2e-13 of the largest, for scales that differ by up to a factor of 40."""
    scale = low * ratio ** np.random.default_rng(seed).random(300)

    def values(some):
        normalised = hermite.coefficients(name, degree, some) * hermite.sqrt_factorials(degree)
        return np.column_stack([normalised, hermite.second_moment(name, some)])

    expected = values(scale)
    found = interpolated(values, scale)
    assert np.allclose(found, expected, rtol=0, atol=2e-13 * np.abs(expected).max())
    assert np.all(found[:, ~np.any(expected, axis=0)] == 0)  # zeros by symmetry stay zeros


def test_near_scales_need_few_evaluations():
    scale = np.random.default_rng(0).uniform(0.9, 1.1, 3000)
    values, asked = counted(lambda some: hermite.coefficients("tanh", 16, some))
    interpolated(values, scale)
    assert asked == [16]


@pytest.mark.parametrize("count", [1, 2, 31])
def test_few_scales_are_evaluated_themselves(count):
    scale = np.linspace(0.5, 2.0, count)
    values, asked = counted(lambda some: hermite.coefficients("tanh", 4, some))
    assert np.array_equal(interpolated(values, scale), hermite.coefficients("tanh", 4, scale))
    assert asked == [count]


def test_equal_scales():
    found = interpolated(lambda some: hermite.coefficients("relu", 8, some), np.full(100, 1.3))
    assert np.allclose(found, hermite.coefficients("relu", 8, 1.3), rtol=0, atol=1e-14)


def test_a_function_with_a_kink_in_the_scale_is_not_interpolated():
    """Control: the series does not end, and all scales are evaluated."""
    scale = np.random.default_rng(1).uniform(0.5, 2.0, 500)
    values, asked = counted(lambda some: np.abs(np.log(some))[:, None])
    assert np.array_equal(interpolated(values, scale), np.abs(np.log(scale))[:, None])
    assert asked == [16, 32, 64, 500]


@pytest.mark.parametrize("name", ["relu", "tanh"])
def test_a_table_gives_coefficients_over_powers_of_the_scale(name):
    function = OfActivation(activations.get(name))
    scale = np.geomspace(0.2, 6.0, 50)
    series, power = ScaleTable(function, 5, 0.2, 6.0)(scale)
    expected = function.coefficients(5, scale, np.zeros(50)) / scale[:, None] ** np.arange(6)
    assert np.allclose(series, expected, rtol=0, atol=1e-9 * np.abs(expected).max())
    assert np.allclose(power, function.second_moment(scale, np.zeros(50)), rtol=1e-9)
