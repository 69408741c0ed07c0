"""Limits in which the errors are known, for the three methods of `onestep.predict` alike.

Infinite ridge, null target, many samples, and interpolation. What a method is compared with never
uses the method's own equations.
"""

import math

import numpy as np
import pytest

import onestep
from onestep import activations, claims
from onestep.hermite import OfActivation
from onestep.network import TrainedLayer, draw, population_moments, ridge_regression

METHODS = ("equivalent", "conditional", "scalar")
NOTHING = "1e-9*z"


def curve(problem, method, ridges, samples):
    found = onestep.readout_curves(
        problem, ridges=ridges, samples=samples, method=method, guarded=False
    )
    assert np.all(found.status != "failed")
    return found


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("beta", [0.5, 1.0])
def test_an_infinite_ridge_predicts_nothing(method, beta):
    """Both errors tend to E y^2 / 2 from below, with a distance of the order 1 / lambda."""
    problem = onestep.Problem(n=60, m=50, k=40, alpha=0.3, beta=beta, direction="aligned")
    found = curve(problem, method, [1e3, 1e5, 1e7], [50])
    for name in ("training_error", "generalization_error"):
        a, b, c = found[name].values[:, 0]
        assert a < b < c
        assert math.isclose((c - a) / (c - b), 100, rel_tol=0.05)
        # Labels are ReLU of an index with the variance of an aligned direction.
        drawn = draw(problem, 0, 0)
        power = drawn.labels.second_moment(drawn.inputs)
        assert math.isclose(c, 0.5 * power, rel_tol=1e-3)


@pytest.mark.parametrize("method", METHODS)
def test_a_null_target_costs_the_degrees_of_freedom(method):
    """Labels of pure noise: means over 20 samples of features, 150 dimensions.

    Given the features, expected errors over the noise are traces, so nothing of the noise is left.
    4.6 standard errors of 20 draws are exceeded once in 5000 comparisons, and 3 % for sizes.
    Control: half the noise must miss.
    """
    n, m, k = 150, 120, 90
    problem = onestep.Problem(n=n, m=m, k=k, target=NOTHING, noise=1.0, beta=0.6, ridge=0.2 / k)
    drawn = draw(problem, 0, 0)
    F = TrainedLayer.of(problem, drawn).F
    student = activations.get(problem.activation)
    M = population_moments(F, drawn.inputs, drawn.labels, OfActivation(student)).M
    rng = np.random.default_rng(8)
    measured = []
    for _ in range(20):
        X, _ = drawn.inputs.sample(m, rng)
        Phi = student(F @ X.T) / math.sqrt(k)
        smoother = np.linalg.inv(Phi @ Phi.T / m + problem.ridge * np.eye(k)) @ Phi / m
        left = np.eye(m) - Phi.T @ smoother
        # min (1/2m) |y - Phi^T w|^2 + (lambda/2) |w|^2 = (1/2m) y^T (I - Phi^T S) y.
        training = 0.5 * np.trace(left) / m
        measured.append((training, 0.5 * (1 + np.trace(smoother.T @ M @ smoother))))
    found = curve(problem, method, [problem.ridge], [m]).isel(ridge=0, samples=0)
    for name, values in zip(
        ("training_error", "generalization_error"), np.transpose(measured), strict=True
    ):
        mean = claims.sample(values)
        assert abs(float(found[name]) - mean.value) < 4.6 * mean.standard_error + 0.03 * mean.value
        assert abs(0.25 * float(found[name]) - mean.value) > 0.1 * mean.value


@pytest.mark.parametrize("method", METHODS)
def test_many_samples_give_the_population_readout(method):
    """m = 10^7: both errors are that of the readout of the population, here w = (M + lambda)^-1 q.

    For `scalar`, the mean of six layers at n = 150, with 4 standard errors and 3 %.
    """
    problem = onestep.Problem(
        n=150, m=150, k=80, direction="aligned", activation="tanh", ridge=1e-2, beta=0.6
    )
    exact = []
    for trial in range(6 if method == "scalar" else 1):
        drawn = draw(problem, trial, 0)
        layer = TrainedLayer.of(problem, drawn)
        moments = layer.moments(OfActivation(activations.get("tanh")))
        w = np.linalg.solve(moments.M + problem.ridge * np.eye(80), moments.q)
        risk = moments.generalization_error(w)
        exact.append((risk + 0.5 * problem.ridge * float(w @ w), risk))
    found = curve(problem, method, [problem.ridge], [10**7]).isel(ridge=0, samples=0)
    for name, values in zip(
        ("training_error", "generalization_error"), np.transpose(exact), strict=True
    ):
        if method == "scalar":
            error = 4 * values.std(ddof=1) / math.sqrt(6) + 0.03 * values.mean()
        else:
            # The conditional moments leave out orders >= 2 of the bulk's correlations.
            error = (2e-2 if method == "conditional" else 1e-4) * values.mean()
        assert abs(float(found[name]) - values.mean()) < error


@pytest.mark.parametrize("method", METHODS)
def test_interpolation_peaks_where_samples_equal_neurons(method):
    """Double descent at lambda -> 0; the curve at a large ridge has no peak."""
    problem = onestep.Problem(n=80, m=80, k=60, direction="aligned", noise=0.3)
    samples = [15, 30, 45, 54, 59, 60, 61, 66, 80, 120, 240]
    ridgeless, strong = curve(problem, method, [1e-9, 0.1], samples).generalization_error.values
    assert np.argmax(ridgeless) == samples.index(60)
    assert ridgeless[samples.index(60)] > 10 * ridgeless[[1, -2]].max()
    assert np.all(np.diff(strong) < 0)


@pytest.mark.parametrize("method", METHODS)
def test_a_wide_layer_is_as_good_as_its_kernel(method):
    """k = 1600 against kernel ridge regression with the layer's own kernel, 12 samples of 60.

    The kernel of infinite width is approached like 1/k; the layer's, sigma(F x) averaged, is what
    its readout has, in its dual form. 4.6 standard errors and 4 %; the control without the step's
    width in the ridge misses by more.
    """
    k = {"equivalent": 1600, "conditional": 500, "scalar": 1600}[method]
    problem = onestep.Problem(
        n=60, m=60, k=k, direction="aligned", activation="relu", ridge=0.05 / 60, beta=0.5
    )
    drawn = draw(problem, 0, 0)
    F = TrainedLayer.of(problem, drawn).F
    student = activations.get("relu")
    moments = population_moments(F, drawn.inputs, drawn.labels, OfActivation(student))
    rng = np.random.default_rng(4)
    measured = []
    for _ in range(12):
        X, cluster = drawn.inputs.sample(60, rng)
        y = drawn.labels.sample(X, cluster, rng)
        Phi = student(F @ X.T) / math.sqrt(k)
        kernel = Phi.T @ Phi
        dual = np.linalg.solve(kernel + 60 * problem.ridge * np.eye(60), y)
        training = 0.5 * problem.ridge * float(y @ dual)
        w = Phi @ dual
        assert np.allclose(w, ridge_regression(Phi, y, problem.ridge).weights, atol=1e-8)
        measured.append((training, moments.generalization_error(w)))
    found = curve(problem, method, [problem.ridge, 10 * problem.ridge], [60]).isel(samples=0)
    for name, values in zip(
        ("training_error", "generalization_error"), np.transpose(measured), strict=True
    ):
        mean = claims.sample(values)
        right, wrong = found[name].values
        assert abs(right - mean.value) < 4.6 * mean.standard_error + 0.04 * mean.value
        if name == "training_error":
            assert abs(wrong - mean.value) > 4.6 * mean.standard_error + 0.04 * mean.value
