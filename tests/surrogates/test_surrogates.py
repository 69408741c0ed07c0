"""Surrogates have the network's moments; their errors are those on new inputs."""

from dataclasses import replace

import numpy as np
import pytest
from small_layer import layer_of, small

import onestep
from onestep import activations, hermite
from onestep.hermite.local import LocalHermite
from onestep.network import TrainedLayer, ridge_regression
from onestep.surrogates import conditional_surrogate, feature_projections
from onestep.surrogates.gaussian import Surrogate, Unconditional, conditional


@pytest.mark.parametrize("name", ["tanh", "relu", "he(2)"])
def test_surrogates_have_the_conditional_moments_of_the_network(name):
    """One input's coordinates fixed, 60,000 bulks; every entry within 5 standard errors.

    25 means and 325 second moments are tested for two surrogates: some 700 tests at 6e-7 each.
    """
    k, size = 25, 60_000
    problem = onestep.Problem(**{**small, "k": k}, activation=name)
    drawn, layer = layer_of(problem)
    rng = np.random.default_rng(3)
    X = drawn.readout.X[:1] @ layer.special.basis @ layer.special.basis.T
    X = X + layer.special.outside(rng.standard_normal((size, problem.n)))
    inputs = layer(X, np.zeros(size, dtype=int))
    m, b = inputs.mean[:, 0], layer.scale
    assert np.allclose(inputs.mean, m[:, None])
    table = LocalHermite(activations.get(name), b, float(inputs.mean.min()), float(m.max()) + 1e-9)
    C = layer.bulk @ layer.bulk.T
    r = C / np.outer(b, b)
    h = hermite.coefficients(name, 2, b, m)
    power = hermite.second_moment(name, b, m)
    for degree, surrogate in enumerate(conditional(table, layer, inputs), start=1):
        phi = surrogate.sample(rng.standard_normal((k, size))) * np.sqrt(k)
        expected = np.outer(h[:, 1], h[:, 1]) * r
        if degree == 2:
            expected += 2 / layer.special.bulk_dimension * np.outer(h[:, 2], h[:, 2])
        np.fill_diagonal(expected, power - h[:, 0] ** 2)
        error = phi.std(axis=1) / np.sqrt(size)
        assert np.all(np.abs(phi.mean(axis=1) - h[:, 0]) <= 5 * error + 1e-6)
        centred = phi - h[:, :1]
        for i in range(k):
            products = centred[i] * centred
            error = products.std(axis=1) / np.sqrt(size)
            assert np.all(np.abs(products.mean(axis=1) - expected[i]) <= 5 * error + 1e-6)


def test_what_is_dropped_is_the_rest_of_the_series():
    """The network's conditional covariance less the surrogate's is a series from degree 2 on."""
    problem = onestep.Problem(**small, activation="tanh")
    drawn, layer = layer_of(problem)
    m = layer.conditional_mean(drawn.readout.X[:1], drawn.readout.cluster[:1])[:, 0]
    b = layer.scale
    r = float(layer.bulk[0] @ layer.bulk[1]) / (b[0] * b[1])
    scales, means = (b[0], b[1]), (m[0], m[1])
    full = hermite.kernel("tanh", "tanh", r, 40, scales, means)
    line = hermite.kernel("tanh", "tanh", r, 1, scales, means)
    h = hermite.coefficients("tanh", 2, b[:2], m[:2])
    second = 2 * h[0, 2] * h[1, 2] * r**2
    assert abs(full - line - second) <= abs(r) ** 3


@pytest.mark.parametrize("name", ["identity", "2*z + 1"])
def test_for_lines_the_surrogate_is_the_network(name):
    problem = onestep.Problem(**small, activation=name, target="tanh", ridge=1e-2)
    found = conditional_surrogate(problem, trials=2)
    for error in ("training_error", "generalization_error"):
        network = found[error].sel(model="network")
        for model in ("conditional", "conditional, norm"):
            assert np.allclose(found[error].sel(model=model), network, rtol=1e-5)


@pytest.mark.parametrize("target", ["abs", "class"])
def test_the_network_is_that_of_simulate(target):
    means = tuple(map(tuple, np.random.default_rng(0).standard_normal((2, small["n"]))))
    problem = onestep.Problem(**small, activation="tanh", target=target, means=means, ridge=1e-2)
    found = conditional_surrogate(problem, trials=2, seed=4)
    twin = onestep.simulate(problem, models=["network"], trials=2, seed=4)
    for error in ("training_error", "generalization_error"):
        assert np.allclose(found[error].sel(model="network"), twin[error][0], rtol=1e-9)
    assert np.all(found.label_power > 0)


def test_generalization_of_the_surrogate_is_its_error_on_new_inputs():
    """The control variate against 40,000 plain test inputs with zeta drawn, 5 standard errors."""
    problem = onestep.Problem(**small, activation="tanh", target="abs", ridge=1e-2)
    found = conditional_surrogate(problem, trials=1, test_size=40_000)
    drawn, layer = layer_of(problem)
    sigma = activations.get("tanh")
    readout = drawn.readout
    rng = np.random.default_rng(5)
    X, cluster = drawn.inputs.sample(40_000, rng)
    y = drawn.labels.sample(X, cluster, rng)
    means = np.concatenate(
        [layer.conditional_mean(readout.X, readout.cluster), layer.conditional_mean(X, cluster)], 1
    )
    table = LocalHermite(sigma, layer.scale, float(means.min()), float(means.max()))
    train = conditional(table, layer, layer(readout.X, readout.cluster))
    test = conditional(table, layer, layer(X, cluster))
    for model, one, other in zip(("conditional", "conditional, norm"), train, test, strict=True):
        fit = ridge_regression(one.sample(drawn.zeta), readout.y, problem.ridge)
        assert np.isclose(fit.training_error, found.training_error.sel(model=model)[0])
        squares = (y - fit.weights @ other.sample(rng.standard_normal(other.known.shape))) ** 2
        error = 0.5 * squares.std() / np.sqrt(squares.size)
        value = float(found.generalization_error.sel(model=model)[0])
        # Both sides are sampled: sqrt(2) at most.
        assert abs(0.5 * squares.mean() - value) <= 5 * np.sqrt(2) * error


def test_zeta_is_averaged_exactly():
    rng = np.random.default_rng(1)
    w, y = rng.standard_normal(4), rng.standard_normal(3)
    surrogate = Surrogate(rng.standard_normal((4, 3)), rng.uniform(size=(4, 3)))
    draws = np.array(
        [(y - w @ surrogate.sample(rng.standard_normal((4, 3)))) ** 2 for _ in range(20_000)]
    )
    error = draws.std(axis=0) / np.sqrt(len(draws))
    assert np.all(np.abs(draws.mean(axis=0) - surrogate.squared_errors(w, y)) <= 5 * error)


@pytest.mark.parametrize("target", ["relu", "class"])
def test_the_unconditional_surrogate_has_the_networks_moments(target):
    """Means and second moments of 100,000 draws of it, and of the network: 5 standard errors."""
    means = tuple(map(tuple, np.random.default_rng(0).standard_normal((2, 40))))
    problem = onestep.Problem(**{**small, "k": 10}, activation="relu", target=target, means=means)
    layer = TrainedLayer.train(problem, test_size=100_000)
    drawn, F, sigma = layer.draws, layer.F, layer.activation
    gaussian = Unconditional.of(layer)
    sampled = np.vstack(gaussian.sample(100_000, np.random.default_rng(1)))
    network = np.vstack([sigma(F @ drawn.test.X.T) / np.sqrt(10), drawn.test.y])
    second = gaussian.second
    joint = np.block([[second.M, second.q[:, None]], [second.q, second.y2]])
    for values in (sampled, network):
        error = values.std(axis=1) / np.sqrt(values.shape[1])
        assert np.all(np.abs(values.mean(axis=1) - gaussian.mean) <= 5 * error)
        products = values[:, None] * values[None]
        error = products.std(axis=2) / np.sqrt(values.shape[1])
        assert np.all(np.abs(products.mean(axis=2) - joint) <= 5 * error)


def test_an_indefinite_covariance_is_refused():
    problem = onestep.Problem(**small, activation="tanh")
    gaussian = Unconditional.of(TrainedLayer.train(problem))
    broken = replace(gaussian, second=replace(gaussian.second, y2=-1.0))
    with pytest.raises(FloatingPointError, match="eigenvalue"):
        broken.sample(3, np.random.default_rng(0))


def test_more_trials_change_no_number():
    problem = onestep.Problem(**small, activation="relu", target="tanh", ridge=1e-2)
    few = conditional_surrogate(problem, trials=1, seed=2)
    many = conditional_surrogate(problem, trials=2, seed=2)
    for name in few:
        assert np.array_equal(few[name], many[name].isel(trial=[0]))


@pytest.mark.parametrize(
    ("function", "problem", "options", "message"),
    [
        (conditional_surrogate, {}, {"trials": 0}, "trials"),
        (conditional_surrogate, {}, {"seed": -1}, "seed"),
        (conditional_surrogate, {}, {"test_size": 0}, "test_size"),
        (conditional_surrogate, {"target": "class", "weights": (0.2, 0.3, 0.5)}, {}, "target"),
        (conditional_surrogate, {"n": 4}, {}, "n = 4"),
        (feature_projections, {}, {"redraw": "all"}, "redraw"),
        (feature_projections, {}, {"inputs": 0}, "inputs"),
        (feature_projections, {}, {"draws": 10}, "draws"),
        (feature_projections, {}, {"trial": -1}, "trial"),
        (feature_projections, {}, {"seed": -1}, "seed"),
        (feature_projections, {"target": "class", "weights": (0.2, 0.3, 0.5)}, {}, "target"),
    ],
)
def test_bad_arguments_are_refused(function, problem, options, message):
    setting = onestep.Problem(**{**small, "direction": "random", **problem})
    if problem.get("n"):
        setting = replace(setting, rank=2, target="class")
    with pytest.raises(ValueError, match=message):
        function(setting, **options)
