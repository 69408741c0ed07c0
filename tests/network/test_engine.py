"""What the engine can be given: structures, labels, paths of ridges, threads."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_info

import onestep
import twin
from onestep import activations
from onestep.hermite import OfActivation
from onestep.inputs import DenseMixture, SingleIndex, published
from onestep.network import (
    TrainedLayer,
    draw,
    population_moments,
    readout_errors,
    resolve,
    step,
)
from onestep.network.readout_errors import _accuracy

small = {"n": 12, "m": 10, "k": 7}


def dense(inputs):
    """A spiked mixture as one with full covariances."""
    covariances = [np.eye(inputs.n) + inputs.spikes(c) @ inputs.spikes(c).T for c in range(2)]
    return DenseMixture(inputs.weights, np.array(covariances), inputs.means)


def spiked(seed=0, n=12, rank=2):
    rng = np.random.default_rng(seed)
    inputs = onestep.inputs.spiked(n, (0.3, 0.7), rank, 4.0, 0.3, rng)
    return inputs.shifted(0.3 * rng.standard_normal((2, n)))


@given(st.integers(0, 1000))
def test_a_dense_mixture_is_the_spiked_one_that_it_repeats(seed):
    one = spiked(seed)
    other = dense(one)
    assert np.isclose(one.trace, other.trace)
    assert np.isclose(one.spread_norm, other.spread_norm)
    v = np.random.default_rng(1).standard_normal(12)
    assert np.allclose(one.covariance_times(1, v), other.covariance_times(1, v))
    (X, clusters), (again, same) = (
        inputs.sample(15, np.random.default_rng(seed)) for inputs in (one, other)
    )
    assert np.array_equal(clusters, same)
    assert np.allclose(X, again, atol=1e-10)


def test_moments_do_not_depend_on_how_a_covariance_is_written():
    one = spiked()
    F = np.random.default_rng(2).standard_normal((90, 12)) / 4
    law = SingleIndex(F[0], activations.get("tanh"), 0.0)
    for name in ("relu", "tanh"):
        function = OfActivation(activations.get(name))
        first, second = (
            population_moments(F, inputs, law, function) for inputs in (one, dense(one))
        )
        assert np.allclose(first.M, second.M, atol=1e-12)
        assert np.allclose(first.q, second.q, atol=1e-12)


@settings(max_examples=20)
@given(
    st.integers(0, 1000),
    st.sampled_from([(0.5, 0.5), (0.2, 0.3, 0.5)]),
    st.sampled_from([10, 80, 230]),
)
def test_readouts_are_scored_without_storing_the_moments(seed, weights, k):
    """Quadratic forms by shared powers against the stored M, several readouts and outputs."""
    problem = onestep.Problem(n=20, m=9, k=k, weights=weights, target="class", beta=0.9, noise=0.1)
    drawn = draw(problem, 0, seed)
    layer = TrainedLayer(drawn.weights.F, activations.get("relu"), drawn.inputs, drawn.labels)
    functions = [OfActivation(activations.get(name)) for name in ("relu", "gelu", "relu")]
    rng = np.random.default_rng(seed)
    readouts = [rng.standard_normal((k, *drawn.labels.outputs)) for _ in functions]
    found = layer.generalization_errors(functions, readouts)
    for function, w, error in zip(functions, readouts, found, strict=True):
        assert np.isclose(error, layer.moments(function).generalization_error(w), rtol=1e-9)


def test_a_given_mixture_takes_the_place_of_the_drawn_one():
    """The same structure, spiked and dense, gives the same trial where it keys the same draws."""
    inputs = spiked()
    problem = onestep.Problem(**small, weights=(0.3, 0.7), beta=0.2)
    drawn = draw(problem, 0, 0, given=inputs)
    assert drawn.inputs is inputs
    assert np.isclose(drawn.scale, np.sqrt(12 / inputs.trace))
    results = onestep.simulate(problem, trials=2, inputs=inputs)
    again = onestep.simulate(problem, trials=2, inputs=inputs)
    other = onestep.simulate(problem, trials=2, inputs=spiked(1))
    assert np.array_equal(results.training_error, again.training_error)
    assert not np.any(results.training_error == other.training_error)
    predicted = onestep.predict(problem, trials=2, inputs=dense(inputs))
    assert set(predicted.status.values.flat) == {"converged"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n": 13}, "dimension"),
        ({"weights": (0.5, 0.5)}, "weights"),
        ({"means": ((0.0,) * 12, (0.0,) * 12)}, "means"),
    ],
)
def test_a_given_mixture_must_fit_the_problem(change, message):
    problem = onestep.Problem(**(small | {"weights": (0.3, 0.7)} | change))
    with pytest.raises(ValueError, match=message):
        onestep.simulate(problem, trials=1, inputs=spiked())


def test_dense_inputs_have_no_aligned_direction():
    problem = onestep.Problem(**small, weights=(0.3, 0.7), direction="aligned")
    with pytest.raises(ValueError, match="aligned"):
        onestep.simulate(problem, trials=1, inputs=dense(spiked()))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"covariances": np.zeros((2, 3, 4))}, "covariances has shape"),
        ({"covariances": np.stack([np.eye(3), 2 * np.eye(3)])}, "traces"),
        ({"covariances": np.stack([np.diag([2.0, 2.0, -1.0]), np.eye(3)])}, "eigenvalue"),
        ({"covariances": np.stack([np.eye(3) + np.eye(3, k=1), np.eye(3)])}, "symmetric"),
        ({"covariances": np.full((2, 3, 3), np.nan)}, "finite"),
        ({"weights": np.array([0.5, 0.4])}, "sum to 1"),
        ({"means": np.zeros((2, 2))}, "means"),
    ],
)
def test_an_impossible_dense_mixture_is_refused(change, message):
    fields = {
        "weights": np.array([0.5, 0.5]),
        "covariances": np.stack([np.eye(3)] * 2),
        "means": np.zeros((2, 3)),
    }
    assert DenseMixture(**fields).trace == 3
    with pytest.raises(ValueError, match=message):
        DenseMixture(**(fields | change))


@settings(max_examples=15)
@given(st.integers(0, 1000), st.sampled_from(["relu", "tanh"]), st.integers(0, 3))
def test_one_hot_labels_agree_with_the_slow_twin(seed, name, degree):
    """Three clusters: the step sums the outputs' gradients, the readout's errors add up."""
    problem = onestep.Problem(
        n=9, m=8, k=6, weights=(0.2, 0.3, 0.5), target="class", activation=name, beta=0.6,
        noise=0.2, ridge=0.1,
    )  # fmt: skip
    drawn = draw(problem, 0, seed, 7)
    sigma = activations.get(name)
    W, Y = drawn.weights.w, drawn.step.y
    assert W.shape == (6, 3)
    assert Y.shape == (8, 3)
    F = drawn.weights.F + sum(
        twin.step(replace(drawn.weights, w=W[:, o]), drawn.step.X, Y[:, o], sigma, problem.eta)
        - drawn.weights.F
        for o in range(3)
    )
    [errors] = readout_errors(
        TrainedLayer.of(problem, drawn), [resolve("network")], degree, problem.ridge
    )
    Phi = twin.features(F, drawn.readout.X, lambda z: twin.scalar(sigma, z), 0.0, 0.0)
    fits = [twin.readout(Phi, drawn.readout.y[:, o], problem.ridge) for o in range(3)]
    assert np.isclose(errors.training_error, sum(training for _, training in fits), rtol=1e-10)
    test = [
        twin.generalization(
            w, F, drawn.test.X, drawn.test.y[:, o], lambda z: twin.scalar(sigma, z), 0.0
        )
        for o, (w, _) in enumerate(fits)
    ]
    assert np.isclose(errors.generalization_error, sum(test), rtol=1e-9)
    new = twin.features(F, drawn.test.X, lambda z: twin.scalar(sigma, z), 0.0, 0.0)
    scores = np.stack([w @ new for w, _ in fits], axis=1)
    assert errors.accuracy == np.mean(np.argmax(scores, axis=1) == drawn.test.cluster)


@pytest.mark.parametrize("weights", [(0.5, 0.5), (0.3, 0.3, 0.4)])
def test_accuracy_counts_the_noise_of_new_features(weights):
    """Against 2,000 explicit draws of the noise for each test input, 6 standard errors."""
    problem = onestep.Problem(n=30, m=60, k=20, weights=weights, target="class", beta=0.9)
    drawn = draw(problem, 0, 0, 500)
    law, w = drawn.labels, np.random.default_rng(3).standard_normal((20, *drawn.labels.outputs))
    score = np.random.default_rng(4).standard_normal((500, *law.outputs))
    found = _accuracy(law, drawn.test, score, 0.8, w, drawn)
    rng = np.random.default_rng(5)
    hits = []
    for _ in range(2000):
        noise = 0.8 * rng.standard_normal((500, 20)) @ w / np.sqrt(20)
        hits.append(np.mean(law.decide(score + noise) == drawn.test.cluster))
    # With several outputs the engine draws the noise once: its own error is that of one draw.
    slack = np.std(hits) * (1 / np.sqrt(2000) if len(weights) == 2 else 1)
    assert abs(found - np.mean(hits)) < 6 * slack


def test_separated_classes_are_told_apart():
    """Means 20 apart: every network finds the class; equal clusters: no better than a coin."""
    means = np.zeros((2, 40))
    means[:, 0] = 10, -10
    apart = onestep.Problem(n=40, m=200, k=40, target="class", beta=0.0, means=means)
    same = replace(apart, means=None, spread=0.0)
    found, guessed = (onestep.simulate(p, trials=2, test_size=2000).accuracy for p in (apart, same))
    assert float(found.min()) > 0.999
    assert abs(float(guessed.mean()) - 0.5) < 6 * 0.5 / np.sqrt(4000)
    assert "accuracy" not in onestep.simulate(apart, trials=1)
    assert "accuracy" not in onestep.simulate(replace(apart, target="relu"), trials=1, test_size=9)


def test_ridges_of_a_sweep_share_their_draws_and_change_no_number():
    base = onestep.Problem(**small)
    swept = onestep.sweep(base, {"ridge": [1e-3, 1.0], "activation": ["relu", "tanh"]}, trials=2)
    for value in (1e-3, 1.0):
        for name in ("relu", "tanh"):
            alone = onestep.simulate(replace(base, ridge=value, activation=name), trials=2)
            for variable in alone:
                point = swept[variable].sel(ridge=value, activation=name)
                assert np.allclose(point, alone[variable], rtol=1e-9)


@settings(max_examples=10)
@given(st.floats(1e-4, 1.0))
def test_the_plain_training_error_leaves_out_the_regulariser(value):
    problem = onestep.Problem(**small, ridge=value)
    results = onestep.simulate(problem, trials=1)
    assert np.all(results.plain_training_error < results.training_error)
    predicted = onestep.predict(problem)
    assert np.all(predicted.plain_training_error < predicted.training_error)


def test_a_direction_can_be_given():
    xi = np.zeros(12)
    xi[3] = 7.0
    problem = onestep.Problem(**small, direction=tuple(xi))
    drawn = draw(problem, 0, 0)
    assert np.isclose(drawn.labels.xi @ drawn.labels.xi, 1 / drawn.inputs.spread_norm)
    assert np.count_nonzero(drawn.labels.xi) == 1
    assert onestep.Problem(**small, direction=list(xi)) == problem


def test_spread_and_step_can_be_given():
    problem = onestep.Problem(**small, spread=0.0, step=0.0)
    assert (problem.theta, problem.eta, problem.scale) == (0.0, 0.0, 1.0)
    drawn = draw(problem, 0, 0)
    assert np.array_equal(TrainedLayer.of(problem, drawn).F, drawn.weights.F)


def test_strengths_are_relative_to_the_spread():
    problem = onestep.Problem(**small, rank=2, strengths=((0.5, 1.5), (2.0, 0.0)), spread=3.0)
    drawn = draw(problem, 0, 0)
    assert np.allclose(drawn.inputs.strengths, [[1.5, 4.5], [6.0, 0.0]])
    assert np.isclose(drawn.inputs.trace, problem.trace)


def test_published_spikes_overlap_as_gaussians_do():
    """The overlap scatters about `a` like (1 - a^2)^{1/2} n^{-1/2}; 400 draws, 6 errors."""
    n, a, draws = 50, 0.6, 400
    rng = np.random.default_rng(11)
    inputs = [published(n, (0.5, 0.5), 1, 2.0, a, rng) for _ in range(draws)]
    overlap = np.array([each.directions[0, :, 0] @ each.directions[1, :, 0] for each in inputs])
    expected = np.sqrt((1 - a**2) / n)
    assert abs(overlap.mean() - a) < 6 * expected / np.sqrt(draws)
    assert abs(overlap.std() / expected - 1) < 6 / np.sqrt(2 * draws)
    # The second covariance in full: I + 2 gamma gamma^T with a gamma that is no unit vector.
    one = inputs[0]
    X, cluster = one.sample(40_000, np.random.default_rng(1))
    gamma = one.directions[1, :, 0]
    along = X[cluster == 1] @ gamma / np.linalg.norm(gamma)
    variance = 1 + 2 * gamma @ gamma
    assert abs(along.var() / variance - 1) < 6 * np.sqrt(2 / along.size)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("direction", (1.0, 2.0)),
        ("direction", (0.0,) * 1000),
        ("construction", "sloppy"),
        ("strengths", ((1.0,), (2.0,))),
        ("strengths", ((-1.0,), (-1.0,))),
        ("strengths", ((1.0, 1.0), (1.0, 1.0))),
        ("spread", -1.0),
        ("step", float("nan")),
    ],
)
def test_bad_structures_are_refused_by_name(field, value):
    with pytest.raises(ValueError, match=rf"^{field}\b"):
        onestep.Problem(**{field: value})


def test_new_fields_key_the_draws_only_where_they_are_used():
    plain = onestep.Problem()
    assert not {"construction", "strengths", "spread", "step"} & set(plain.draw_key())
    for change in ({"construction": "published"}, {"spread": 1.0}, {"step": 2.0}):
        assert replace(plain, **change).draw_key() != plain.draw_key()


def test_threads_are_limited_during_the_call_only(monkeypatch):
    def threads():
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

    seen = []
    original = step.gradient_at

    def spy(*arguments):
        seen.append(threads())
        return original(*arguments)

    monkeypatch.setattr("onestep.network.trained_layer.gradient_at", spy)
    before = threads()
    onestep.simulate(onestep.Problem(**small), trials=1, threads=1)
    assert seen == [{1}]
    assert threads() == before
    with pytest.raises(ValueError, match="threads"):
        onestep.simulate(onestep.Problem(**small), trials=1, threads=0)
