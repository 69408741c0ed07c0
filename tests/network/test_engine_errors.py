"""Errors and accuracy of the engine, of one output or several, whatever shares the computation."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_network import small
from threadpoolctl import threadpool_info

import onestep
import twin
from onestep import activations
from onestep.hermite import OfActivation
from onestep.network import (
    TrainedLayer,
    draw,
    readout_errors,
    resolve,
    step,
)
from onestep.network.readout_errors import _accuracy


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
        TrainedLayer.of(problem, drawn), [resolve("network")], degree, problem
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
    predicted = onestep.predict(problem, guarded=False)
    assert np.all(predicted.plain_training_error < predicted.training_error)


def test_threads_are_limited_during_the_call_only(monkeypatch):
    def threads():
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

    seen = []
    original = step.gradient_at

    def spy(*arguments):
        seen.append(threads())
        return original(*arguments)

    monkeypatch.setattr("onestep.network.training.gradient_at", spy)
    before = threads()
    onestep.simulate(onestep.Problem(**small), trials=1, threads=1)
    assert seen == [{1}]
    assert threads() == before
    with pytest.raises(ValueError, match="threads"):
        onestep.simulate(onestep.Problem(**small), trials=1, threads=0)
