"""`onestep.predict` where the errors are known: limits of noise, ridge, width and samples."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from predicted_errors import ALL, BOTH, isotropic, predicted, scalar

import onestep
import oracles
from onestep import activations, claims
from onestep.hermite import OfActivation
from onestep.network import population_moments
from onestep.theory.limit import coordinates

NOTHING = "1e-9*z"


@pytest.mark.parametrize(("activation", "target"), [("relu", "he(3)"), ("tanh", "he(2)")])
def test_a_curved_target_is_noise_without_a_step(activation, target):
    """Only the linear part is learned from m = O(n) samples: up to O(1/n), at n = 10^8."""
    n, m, k = 10**8, 2 * 10**8, 10**8
    sizes = {"activation": activation, "ridge": 0.01 / k}
    power = float(onestep.hermite.second_moment(target, 1.0))
    curved = scalar(isotropic(n, m, k, target=target, **sizes))
    noise = scalar(isotropic(n, m, k, target=NOTHING, noise=math.sqrt(power), **sizes))
    for name in ALL:
        assert math.isclose(curved[name], noise[name], rel_tol=1e-5)


@pytest.mark.parametrize(("k", "m"), [(100, 200), (200, 100), (150, 150)])
def test_noise_costs_its_degrees_of_freedom(k, m):
    """A null target behind a trained layer: expected errors over the labels are traces.

    What is random is the sample of the features alone: traces, of scatter and bias O(1/m), of order
    one over the ridge's margin; 20 samples. 4.6 standard errors of 20 draws are exceeded once in
    5000 comparisons, once in 800 over this test and its two other sizes; and 2 % for the bias.
    The same for the limit, without the standard errors of the sample but with 1/n for its own.
    """
    problem = onestep.Problem(
        n=150, m=m, k=k, activation="relu", target=NOTHING, noise=1.0, beta=0.5, ridge=0.1 / k
    )
    drawn = onestep.network.draw(problem, 0, 7)
    F = onestep.network.TrainedLayer.of(problem, drawn).F
    student = activations.get("relu")
    M = population_moments(F, drawn.inputs, drawn.labels, OfActivation(student)).M
    rng = np.random.default_rng(2)
    measured = []
    for _ in range(20):
        X, _ = drawn.inputs.sample(m, rng)
        exact = oracles.noise_only(student(F @ X.T) / math.sqrt(k), M, problem.ridge)
        measured.append(
            (exact.training_error, exact.plain_training_error, exact.generalization_error)
        )
    found = predicted(problem, "equivalent", seed=7).isel(trial=0)
    limit = scalar(problem)
    for name, values in zip(ALL, np.transpose(measured), strict=True):
        mean = claims.sample(values)
        margin = 4.6 * mean.standard_error + 0.02 * mean.value
        assert abs(float(found[name]) - mean.value) < margin
        assert abs(limit[name] - mean.value) < margin + 0.02 * mean.value


problems = st.builds(
    onestep.Problem,
    n=st.integers(60, 100),
    m=st.integers(40, 200),
    k=st.integers(40, 80),
    alpha=st.floats(0, 1),
    beta=st.floats(0, 0.8),
    activation=st.sampled_from(["relu", "tanh", "softplus", "erf"]),
    target=st.sampled_from(["relu", "tanh", "class", "sin"]),
    direction=st.sampled_from(["random", "aligned"]),
    noise=st.floats(0, 1),
)


@given(problems, st.integers(0, 10**6))
@settings(max_examples=10)
def test_an_infinite_ridge_predicts_nothing(problem, seed):
    """Errors tend to E y^2 / 2, and by lambda = 1e4 are within 1 % of it, on every problem."""
    drawn = onestep.network.draw(problem, 0, seed)
    at = coordinates(problem)
    for method, power in (
        ("equivalent", drawn.labels.second_moment(drawn.inputs)),
        ("scalar", at.labels.second_moment(at.inputs)),
    ):
        curves = onestep.readout_curves(
            problem,
            ridges=[1e4, 1e8],
            samples=[problem.m],
            method=method,
            seed=seed,
            guarded=False,
        )
        for name in BOTH:
            large, infinite = curves[name].values[:, 0] / (0.5 * power)
            assert abs(large - 1) < 1e-2
            assert abs(infinite - 1) < 1e-6


@given(problems, st.integers(0, 10**6), st.floats(1, 10))
@settings(max_examples=10)
def test_at_large_ridge_a_layer_is_as_good_as_its_limit(problem, seed, ridge):
    """lambda is `ridge` times the mean square of a feature, or more.

    No eigenvalue of M is larger than that mean square, so at most E y^2 / (1 + lambda) is
    explained. Overlaps of random directions change what is explained by a share of the order
    n^{-1/2}: that share of the bound is the margin. The label's own power, which depends on the
    drawn direction, is divided out.
    """
    errors = {}
    for method in ("equivalent", "scalar"):
        curves = onestep.readout_curves(
            problem,
            ridges=[ridge, 1e8],
            samples=[problem.m],
            method=method,
            seed=seed,
            guarded=False,
        )
        for name in BOTH:
            some, nothing = curves[name].values[:, 0]
            errors[method, name] = some / nothing
    for name in BOTH:
        difference = errors["equivalent", name] - errors["scalar", name]
        assert abs(difference) < problem.n**-0.5 / (1 + ridge)


@pytest.mark.parametrize(
    ("activation", "kernel"), [("relu", oracles.relu_kernel), ("erf", oracles.erf_kernel)]
)
def test_infinite_width_is_kernel_ridge_regression(activation, kernel):
    """Regression with the exact kernel on 30 samples against `scalar` at k = 10^8.

    4.1 standard errors of 30 draws are exceeded once in 3000 comparisons, once in 500 over the six
    of this test; and finite sizes, of the order 1/n with a factor, 3 % at m = 150.
    A layer of k = 900 has a ridge of its own from its finite width, of which `scalar` knows; what
    is left is the scatter of one layer, a share n^{-1/2} of what linear features explain: 5 %.
    """
    n, m = 100, 150
    ridge = 0.1 / m
    target = activations.get("tanh")
    measured = []
    for trial in range(30):
        rng = np.random.default_rng(trial)
        X, fresh = rng.standard_normal((m, n)), rng.standard_normal((1000, n))
        fit = oracles.kernel_ridge(kernel, X, target(X[:, 0]), fresh, target(fresh[:, 0]), ridge)
        measured.append((fit.training_error, fit.plain_training_error, fit.generalization_error))
    options = {"activation": activation, "target": "tanh", "ridge": ridge}
    limit = scalar(isotropic(n, m, 10**8, **options))
    wide = isotropic(n, m, 900, **options)
    for name, values in zip(ALL, np.transpose(measured), strict=True):
        mean = claims.sample(values)
        assert abs(limit[name] - mean.value) < 4.1 * mean.standard_error + 0.03 * mean.value
    found, finite = predicted(wide, "equivalent").isel(trial=0), scalar(wide)
    for name in BOTH:
        assert abs(float(found[name]) / finite[name] - 1) < 0.05


@pytest.mark.parametrize("width", [0.5, 2.0])
def test_infinitely_many_samples_give_the_population_readout(width):
    """m = 10^14 at n = 10^8: what is left is O(k/m) and O(1/n)."""
    n = 10**8
    k = int(width * n)
    options = {"activation": "softplus", "target": "sin", "noise": 0.2, "ridge": 0.5 / k}
    found = scalar(isotropic(n, 10**14, k, **options))
    exact = oracles.many_samples(n, k, "softplus", "sin", 0.2, 0.5 / k)
    assert math.isclose(found["training_error"], exact.training_error, rel_tol=1e-5)
    assert math.isclose(found["plain_training_error"], exact.plain_training_error, rel_tol=1e-5)
    assert math.isclose(found["generalization_error"], exact.generalization_error, rel_tol=1e-5)


@pytest.mark.parametrize("method", ["equivalent", "scalar"])
def test_the_second_descent_starts_where_samples_equal_features(method):
    """Near lambda = 0 the generalization error peaks at m = k exactly; a large ridge has no peak.

    The limit must not count its spike coordinates beside the k features: they are among them.
    """
    problem = onestep.Problem(n=150, m=150, k=120, direction="aligned", noise=0.3)
    samples = [30, 60, 90, 108, 117, 119, 120, 121, 123, 132, 150, 240, 480]
    errors = onestep.readout_curves(
        problem,
        ridges=[1e-9, 0.1],
        samples=samples,
        method=method,
        guarded=False,
    ).generalization_error
    ridgeless, strong = errors.values
    peak = samples.index(120)
    assert np.argmax(ridgeless) == peak
    assert ridgeless[peak] > 20 * max(ridgeless[samples.index(60)], ridgeless[samples.index(240)])
    assert np.all(np.diff(ridgeless[peak:]) < 0)
    assert np.all(np.diff(strong) < 0)
