"""Fresh steps in the limit: closed forms, others' formula, and drawn layers."""

from dataclasses import replace

import numpy as np
import pytest

import onestep
from onestep import hermite
from onestep.network import Problem, TrainedLayer
from onestep.studies.known.first_step import CUBIC, weight_outlier
from onestep.studies.step import fresh_steps, many_steps, steps_ladder

ISOTROPIC = {"weights": (1.0,), "spread": 0.0}


def test_a_linear_student_shrinks_its_residual_in_closed_form():
    """``D = w d``: along xi ``d += s (c - d)``, across it shrinks by 1 - s and gains noise."""
    s, steps, n, m = 0.3, 4, 100, 250
    problem = Problem(
        n=n, m=m, k=50, **ISOTROPIC, activation="he(1)", target="relu", steps=steps, step=s * 50
    )
    along, across, c, power = 0.0, 0.0, 0.5, 0.5
    for layer in fresh_steps.layers(problem):
        residual = power - 2 * c * along + along**2 + across
        along, across = along + s * (c - along), (1 - s) ** 2 * across + s**2 * n / m * residual
        assert np.allclose(layer.linear, (along, np.sqrt(across)), rtol=1e-2)
        assert np.allclose(layer.a, 1) and np.allclose(layer.b, 1)
        assert np.allclose(
            layer.strengths(50, 2), [np.sqrt(50 * (along**2 + across)), 0], atol=0.02
        )


@pytest.mark.parametrize("rate", [0.3, 3.0])
def test_one_small_step_is_the_outlier_of_others(rate):
    """Ba et al. (2022), with ``rate = k^{1/2} s``."""
    n, m, k = 10**10, 2 * 10**10, 3 * 10**10
    problem = Problem(
        n=n, m=m, k=k, **ISOTROPIC, activation="tanh", target="tanh", step=rate * k**0.5
    )
    [layer] = fresh_steps.layers(problem)
    expected, _ = weight_outlier(rate, m / n, k / n, "tanh", "tanh")
    assert np.isclose(layer.outliers(k, n)[0], expected, rtol=2e-3)


def test_one_step_is_the_outlier_of_the_layer():
    problem = Problem(n=300, m=500, k=200, **ISOTROPIC, activation="softplus", step=150.0)
    found = onestep.theory.limit.layer_outlier(problem).singular_value
    [layer] = fresh_steps.layers(problem)
    assert np.isclose(layer.outliers(200, 300)[0], found, rtol=1e-2)


@pytest.mark.parametrize("second_layer", ["gaussian", "signs"])
@pytest.mark.parametrize("activation", ["relu", "softplus"])
def test_five_drawn_steps_have_the_strength_of_the_limit(activation, second_layer):
    """Of a ReLU, too, whose slopes scatter: without a and b it would be 8 % too large."""
    n = 200
    problem = Problem(
        n=n, m=2 * n, k=n, **ISOTROPIC, activation=activation, steps=5, step=n / 2,
        second_layer=second_layer,
    )  # fmt: skip
    *_, last = fresh_steps.layers(problem)
    found = many_steps.spectra_after(problem, [5], trials=8, seed=1, count=1)
    assert abs(found.moved.mean().item() / last.strengths(n)[0] - 1) < 0.05


def test_the_one_step_that_one_step_is_like_is_itself():
    problem = Problem(n=200, m=300, k=100, **ISOTROPIC, step=17.0, steps=3, step_samples=250)
    first, second, third = fresh_steps.as_one_step(problem)
    assert np.isclose(first.eta, 17) and first.batch_size == 250
    assert first.eta < second.eta < third.eta < 3 * 17
    assert all(each.steps == 1 and each.m == 300 for each in (first, second, third))


def test_features_after_three_steps_have_the_outlier_of_the_step_they_are_like():
    problem = Problem(
        n=200, m=400, k=200, **ISOTROPIC, activation="tanh", step=50.0, steps=3, ridge=1e-3
    )
    once, _, last = fresh_steps.as_one_step(problem)
    right, wrong = (onestep.predicted_outliers(one, modes=2).position[0] for one in (last, once))
    found = many_steps.spectra_after(problem, [3], trials=16, count=1).features
    assert abs(found.mean() / right - 1) < 0.1 and found.mean() / wrong > 1.5
    errors = onestep.predict(problem, ["network"], 8).generalization_error.mean()
    limit = onestep.predict(last, ["network"], 1, method="scalar").generalization_error.mean()
    assert abs(errors / limit - 1) < 0.05


def test_a_second_step_adds_as_many_directions_as_its_exponents_name():
    n = 10**14
    problem = Problem(n=n, m=n, k=n, **ISOTROPIC, activation=CUBIC, steps=2)
    for first, second in ((0.2, 0.2), (0.3, 0.3), (0.36, 0.42)):
        sizes = (n ** (0.5 + first), n ** (0.5 + second))
        one, two = fresh_steps.layers(replace(problem, step=sizes))
        assert np.sum(one.strengths(n) > 1) == 1
        assert np.sum(two.strengths(n) > 1) == 1 + int(second / (0.5 - first))


def test_spectra_are_those_of_the_layer():
    problem = Problem(n=30, m=40, k=20)
    found = many_steps.spectra_after(problem, [1, 2], trials=2, count=2).isel(steps=1, trial=1)
    layer = TrainedLayer.train(replace(problem, steps=2), 1)
    assert np.allclose(found.weights, np.linalg.svd(layer.F)[1][:2])
    assert np.allclose(found.moved, np.linalg.svd(layer.F - layer.draws.weights.F)[1][:2])
    features = layer.features(layer.draws.readout.X)
    assert np.allclose(found.features, np.linalg.svd(features)[1][:2] ** 2 / 2)
    w, y = layer.draws.weights.w, layer.draws.step.y
    expected = [w @ w - 1, np.mean(y**2) / layer.labels.second_moment(layer.inputs) - 1]
    assert np.allclose(found.chance, expected)


def test_a_ladder_of_degrees_has_its_limits_and_its_layers():
    one = steps_ladder.StepsLadder.of("low", 2, [50, 100], [3, 2], seed=1)
    assert [len(each) for each in one.measured] == [len(each) for each in one.chance] == [3, 2]
    assert np.all(one.limit > one.once) and np.all(np.diff(one.limit) < 0)
    assert all(
        0.5 < each.mean() / limit < 2 for each, limit in zip(one.measured, one.limit, strict=True)
    )
    problem = Problem(n=100, m=200, k=100, **ISOTROPIC, activation="softplus", steps=2)
    gaps = steps_ladder.gap_map(problem, [0.6, 0.8], 1)
    assert gaps.shape == (2, 2) and np.all(np.diff(gaps) > 0) and np.all(np.diff(gaps, axis=0) > 0)


def test_smoothed_values_are_means_over_the_preactivation():
    """Of tanh at ``b g + u``: value, slope and curvature, and the variance of the slope."""
    b, u = np.array([0.8, 1.3]), np.array([[-1.0, 0.2], [2.0, 0.5]])
    x, q = hermite.gauss(80)
    z = u[..., None] + b[:, None, None] * x
    t, slope = np.tanh(z), 1 - np.tanh(z) ** 2
    expected = t @ q, slope @ q, (-2 * t * slope) @ q, slope**2 @ q - (slope @ q) ** 2
    found = fresh_steps._smoothed(onestep.activations.get("tanh"), u, b)
    for mine, right in zip(found, expected, strict=True):
        assert np.allclose(mine, right, atol=4e-3)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {**ISOTROPIC, "noise": 0.1},
        {**ISOTROPIC, "decay": 1e-3},
        {**ISOTROPIC, "update": "sign"},
        {**ISOTROPIC, "target": "class"},
        {**ISOTROPIC, "batch": "reused", "steps": 2},
    ],
)
def test_what_the_limit_does_not_cover_is_refused(fields):
    with pytest.raises(ValueError, match=r"are not allowed|is not allowed"):
        next(fresh_steps.layers(Problem(n=30, m=30, k=30, **fields)))
