"""`onestep.predict` against closed forms of other papers, and against its own limits.

Statistical tests have fixed seeds: they either pass or fail for good. The false-alarm rates are
those of a fresh seed, from Student's law of the mean of the draws.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import onestep
import oracles
from onestep import activations, claims
from onestep.hermite import OfActivation
from onestep.inputs import SingleIndex, spiked
from onestep.network import TrainedLayer, Weights, gradient, population_moments, ridge_regression
from onestep.theory import ConditionalFeatures, Spectrum
from onestep.theory.limit import coordinates

BOTH = ("training_error", "generalization_error")
ALL = ("training_error", "plain_training_error", "generalization_error")


def isotropic(n, m, k, **options):
    """Random features: one standard Gaussian cluster, no step."""
    return onestep.Problem(n=n, m=m, k=k, weights=(1.0,), spread=0, step=0, **options)


def predicted(problem, method, trials=1, seed=0):
    found = onestep.predict(
        problem, method=method, trials=trials, seed=seed, models=["network"]
    ).sel(model="network")
    assert np.all(found.status == "converged")
    return found


def scalar(problem):
    found = predicted(problem, "scalar").isel(trial=0)
    return {name: float(found[name]) for name in ALL}


RATIOS = [(1.0, 1.0, 0.1), (2.0, 0.5, 1e-2), (0.5, 2.0, 1e-3), (1.5, 1.0, 1.0), (1.0, 1.0, 1e-4)]


@pytest.mark.parametrize(
    ("activation", "target"),
    [
        ("relu", "relu"),
        ("tanh", "sin"),
        ("erf", "tanh"),
        ("softplus", "relu"),
        ("relu(z - 1)", "tanh"),
        ("he(1) + he(2)", "tanh"),
    ],
)
def test_the_limit_without_a_step_is_mei_and_montanaris(activation, target):
    """At n = 10^8: finite sizes enter as 1/n over the smallest of lambda k, 1e-4; so 1e-5."""
    n = 10**8
    for samples, width, ridge in RATIOS:
        m, k = int(samples * n), int(width * n)
        problem = isotropic(
            n, m, k, activation=activation, target=target, noise=0.3, ridge=ridge / k
        )
        found = scalar(problem)
        theirs = oracles.random_features(n, m, k, activation, target, 0.3, ridge / k)
        assert math.isclose(found["training_error"], theirs.training, rel_tol=1e-5)
        assert math.isclose(found["generalization_error"], theirs.generalization, rel_tol=1e-5)


def test_a_wrong_normalisation_of_the_oracle_would_show():
    """Control: the ridge not rescaled by n, m and k exchanged, linear part taken for noise."""
    n, m, k, ridge = 10**8, 2 * 10**8, 10**8 // 2, 1e-10
    problem = isotropic(n, m, k, activation="relu", target="tanh", ridge=ridge)
    found = scalar(problem)["generalization_error"]
    _, a1, curved = oracles.parts("tanh")
    _, h1, rest = oracles.parts("relu")
    power = a1**2 + curved**2
    for wrong in (
        oracles.random_features(n, m, k, "relu", "tanh", 0.0, ridge * n).generalization,
        oracles.random_features(n, k, m, "relu", "tanh", 0.0, ridge).generalization,
        0.5 * (oracles.mei_montanari(0.5, 2, n * ridge, h1, rest, 0, power**0.5)[0] + power),
    ):
        assert abs(wrong / found - 1) > 0.05


@pytest.mark.parametrize(
    ("activation", "samples", "width", "ridge"),
    [("relu", 1.0, 1.0, 0.1), ("tanh", 2.0, 0.5, 1e-2), ("relu(z - 1)", 1.0, 1.5, 1.0)],
)
def test_layers_without_a_step_scatter_around_mei_and_montanari(activation, samples, width, ridge):
    """Ten layers at n = 300.

    4.8 standard errors of ten draws are exceeded once in 1000 comparisons, once in 170 over the six
    of this test. Finite sizes are of the order 1/n, with the target's constant and quadratic parts,
    of which the latter is learned to the part m/n^2: 2 % are allowed for.
    """
    n = 300
    m, k = int(samples * n), int(width * n)
    problem = isotropic(n, m, k, activation=activation, target="tanh", noise=0.3, ridge=ridge / k)
    theirs = oracles.random_features(n, m, k, activation, "tanh", 0.3, ridge / k)
    found = predicted(problem, "equivalent", trials=10, seed=3)
    for name, limit in zip(BOTH, (theirs.training, theirs.generalization), strict=True):
        mean = claims.sample(found[name].values)
        assert abs(mean.value - limit) < 4.8 * mean.standard_error + 0.02 * limit


# --- One step at the maximal rate -------------------------------------------------------------


@pytest.mark.parametrize("gamma", [0.0, 0.6, 1.0])
def test_order_parameters_without_a_spike_are_mei_and_montanaris(gamma):
    """r = 0: two papers, one limit; v is a direction as any other, with a bulk along it or not.

    Control: without the overlap along v, what the target has there is lost.
    """
    at = oracles.SpikedRandomFeatures(r=0.0, c=1.0, gamma=gamma)
    for activation, target in (("tanh", "sin"), ("softplus", "erf")):
        for samples, width, ridge in RATIOS[:4]:
            n = 10**6
            m, k = int(samples * n), int(width * n)
            sizes = (n, m, k, activation, target, ridge / k)
            ours = oracles.spiked_random_features(at, *sizes)
            theirs = oracles.random_features(*sizes[:5], 0.0, ridge / k)
            assert math.isclose(ours.training, theirs.training, rel_tol=1e-6)
            assert math.isclose(ours.generalization, theirs.generalization, rel_tol=1e-6)
            lost = oracles.spiked_random_features(at, *sizes, across_only=True)
            assert (lost.generalization > 1.02 * theirs.generalization) == (gamma > 0)


def test_order_parameters_are_those_of_the_published_code():
    """Their printed errors: tanh student, sin target, tilde eta = 3, 20 d samples in the step.

    They come from the spectrum of one draw at d = 2000, of relative scatter of the order
    1/d times a factor for the ridge, and of 19 nodes: 0.3 %. Their c has the factor h_1^2.
    """
    after = oracles.SpikedRandomFeatures.after_step(3.0, 20.0, "tanh", "sin")
    h1 = oracles.parts("tanh")[1]
    at = oracles.SpikedRandomFeatures(after.r, 1 + (after.c - 1) * h1**2, after.gamma)
    printed = [0.048595, 0.043118, 0.038072, 0.035112, 0.033340]
    for alpha, mse in zip((0.2, 0.9, 1.6, 2.3, 3.0), printed, strict=True):
        m = round(2000 * alpha)
        ours = oracles.spiked_random_features(
            at, 2000, m, 2000, "tanh", "sin", 0.1 / m, across_only=True
        )
        assert math.isclose(2 * ours.generalization, mse, rel_tol=3e-3)


@pytest.mark.parametrize(("activation", "target"), [("tanh", "tanh"), ("erf", "sin")])
def test_the_step_makes_the_spike_and_the_bulk_of_the_oracle(activation, target):
    """The library's gradient with equal second-layer weights, at n = 500, m = 1000.

    r, gamma and c - 1 are means over m labels and n dimensions: 2-5 % of scatter, so 15 %.
    Control: with the factor h_1^2 of the published code c - 1 is less than half of this.
    """
    n, m, k, rate = 500, 1000, 300, 2.0
    rng = np.random.default_rng(5)
    weights = Weights(rng.standard_normal((k, n)) / math.sqrt(n), np.full(k, 1 / math.sqrt(k)))
    X = rng.standard_normal((m, n))
    y = activations.get(target)(X[:, 0])
    F = weights.F + rate * k * gradient(weights, X, y, activations.get(activation))
    at = oracles.SpikedRandomFeatures.after_step(rate, m / n, activation, target)
    v = F.mean(axis=0)
    r = np.linalg.norm(v)
    v /= r
    bulk = np.mean(np.sum((F - np.outer(F @ v, v)) ** 2, axis=1))
    assert abs(r / at.r - 1) < 0.15
    assert abs(v[0] / at.gamma - 1) < 0.15
    assert abs((bulk - 1) / (at.c - 1) - 1) < 0.15
    assert (bulk - 1) / (at.c - 1) > 2 * oracles.parts(activation)[1] ** 2


@pytest.mark.parametrize(("activation", "target"), [("relu", "sin"), ("erf", "relu(z - 1) + z")])
def test_spiked_random_features_have_the_errors_of_the_order_parameters(activation, target):
    """Simulated readouts on 24 drawn layers at n = 300: where features are heteroscedastic.

    4.3 standard errors of 24 draws are exceeded once in 4000 comparisons, once in 600 over the six
    of this test; 3 % for finite sizes, which are of the order log(n)/n here.
    Control: the equivalent that does not condition on kappa, on the same layers, must miss the
    training errors by more than the margin. (It misses by 11 to 18 %.)
    """
    n, m, k = 300, 400, 200
    ridge = 0.1 / m
    at = oracles.SpikedRandomFeatures.after_step(2.0, 1.0, activation, target)
    limit = oracles.spiked_random_features(at, n, m, k, activation, target, ridge)
    student = activations.get(activation)
    measured, blind = [], []
    for trial in range(24):
        rng = np.random.default_rng(trial)
        F, theta = at.layer(k, n, rng)
        labels = SingleIndex(theta, activations.get(target), 0.0)
        inputs = spiked(n, (1.0,), 1, 0.0, 0.0, rng)
        moments = population_moments(F, inputs, labels, OfActivation(student))
        X = rng.standard_normal((m, n))
        fit = ridge_regression(student(F @ X.T) / math.sqrt(k), labels.target(X @ theta), ridge)
        error = moments.generalization_error(fit.weights)
        measured.append((fit.training_error, fit.plain_training_error, error))
        missed = Spectrum(moments).errors(m, ridge)
        blind.append([getattr(missed, name) for name in ALL])
    values = (limit.training, limit.plain_training, limit.generalization)
    for name, found, control, value in zip(
        ALL, np.transpose(measured), np.transpose(blind), values, strict=True
    ):
        mean, other = claims.sample(found), claims.sample(control)
        assert abs(mean.value - value) < 4.3 * mean.standard_error + 0.03 * value
        if name != "generalization_error":
            assert abs(other.value - value) > 4.3 * other.standard_error + 0.03 * value


@pytest.mark.parametrize(("activation", "target"), [("relu", "sin"), ("tanh", "relu(z - 1) + z")])
def test_conditioning_on_the_spike_gives_the_order_parameters(activation, target):
    """The library's formula on twelve drawn layers at n = 150, without a sample of the readout.

    It averages over kappa as the order parameters do, but for a given layer, whose scatter remains.
    4.4 standard errors of 12 draws are exceeded once in 900 comparisons, once in 150 over the six
    of this test; 3 % for finite sizes. The test above has the control.
    """
    n, m, k = 150, 200, 100
    ridge = 0.1 / m
    at = oracles.SpikedRandomFeatures.after_step(2.0, 1.0, activation, target)
    limit = oracles.spiked_random_features(at, n, m, k, activation, target, ridge)
    student = OfActivation(activations.get(activation))
    found = []
    for trial in range(12):
        rng = np.random.default_rng(trial)
        F, theta = at.layer(k, n, rng)
        labels = SingleIndex(theta, activations.get(target), 0.0)
        inputs = spiked(n, (1.0,), 1, 0.0, 0.0, rng)
        layer = TrainedLayer(F, student.activation, inputs, labels)
        fit = ConditionalFeatures(layer).errors(m, ridge)
        assert fit.status == "converged"
        found.append([getattr(fit, name) for name in ALL])
    values = (limit.training, limit.plain_training, limit.generalization)
    for column, value in zip(np.transpose(found), values, strict=True):
        mean = claims.sample(column)
        assert abs(mean.value - value) < 4.4 * mean.standard_error + 0.03 * value


# --- Limits -----------------------------------------------------------------------------------


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
        measured.append((exact.training, exact.plain_training, exact.generalization))
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
            problem, ridges=[1e4, 1e8], samples=[problem.m], method=method, seed=seed
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
            problem, ridges=[ridge, 1e8], samples=[problem.m], method=method, seed=seed
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
        measured.append((fit.training, fit.plain_training, fit.generalization))
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
    assert math.isclose(found["training_error"], exact.training, rel_tol=1e-5)
    assert math.isclose(found["plain_training_error"], exact.plain_training, rel_tol=1e-5)
    assert math.isclose(found["generalization_error"], exact.generalization, rel_tol=1e-5)


@pytest.mark.parametrize("method", ["equivalent", "scalar"])
def test_the_second_descent_starts_where_samples_equal_features(method):
    """Near lambda = 0 the generalization error peaks at m = k exactly; a large ridge has no peak.

    The limit must not count its spike coordinates beside the k features: they are among them.
    """
    problem = onestep.Problem(n=150, m=150, k=120, direction="aligned", noise=0.3)
    samples = [30, 60, 90, 108, 117, 119, 120, 121, 123, 132, 150, 240, 480]
    errors = onestep.readout_curves(
        problem, ridges=[1e-9, 0.1], samples=samples, method=method
    ).generalization_error
    ridgeless, strong = errors.values
    peak = samples.index(120)
    assert np.argmax(ridgeless) == peak
    assert ridgeless[peak] > 20 * max(ridgeless[samples.index(60)], ridgeless[samples.index(240)])
    assert np.all(np.diff(ridgeless[peak:]) < 0)
    assert np.all(np.diff(strong) < 0)
