"""Several steps: the average over where the layer began, the second direction, and the drift."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from onestep import claims
from onestep.network import Problem, TrainedLayer
from onestep.studies.step import many_steps, reused_batch

ISOTROPIC = {"weights": (1.0,), "spread": 0.0}
UNEVEN = "cos(2*z) - exp(-2) + sin(2*z) - 2*exp(-2)*z"  # E[xy] = 0, E[xy^2] is not
EVEN = "cos(2*z) - exp(-2)"


@pytest.mark.parametrize("batch", ["fresh", "reused"])
def test_the_average_is_what_smoothed_relus_learn(batch):
    """``S = t Phi(t) + phi(t)``, and three steps from a first layer of zeros."""
    problem = Problem(n=20, m=30, k=10, steps=3, batch=batch, beta=0.9)
    drawn = TrainedLayer.train(problem, 2, 1).draws
    D, w = np.zeros((10, 20)), drawn.weights.w
    for X, y in drawn.batches(problem):
        t = D @ X.T
        error = y - w @ (t * norm.cdf(t) + norm.pdf(t)) / np.sqrt(10)
        D = D + problem.eta / 30 * (w[:, None] * norm.cdf(t) * error) @ X / np.sqrt(10)
    assert np.allclose(many_steps.averaged_update(problem, 2, 1), D, atol=1e-7)


def test_fresh_batches_forget_where_the_layer_began_and_one_batch_does_not():
    found = {}
    for batch in ("fresh", "reused"):
        problem = Problem(n=150, m=150, k=150, alpha=1.0, beta=0.85, activation="tanh", batch=batch)
        layer = many_steps.layer_after(problem, [1, 4], trials=4, count=1)
        found[batch] = layer.projection.mean("trial").values
    assert np.all(np.abs(found["fresh"] - 1) < 0.03)
    assert found["reused"][1] < 0.95


def test_a_layer_is_compared_with_its_own_start_and_index():
    problem = Problem(n=30, m=40, k=20)
    found = many_steps.layer_after(problem, [2], trials=2, count=2).isel(steps=0, trial=1)
    layer = TrainedLayer.train(replace(problem, steps=2), 1)
    _, values, right = np.linalg.svd(layer.F - layer.draws.weights.F)
    xi = layer.labels.xi / np.linalg.norm(layer.labels.xi)
    assert np.allclose(found.singular_value, values[:2])
    assert np.allclose(found.along, (right[:2] @ xi) ** 2)
    mean = many_steps.averaged_update(replace(problem, steps=2), 1)
    assert np.allclose(found.averaged, np.linalg.svd(mean)[1][:2])
    moved = layer.F - layer.draws.weights.F
    assert np.isclose(found.projection, np.vdot(moved, mean) / np.vdot(mean, mean))


@pytest.mark.parametrize(("activation", "order"), [("softplus", 1), ("relu", 1), ("tanh", 2)])
def test_the_second_direction_grows_with_the_first_step(activation, order):
    """In proportion to it; to its square, if the mean curvature of the activation is 0."""
    problem = Problem(n=100, m=200, k=100, **ISOTROPIC, activation=activation, step=20.0)
    small, large = many_steps.second_update(problem, [2.0, 4.0], trials=4).mean("trial").values
    growth = np.log2(large / small)
    assert abs(growth[0]) < 0.05 and abs(growth[1] - order) < 0.1


@pytest.mark.parametrize("layer", ["gaussian", "signs"])
def test_the_drift_on_one_batch_is_its_limit(layer):
    problem = Problem(
        n=120, m=120, k=120, **ISOTROPIC, activation="softplus", target=UNEVEN,
        batch="reused", second_layer=layer,
    )  # fmt: skip
    one = reused_batch.drift(replace(problem, step=120.0), trials=96, seed=1)
    fresh = reused_batch.drift(replace(problem, step=120.0, batch="fresh"), trials=96, seed=1)
    even = reused_batch.drift(replace(problem, step=120.0, target=EVEN), trials=96, seed=1)
    unit = one.reused.item()
    for found, expected in ((one, 1.0), (fresh, 0.0), (even, 0.0)):
        ratio = claims.controlled(found.drift.values / unit, found.chance.values / unit)
        assert abs(ratio.value - expected) < 0.1 + 3 * ratio.standard_error
        assert ratio.standard_error < 0.12
    assert fresh.reused == one.reused and abs(even.reused) < 1e-3 * unit


def test_the_drift_of_small_steps_is_their_leading_order():
    """``eta^2 n / (k^2 m) E[sigma' sigma''] E[kappa y^2]``, by numbers."""
    x, q = np.polynomial.hermite_e.hermegauss(100)
    q = q / q.sum()
    slope = 1 / (1 + np.exp(-x))
    y = np.cos(2 * x) - np.exp(-2) + np.sin(2 * x) - 2 * np.exp(-2) * x
    expected = (q @ (slope * slope * (1 - slope))) * (q @ (x * y**2)) * 0.5 * 0.02**2
    problem = Problem(
        n=100, m=200, k=100, **ISOTROPIC, activation="softplus", target=UNEVEN, step=2.0
    )
    found = reused_batch.drift(problem, trials=1).reused.item()
    assert abs(found / expected - 1) < 0.03


@pytest.mark.parametrize(
    ("function", "fields", "message"),
    [
        (many_steps.averaged_update, {"update": "sign"}, "update = 'sign'"),
        (reused_batch.drift, {"decay": 1e-3}, "decay = 0.001"),
        (reused_batch.drift, {}, "spread = None"),
        (reused_batch.drift, {**ISOTROPIC, "noise": 1.0}, "noise = 1.0"),
        (reused_batch.drift, {"target": "class"}, "target = 'class'"),
        (lambda p: many_steps.layer_after(p, [1]), {"target": "class"}, "target = 'class'"),
        (lambda p: many_steps.layer_after(p, [0]), {}, "steps = 0"),
        (lambda p: many_steps.layer_after(p, [1], count=31), {}, "count = 31"),
    ],
)
def test_what_is_not_covered_is_refused(function, fields, message):
    with pytest.raises(ValueError, match=message):
        function(Problem(n=30, m=30, k=30, **fields))
