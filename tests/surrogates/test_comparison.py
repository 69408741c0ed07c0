"""The split of the preactivations, the table of local coefficients, the surrogates, projections."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import onestep
from onestep import activations, hermite
from onestep.hermite.local import TOLERANCE, LocalHermite
from onestep.inputs import Classes, DenseMixture, spiked
from onestep.network import TrainedLayer, draw, ridge_regression
from onestep.surrogates import (
    Special,
    SplitLayer,
    Surrogate,
    Unconditional,
    conditional,
    conditional_surrogate,
    feature_projections,
    projections,
)

small = {"n": 40, "m": 50, "k": 30, "alpha": 0.0, "beta": 0.9, "direction": "aligned"}


@st.composite
def problems(draw):
    n = draw(st.integers(9, 16))
    weights = draw(st.sampled_from([(1.0,), (0.3, 0.7), (0.2, 0.3, 0.5)]))
    with_means = draw(st.booleans())
    means = np.random.default_rng(draw(st.integers(0, 99))).standard_normal((len(weights), n))
    target = draw(st.sampled_from(["relu", "class"]))
    return onestep.Problem(
        n=n,
        m=12,
        k=6,
        alpha=draw(st.floats(0, 1)),
        beta=draw(st.floats(0, 1)),
        activation=draw(st.sampled_from(["relu", "tanh"])),
        target=target if len(weights) == 2 else "relu",
        direction=draw(st.sampled_from(["random", "aligned"])),
        weights=weights,
        rank=draw(st.integers(1, 2)),
        alignment=draw(st.sampled_from([0.0, 0.4, 1.0])),
        means=tuple(map(tuple, means)) if with_means else None,
    )


@settings(max_examples=40, deadline=None)
@given(problems(), st.integers(0, 1000))
def test_the_split_is_exact_and_the_bulk_is_free_of_what_is_special(problem, seed):
    trained = TrainedLayer.train(problem, 0, seed)
    drawn, F = trained.draws, trained.F
    layer = SplitLayer.of(trained)
    basis = layer.special.basis
    assert np.allclose(basis.T @ basis, np.eye(basis.shape[1]), atol=1e-12)
    X, cluster = drawn.readout.X, drawn.readout.cluster
    inputs = layer(X, cluster)
    assert np.allclose(inputs.mean + inputs.bulk, F @ X.T, atol=1e-10)
    # Moving an input along any special direction changes m and leaves g and the norm alone.
    v = drawn.step.X.T @ drawn.step.y
    special = [
        *v[None],
        *(col for c in range(len(problem.weights)) for col in drawn.inputs.spikes(c).T),
    ]
    if problem.target != "class":
        special.append(drawn.labels.xi)
    for direction in special:
        moved = layer(X + direction / (1 + np.linalg.norm(direction)), cluster)
        assert np.allclose(moved.bulk, inputs.bulk, atol=1e-9)
        assert np.allclose(moved.norm, inputs.norm, atol=1e-9)
    assert np.allclose(layer.bulk @ basis, 0, atol=1e-10)
    # g has the covariance of the bulk rows: its mean is zero about the cluster's mean.
    centre = layer(drawn.inputs.means[cluster], cluster)
    assert np.allclose(centre.bulk, 0, atol=1e-10)
    assert np.allclose(layer.scale**2, np.diagonal(layer.bulk @ layer.bulk.T))


@given(st.integers(0, 10**6))
def test_the_mean_of_the_second_polynomial_is_the_norm(seed):
    """Neurons along an orthonormal basis of the bulk: the average over them is exact."""
    rng = np.random.default_rng(seed)
    inputs = spiked(9, (0.5, 0.5), 1, 3.0, 0.0, rng)
    law = Classes()
    special = Special.of(inputs, law, rng.standard_normal(9))
    rest = np.linalg.svd(special.basis, full_matrices=True)[0][:, special.basis.shape[1] :].T
    layer = SplitLayer(2.0 * rest, special, inputs.means)
    X, cluster = inputs.sample(20, rng)
    split = layer(X, cluster)
    he2 = (split.bulk / layer.scale[:, None]) ** 2 - 1
    assert np.allclose(he2.mean(axis=0), split.norm)


names = ["tanh", "relu", "sigmoid", "gelu", "cubic", "step", "cos", "he(2)", "abs", "identity"]


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(names),
    st.floats(0.3, 2.0),
    st.floats(0.0, 0.3),
    st.floats(0.1, 6.0),
    st.integers(0, 10**6),
)
def test_the_table_agrees_with_certified_values(name, centre, width, reach, seed):
    """At random means and the neurons' own scales, not at the points where the table checks."""
    rng = np.random.default_rng(seed)
    scale = centre * (1 + width * rng.uniform(-1, 1, 5))
    mean = rng.uniform(-reach, reach, (5, 8))
    sigma = activations.get(name)
    table = LocalHermite(sigma, scale, -reach, reach)
    found = table(mean)
    h = hermite.coefficients(name, 2, scale[:, None], mean)
    power = hermite.second_moment(name, scale[:, None], mean)
    expected = [h[..., 0], h[..., 1], h[..., 2], power - h[..., 0] ** 2 - h[..., 1] ** 2]
    ends = np.linspace(-reach, reach, 9)
    largest = hermite.second_moment(name, scale.max(), ends).max()
    assert table.error <= TOLERANCE
    for kind, (one, other) in enumerate(
        zip((found.h0, found.h1, found.h2, found.residual), expected, strict=True)
    ):
        size = max(1.0, np.sqrt(largest) if kind < 3 else largest)
        assert np.max(np.abs(one - other)) <= 5 * TOLERANCE * size


def test_the_table_is_for_its_range_only():
    table = LocalHermite(activations.get("tanh"), np.array([0.5, 0.6]), -1.0, 2.0)
    table(np.array([[-1.0], [2.0]]))
    with pytest.raises(ValueError, match="mean has the range"):
        table(np.array([[0.0], [2.001]]))
    for scale, low, high in (([0.0], 0, 1), ([1.0], 1, 0), ([1.0], 0, np.inf), ([1e-5], -50, 50)):
        with pytest.raises(ValueError, match=r"scale|low"):
            LocalHermite(activations.get("tanh"), np.array(scale), low, high)


def layer_of(problem, trial=0):
    drawn = draw(problem, trial, 0)
    return drawn, SplitLayer.of(TrainedLayer.of(problem, drawn))


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


@pytest.mark.parametrize("shape", [2.0, 8.0])
def test_skewness_kurtosis_and_their_errors(shape):
    """Gamma variables: skewness 2/sqrt(a), kurtosis 6/a; errors against the scatter of 400 samples.

    The standard deviation of 400 values is known to 3.5 %; the kurtosis of a skew law has heavier
    tails, so 25 % is allowed. Mean values lie within 5 standard errors and the bias, O(1/N).
    """
    rng = np.random.default_rng(7)
    found = projections._shape(rng.gamma(shape, size=(400, 5000)))
    for name, truth in (("skewness", 2 / np.sqrt(shape)), ("excess_kurtosis", 6 / shape)):
        values, error = found[name], found[f"{name}_error"]
        scatter = values.std(ddof=1)
        assert abs(values.mean() - truth) <= 5 * scatter / 20 + 30 * truth / 5000
        assert 0.75 <= np.sqrt(np.mean(error**2)) / scatter <= 1.25


def test_projections_of_a_line_are_normal_given_the_coordinates():
    """Of a linear student every projection of the bulk is Gaussian: 5 standard errors."""
    problem = onestep.Problem(**small, activation="identity", target="relu", ridge=1e-2)
    found = feature_projections(problem, inputs=3, draws=20_000)
    for name in ("skewness", "excess_kurtosis"):
        assert np.all(np.abs(found[name]) <= 5 * found[f"{name}_error"])
    # The variance is that of the bulk alone, and does not depend on the coordinates.
    _, layer = layer_of(problem)
    spread = found.projection.sel(direction="neuron").std("draw") * np.sqrt(problem.k)
    assert np.allclose(spread, layer.scale[0], rtol=0.03)
    assert found.sizes == {"direction": 2, "input": 3, "draw": 20_000}


def test_a_single_neuron_and_free_inputs_are_not_normal():
    problem = onestep.Problem(**small, activation="he(2)", target="abs", ridge=1e-2)
    fixed = feature_projections(problem, inputs=1, draws=5000).sel(direction="neuron")
    free = feature_projections(problem, redraw="input", inputs=2, draws=5000)
    assert np.all(fixed.excess_kurtosis > 5 * fixed.excess_kurtosis_error)
    assert not np.any(free.projection.isel(input=0) == free.projection.isel(input=1))


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


def test_special_directions_need_spikes_and_a_fitting_v():
    rng = np.random.default_rng(0)
    inputs = spiked(6, (0.5, 0.5), 1, 2.0, 0.0, rng)
    for v in (np.ones(5), np.full(6, np.nan)):
        with pytest.raises(ValueError, match="v has shape"):
            Special.of(inputs, Classes(), v)
    dense = DenseMixture(np.array([0.5, 0.5]), np.stack([np.eye(6)] * 2), np.zeros((2, 6)))
    with pytest.raises(ValueError, match="spiked"):
        Special.of(dense, Classes(), np.ones(6))
