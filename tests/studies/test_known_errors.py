"""Errors and thresholds of other authors, and the conversion to the book's units."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from onestep import Problem, activations
from onestep.network import Network, ridge_regression
from onestep.studies.known import bulks, least_squares, thresholds
from onestep.studies.known.order_parameters import SpikedRandomFeatures, limit
from onestep.theory import Spectrum
from onestep.theory.limit import ConditionalLimit, coordinates
from onestep.theory.limit.trained_types import trained_types
from oracles import random_features


@given(st.floats(0.1, 8), st.floats(1e-3, 10), st.floats(0.1, 3), st.floats(0, 2))
def test_the_risk_of_ridge_regression_is_an_average_over_eigenvalues(gamma, ridge, r, sigma):
    x, share = bulks.marchenko_pastur(gamma, count=20_000)
    bias = r**2 * ridge**2 * (share @ (x + ridge) ** -2.0)
    variance = sigma**2 * gamma * (share @ (x * (x + ridge) ** -2.0))
    found = least_squares.risk(gamma, r, sigma, ridge)
    assert math.isclose(found, bias + variance, rel_tol=1e-6)


@given(st.floats(0.1, 0.9) | st.floats(1.1, 8), st.floats(0.1, 3), st.floats(0.1, 2))
def test_a_small_ridge_tends_to_none(gamma, r, sigma):
    none = least_squares.risk(gamma, r, sigma)
    assert math.isclose(least_squares.risk(gamma, r, sigma, 1e-9), none, rel_tol=1e-5)


def test_their_ridge_over_k_is_ours():
    """Least squares solved in both conventions on one sample: the same fit, to rounding."""
    rng = np.random.default_rng(0)
    m, p, ridge = 30, 12, 0.3
    X, y = rng.standard_normal((m, p)), rng.standard_normal(m)
    theirs = np.linalg.solve(X.T @ X / m + ridge * np.eye(p), X.T @ y / m)
    ours = ridge_regression(X.T / math.sqrt(p), y, ridge / p).weights
    assert np.allclose(ours, math.sqrt(p) * theirs, rtol=1e-10)


def test_the_published_curve_agrees_with_itself():
    """Columns are tied by the definitions that the conversion rests on."""
    curve = least_squares.published_curve()
    square = (1 - curve.m) ** 2 + curve.q
    assert np.allclose(curve.train_loss, 0.5 * square / (1 + curve.V) ** 2, rtol=1e-6)
    assert np.allclose(curve.test_error, ndtr(-curve.m / np.sqrt(curve.q)), rtol=1e-6)


def test_the_published_curve_is_that_of_the_layer():
    """At d = 400, one in five points: O(1/d). Control: their sum taken for a mean."""
    curve, d = least_squares.published_curve()[::5], 400
    spectrum = Spectrum(least_squares.mixture_layer(d).moments())
    theirs = 0.5 * ((1 - curve.m) ** 2 + curve.q)
    for column, value in zip(curve.sample_complexity, theirs, strict=True):
        m = round(column * d)
        assert abs(spectrum.errors(m, 0.01 / m).generalization_error / value - 1) < 0.02
    wrong = spectrum.errors(d, 0.01).generalization_error
    assert abs(wrong / theirs.iloc[len(theirs) // 3] - 1) > 0.5


def test_rows_that_no_step_made_are_taken_as_those_of_a_step():
    problem = Problem(n=300, m=300, k=300, activation="tanh", target="class", alpha=0.3)
    special = coordinates(problem)
    features = Network().feature_map(activations.get("tanh"), problem.scale, 1)
    rows = trained_types(special, (2.5e-5,))
    found, given_rows = (
        ConditionalLimit.of(special, 300, features, each).errors(300, 1e-3) for each in (None, rows)
    )
    assert found == given_rows
    u, scale, weights = rows
    wider = ConditionalLimit.of(special, 300, features, (u, 1.2 * scale, weights))
    assert abs(wider.errors(300, 1e-3).training_error / found.training_error - 1) > 0.01


@pytest.mark.parametrize("gamma", [0.5, 1.0])
def test_without_a_spike_the_limit_of_rows_is_mei_and_montanaris(gamma):
    """v is a direction as any other; norms do not matter for a target that is odd."""
    n = 10**6
    at = SpikedRandomFeatures(r=0.0, c=1.0, gamma=gamma)
    for one_norm in (True, False):
        found = limit(at, n, n // 2, "tanh", "sin", one_norm=one_norm).errors(2 * n, 1e-7)
        theirs = random_features(n, 2 * n, n // 2, "tanh", "sin", 0.0, 1e-7)
        assert math.isclose(found.generalization_error, theirs.generalization_error, rel_tol=1e-3)
        assert math.isclose(found.training_error, theirs.training_error, rel_tol=1e-3)


@pytest.mark.parametrize("degree", [2, 3])
def test_a_stronger_spike_is_needed_for_a_higher_degree(degree):
    """The correction is a share theta/n of the exponent: at 10^8 one or two per cent."""
    found = thresholds.exponent(degree, (10**8, 10**10))
    assert abs(found - (1 - 1 / degree)) < 0.02


def test_a_mean_that_cannot_be_learned_is_refused():
    with pytest.raises(ValueError, match=r"target = 'relu' has the mean 0\.399"):
        random_features(100, 100, 100, "tanh", "relu", 0.0, 1e-3)
    with pytest.raises(ValueError, match="d = 7 is not allowed"):
        least_squares.mixture_layer(7)


def test_formulas_are_refused_where_they_say_nothing():
    with pytest.raises(ValueError, match="gamma = 1 is not allowed without a ridge"):
        least_squares.risk(1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match=r"ridge = -1\.0"):
        least_squares.risk(0.5, 1.0, 1.0, -1.0)
    with pytest.raises(ValueError, match="degree = 5"):
        thresholds.half_learned(5, 10**8)
    with pytest.raises(ValueError, match="numbers >= 1 are needed"):
        bulks.spiked_eigenvalue([0.5, 2.0], 1.0)
