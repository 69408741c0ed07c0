"""Means over Gaussian preactivations, interpolated in their scale."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import onestep
from onestep import activations
from onestep.hermite import HermiteExpansion, OfActivation, OfPolynomial, ScaleSeries, ScaleTable
from onestep.inputs import Classes, spiked
from onestep.network import TrainedLayer

NAMES = ["relu", "step", "tanh", "sigmoid", "gelu", "sin", "cubic", "z*tanh(z)", "z**5", "he(5)"]


class Counted:
    """A function that counts the scales at which it is expanded."""

    def __init__(self, function):
        self._function, self.asked = function, []

    def coefficients(self, degree, scale, mean):
        self.asked.append(scale.size)
        return self._function.coefficients(degree, scale, mean)

    def second_moment(self, scale, mean):
        return self._function.second_moment(scale, mean)


class Kinked(Counted):
    """No mean over a Gaussian: it has a kink in the scale."""

    def second_moment(self, scale, mean):
        return np.exp(np.abs(np.log(scale)))


@pytest.mark.parametrize("made", [ScaleTable, ScaleTable.shared])
@settings(max_examples=80)
@example("he(5)", 5, 0.5625, 14.0, 0)  # 1.6e-12
@given(
    st.sampled_from(NAMES),
    st.integers(5, 30),
    st.floats(0.05, 5.0),
    st.floats(1.0, 40.0),
    st.integers(0, 10**6),
)
def test_a_table_gives_the_coefficients(made, name, degree, low, ratio, seed):
    """Over a factor of 40 in scale, to what a series of 150 terms has of rounding.

    Which is the square of their number, times that of one, of the function's own size.
    """
    scale = low * ratio ** np.random.default_rng(seed).random(300)
    function = OfActivation(activations.get(name))
    zero = np.zeros_like(scale)
    expected = function.coefficients(degree, scale, zero)
    power = function.second_moment(scale, zero)
    A, found = made(function, degree, scale.min(), scale.max(), most=150)(scale)
    assert np.allclose(found, power, rtol=1e-12)
    rounding = 150**2 * np.finfo(float).eps
    assert np.all(np.abs(A - expected) <= rounding * np.sqrt(power)[:, None])
    assert np.all(A[:, ~np.any(expected, axis=0)] == 0)  # zeros by symmetry stay zeros


@given(st.floats(0.01, 1.0), st.floats(1.1, 100.0), st.integers(0, 10**6))
def test_a_series_in_the_scale_interpolates_powers(low, ratio, seed):
    """b^p is exp(p log b), entire in log b: 40 nodes suffice over two decades."""
    powers = np.array([-2.0, 0.5, 3.0])
    series = ScaleSeries.of(lambda b: (b[:, None] / low) ** powers, low, low * ratio, 40)
    scale = low * ratio ** np.random.default_rng(seed).random(50)
    expected = (scale[:, None] / low) ** powers
    assert np.allclose(series(scale), expected, rtol=0, atol=1e-12 * expected.max())


def test_laws_that_are_alike_share_a_table():
    relu = OfActivation(activations.get("relu"))
    table = ScaleTable.shared(relu, 16, 1.05, 2.02, most=200)
    assert ScaleTable.shared(relu, 16, 1.06, 2.01, most=500) is table
    assert ScaleTable.shared(relu, 16, 1.05, 2.2) is not table


def test_no_range_is_widened_beyond_what_has_means():
    """E exp(z^2)^2 is finite below a scale of 1/2."""
    steep = OfActivation(activations.get("exp(z**2)"))
    scale = np.linspace(0.3, 0.49, 100)
    power = ScaleTable.shared(steep, 4, 0.3, 0.49)(scale)[1]
    assert np.allclose(power, 1 / np.sqrt(1 - 4 * scale**2), rtol=1e-10)


def test_near_scales_need_few_expansions():
    function = Counted(OfActivation(activations.get("tanh")))
    ScaleTable(function, 16, 0.9, 1.1)(np.random.default_rng(0).uniform(0.9, 1.1, 3000))
    assert function.asked == [16]


@pytest.mark.parametrize("count", [1, 2, 15])
def test_few_scales_are_expanded_themselves(count):
    scale = np.linspace(0.5, 2.0, count)
    function = Counted(OfActivation(activations.get("tanh")))
    A, _ = ScaleTable(function, 4, 0.5, 2.0, most=count)(scale)
    assert function.asked == [count]
    assert np.allclose(A, function.coefficients(4, scale, np.zeros(count)), rtol=1e-14, atol=0)


def test_equal_scales():
    function = OfActivation(activations.get("relu"))
    A, power = ScaleTable(function, 8, 1.3, 1.3)(np.full(100, 1.3))
    one = np.array([1.3]), np.zeros(1)
    assert np.allclose(A, function.coefficients(8, *one), rtol=0, atol=1e-13)
    assert np.allclose(power, function.second_moment(*one), rtol=1e-13)


def test_a_function_that_vanishes():
    """A Hermite model of degree 0 of an odd activation."""
    function = OfPolynomial(HermiteExpansion.of("tanh", degree=0))
    A, power = ScaleTable(function, 5, 0.5, 2.0)(np.linspace(0.5, 2.0, 50))
    assert np.all(A == 0)
    assert np.all(power < 1e-200)


def test_a_kink_in_the_scale_is_not_interpolated():
    """Control: the series does not end, and all scales are expanded."""
    scale = np.random.default_rng(1).uniform(0.5, 2.0, 500)
    function = Kinked(OfActivation(activations.get("tanh")))
    _, power = ScaleTable(function, 3, 0.5, 2.0)(scale)
    assert function.asked == [16, 32, 64, 128, 500]
    assert np.allclose(power, np.exp(np.abs(np.log(scale))), rtol=1e-14)


@pytest.mark.parametrize("activation", ["z**5", "he(5)"])
def test_neurons_of_large_scale_do_not_drown_the_others(activation):
    """Features of z^5 differ by 10^15: moments of the small ones are those they have alone.

    With one absolute accuracy for all, generalization errors came out negative.
    """
    rng = np.random.default_rng(0)
    F = rng.standard_normal((80, 30)) / np.sqrt(30)
    F[40:] *= 30.0
    inputs = spiked(30, (0.5, 0.5), 1, 2.0, 0.0, rng)
    function = OfActivation(activations.get(activation))
    sigma = activations.get(activation)
    together, alone = (TrainedLayer(rows, sigma, inputs, Classes()) for rows in (F, F[:40]))
    M = together.moments().M
    for c in (0, 1):
        scale = np.sqrt(np.sum(F**2, axis=1) + np.sum((F @ inputs.spikes(c)) ** 2, axis=1))
        M.flat[::81] -= 0.5 * function.second_moment(scale, np.zeros(80)) / 80
    assert np.all(np.abs(np.diagonal(M)) < 1e-9 * scale**10)
    w = rng.standard_normal(40)
    wide = np.concatenate([w, np.zeros(40)]) * np.sqrt(2)
    [found] = together.generalization_errors([function], [wide])
    [expected] = alone.generalization_errors([function], [w])
    assert np.allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize("fields", [{"spread": 5000.0}, {"step": 5000.0}])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_the_limit_at_scales_far_apart(fields, activation, monkeypatch):
    """Strengths beyond beta = 1: the table's result is that of the expansions themselves."""
    problem = onestep.Problem(n=1000, m=1000, k=1000, activation=activation, **fields)
    table = onestep.predict(problem, method="scalar", models=["network"], guarded=False)
    monkeypatch.setattr(
        ScaleTable,
        "shared",
        lambda *law, most=0: ScaleTable(*law, most=0),  # expanded themselves
    )
    direct = onestep.predict(problem, method="scalar", models=["network"], guarded=False)
    for error in ("training_error", "generalization_error"):
        assert np.isclose(table[error].item(), direct[error].item(), rtol=1e-6)


@pytest.mark.parametrize("method", ["scalar"])
@pytest.mark.parametrize("activation", ["he(4)", "cos(5*z)", "1"])
def test_students_without_slope_or_kernel(method, activation):
    found = onestep.predict(
        onestep.Problem(activation=activation),
        method=method,
        models=["network"],
        guarded=False,
    )
    assert found.status.item() != "failed"
    assert found.generalization_error.item() > 0
