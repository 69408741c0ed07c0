"""The studies behind *What to choose* and *In practice*."""

from dataclasses import replace

import numpy as np
import pytest

import onestep
from onestep.network import Network, TrainedLayer, draw, readout_errors
from onestep.studies.choice import (
    best_ridge,
    budget,
    chosen,
    published_trends,
    ridge_paths,
    step_gain,
)

SMALL = onestep.Problem(n=80, m=100, k=60, noise=0.2)


@pytest.mark.parametrize("k", [30, 150])
def test_a_path_of_ridges_has_the_errors_of_single_fits(k):
    problem = replace(SMALL, k=k)
    layer = TrainedLayer.train(problem, 1, 4)
    ridges = [1e-3, 1e-1, 10.0]
    single = [
        readout_errors(layer, [Network()], 1, replace(problem, ridge=each))[0] for each in ridges
    ]
    expected = [each.generalization_error for each in single]
    assert np.allclose(ridge_paths.ridge_path(layer, ridges), expected, rtol=1e-9)


def test_steps_of_a_trial_share_its_draws_with_simulate():
    problem = replace(SMALL, step=(3.0,))
    errors = ridge_paths.simulated(SMALL, [problem.ridge], [0.0, 3.0], 2, 7)
    found = onestep.simulate(problem, ["network"], trials=2, seed=7)
    assert np.allclose(errors[1, 0], found.generalization_error.values[0], rtol=1e-7)


def test_generators_of_another_problem_give_its_draws_at_another_spread():
    wide = replace(SMALL, spread=9.0)
    one, other = draw(SMALL, 0, 1), draw(wide, 0, 1, generators=SMALL)
    ratio = np.sqrt(SMALL.trace / wide.trace)
    assert np.allclose(other.weights.F, ratio * one.weights.F)
    assert np.array_equal(other.readout.cluster, one.readout.cluster)
    assert not np.allclose(draw(wide, 0, 1).weights.F, other.weights.F)


def test_the_best_error_is_that_of_the_optimum():
    for problem in (SMALL, replace(SMALL, activation="tanh", m=200)):
        best = onestep.optimum(problem, method="scalar").errors.generalization_error
        assert np.isclose(best_ridge.best_error(problem, "scalar"), best, rtol=2e-3)
    own, best = best_ridge.at_both_ridges(SMALL, "scalar")
    at_own = onestep.predict(SMALL, ["network"], method="scalar", guarded=False)
    assert own == at_own.generalization_error.item() and own > best


def test_a_wide_network_of_lines_is_ridge_regression_on_the_inputs():
    problem = onestep.Problem(n=60, m=90, k=60, noise=0.3, direction="aligned")
    linear = best_ridge.rival(problem, "linear")
    assert (linear.k, linear.activation, linear.eta) == (6000, "z", 0.0)
    errors = []
    for trial in range(12):
        layer = TrainedLayer.train(replace(problem, step=0.0), trial)
        inputs = TrainedLayer(np.eye(60), onestep.activations.get("z"), layer.inputs, layer.labels)
        path = ridge_paths.ridge_path(
            replace(inputs, drawn=layer.drawn), np.geomspace(1e-3, 10, 30)
        )
        errors.append(path)
    simulated = np.mean(errors, axis=0).min()
    assert np.isclose(best_ridge.best_error(linear), simulated, rtol=0.08)


def test_the_variance_of_labels_is_that_of_a_sample():
    problem = onestep.Problem(n=50, m=60, k=10, noise=0.4, direction="aligned", beta=0.5)
    layer = TrainedLayer.train(problem)
    y = layer.sample(200_000, np.random.default_rng(0)).y
    assert np.isclose(published_trends.label_variance(problem), np.var(y), rtol=0.02)


def test_a_cost_is_kept_at_every_width():
    for width in budget.WIDTHS:
        problem = budget.at_cost(onestep.Problem(n=200), width, 8.0)
        assert abs(problem.k * (problem.m + problem.n) / (8 * 200**2) - 1) < 0.01
    with pytest.raises(ValueError, match=r"width = 9.0 is not allowed at cost = 8.0"):
        budget.at_cost(SMALL, 9.0, 8.0)


def test_a_formula_that_chooses_the_step_beats_one_that_may_not():
    problem = chosen.settings(100)["step, tanh"]
    both, ridge_only = (chosen.tried(problem, 6, 1, step=step) for step in (True, False))
    assert both.chosen.mean() < 0.95 * ridge_only.chosen.mean()
    assert set(both.right.at) == {"ridge", "step"}
    assert list(chosen.table({"one": both}).columns)[-1] == "wrong theory, %"


def test_without_a_step_the_map_knows_the_spread_only():
    problem = replace(step_gain.setting(60, "random"), alpha=0.4, beta=0.5)
    found = step_gain.gain_map(60, "random", [0.4], [0.6])
    direct = step_gain.gain(replace(problem, beta=0.6))
    assert np.isclose(found.sel(alpha=0.4, beta=0.6).item(), direct, rtol=3e-3)
