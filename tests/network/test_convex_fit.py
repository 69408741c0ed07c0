"""The readout by a convex loss: against scipy's minimisers, and by its own certificate."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convex_fits import fit
from onestep.network import LOSSES, Clipped, convex_regression, ridge_regression


def sample(seed, k, m, mean=0.5):
    """Features with a mean in common, as those of a relu, and two classes that overlap."""
    rng = np.random.default_rng(seed)
    y = rng.choice([-1.0, 1.0], m)
    y[:2] = 1.0, -1.0
    direction = rng.standard_normal((k, 1))
    return (rng.standard_normal((k, m)) + mean + y * direction / 2) / math.sqrt(k), y


@pytest.mark.parametrize(("k", "m"), [(20, 60), (60, 20), (30, 30)])
@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("loss", LOSSES)
def test_the_minimum_is_that_of_a_general_minimiser(loss, intercept, k, m):
    Phi, y = sample(1, k, m)
    for ridge in (1e-1, 1e-3):
        found = convex_regression(Phi, y, ridge, loss, intercept)
        w, b = fit(loss, Phi.T, y, ridge, intercept)
        value = LOSSES[loss].value(y, Phi.T @ w + b).mean() + 0.5 * ridge * w @ w
        assert found.training_error <= value * (1 + 1e-9)
        assert math.isclose(found.training_error, value, rel_tol=2e-4)
        scores = Phi.T @ found.weights + found.intercept
        assert math.isclose(found.plain_training_error, LOSSES[loss].value(y, scores).mean())
        norm = found.weights @ found.weights
        assert math.isclose(
            found.training_error - found.plain_training_error, 0.5 * ridge * norm, rel_tol=1e-9
        )


@given(
    seed=st.integers(0, 10**6),
    k=st.integers(1, 40),
    m=st.integers(3, 40),
    loss=st.sampled_from(sorted(LOSSES)),
    intercept=st.booleans(),
    log_ridge=st.floats(-6, 1),
    mean=st.sampled_from([0.0, 0.5, 10.0]),
)
@settings(max_examples=150, deadline=None)
def test_no_step_from_the_minimum_goes_down(seed, k, m, loss, intercept, log_ridge, mean):
    """The certified gap is small, and bounds what random steps of any size can gain."""
    Phi, y = sample(seed, k, m, mean)
    ridge = 10.0**log_ridge
    found = convex_regression(Phi, y, ridge, loss, intercept)
    assert found.gap <= 1e-8 * found.training_error
    rng = np.random.default_rng(seed)
    for size in 10.0 ** np.arange(-6, 1):
        w = found.weights * (1 + size * rng.standard_normal(k))
        b = found.intercept + intercept * size * rng.standard_normal()
        value = LOSSES[loss].value(y, Phi.T @ w + b).mean() + 0.5 * ridge * w @ w
        assert value >= found.training_error - found.gap - 1e-15


@pytest.mark.parametrize(("k", "m"), [(20, 60), (60, 20)])
def test_the_square_loss_is_ridge_regression(k, m):
    Phi, y = sample(2, k, m)
    one = convex_regression(Phi, y, 1e-2, "square")
    other = ridge_regression(Phi, y, 1e-2)
    assert np.allclose(one.weights, other.weights, rtol=1e-10, atol=1e-12)
    assert math.isclose(one.training_error, other.training_error, rel_tol=1e-12)
    # With an intercept, both are centred.
    centred = ridge_regression(Phi - Phi.mean(axis=1, keepdims=True), y - y.mean(), 1e-2)
    shifted = convex_regression(Phi, y, 1e-2, "square", intercept=True)
    assert np.allclose(shifted.weights, centred.weights, rtol=1e-9, atol=1e-11)
    assert math.isclose(shifted.training_error, centred.training_error, rel_tol=1e-11)


def test_a_median_is_an_intercept():
    """The absolute loss, whose slopes have bounds but no curvature, with features that vanish."""
    y = np.array([3.0, -1.0, 10.0, 0.5, 2.0])
    absolute = Clipped("absolute", False, 0.0, -1.0, 1.0)
    found = convex_regression(1e-6 * np.eye(2, 5), y, 1.0, absolute, intercept=True)
    assert math.isclose(found.intercept, 2.0, abs_tol=1e-6)
    assert math.isclose(found.training_error, np.abs(y - 2).mean(), rel_tol=1e-8)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": np.ones(3)}, r"y has shape \(3,\)"),
        ({"y": np.ones((4, 2))}, "one output"),
        ({"y": np.array([1.0, -1.0, 0.5, 1.0])}, r"y must be \+1 and -1"),
        ({"y": np.ones(4), "intercept": True}, "y is 1 throughout"),
        ({"Phi": np.full((2, 4), np.nan)}, "Phi must be finite"),
        ({"Phi": np.ones(4)}, "Phi has shape"),
        ({"ridge": 0.0}, "ridge = 0.0"),
        ({"ridge": 1e-17}, "ridge = 1e-17 is too small"),
        ({"loss": "absolute"}, "loss = 'absolute'"),
    ],
)
def test_bad_samples_are_refused_by_name(change, message):
    plain = {"Phi": np.ones((2, 4)), "y": np.array([1.0, -1.0, 1.0, 1.0]), "ridge": 0.1}
    with pytest.raises(ValueError, match=message):
        convex_regression(**(plain | {"loss": "hinge"} | change))


def test_a_gap_that_stays_is_told():
    """Features of 1e3 at a ridge of 2e-9: rounding leaves few digits, and no number is given."""
    Phi, y = sample(3, 14, 5)
    with pytest.raises(FloatingPointError, match=r"duality gap .* ridge = 2e-09"):
        convex_regression(1e3 * Phi, y, 2e-9, "square", intercept=True)
