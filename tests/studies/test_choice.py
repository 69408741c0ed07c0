"""The studies behind *What to choose* and *In practice*."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

import onestep
from onestep.network import Network, TrainedLayer, draw, readout_errors
from onestep.studies import archive
from onestep.studies.choice import (
    best_ridge,
    budget,
    chosen,
    gain_maps,
    published_trends,
    ridge_paths,
    scaling,
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


def test_stored_maps_are_what_the_formula_says_now():
    maps = gain_maps.gains(150)
    at = replace(step_gain.setting(150, "aligned"), activation="tanh", alpha=0.6, beta=0.8)
    stored = maps.sel(activation="tanh", direction="aligned", alpha=0.6, beta=0.8)
    assert np.isclose(stored.item(), step_gain.gain(at), rtol=1e-9)
    found = gain_maps.over_samples(150).sel(activation="sigmoid", direction="random", samples=3.0)
    at = replace(step_gain.network(150, "random"), activation="sigmoid", m=450)
    after = best_ridge.best_error(replace(at, step=0.4 * 150))
    assert np.isclose(found.after.sel(step=0.4).item(), after, rtol=1e-9)
    for name in best_ridge.RIVALS:
        assert np.isclose(
            found[name].isel(step=0).item(), best_ridge.best_error(best_ridge.rival(at, name))
        )


def test_maps_of_another_dimension_are_computed(monkeypatch):
    for name in ("GAINS", "OVER_SAMPLES"):
        study = getattr(gain_maps, name)
        few = {each: values[-1:] for each, values in study.points.items()}
        monkeypatch.setattr(gain_maps, name, replace(study, points=few))
    assert dict(gain_maps.gains(60).sizes) == {
        "activation": 1, "direction": 1, "alpha": 1, "beta": len(gain_maps.BETAS)
    }  # fmt: skip
    assert np.all(gain_maps.margin(gain_maps.over_samples(60)) > 0.5)


def test_points_are_compared_with_their_own_place_on_the_map():
    found = gain_maps.over_samples(150).sel(activation=["tanh"], direction=["aligned"])
    points = step_gain.large_step_points(found, 150, 4, 0, [1.0])
    at = found.sel(step=0.4, samples=1.0)
    [one] = points.values()
    assert np.isclose(one.formula, (at["after"] / at["no step"]).item())
    right, wrong = step_gain.tested(points)
    assert abs(right.value[0] - 1) < 0.05 and wrong.value[0] < 0.9


def test_stored_trends_are_what_the_formula_says_now():
    stored = archive.stored("trends")
    for panel, activation in (("fig4, beta", "tanh"), ("fig2c", "relu")):
        fresh = published_trends.trend_row(panel, activation, 1)
        row = stored.sel(panel=panel, activation=activation, trial=1)
        for name in ("published", "optimal", "variance"):
            assert np.allclose(row[name], fresh[name], rtol=1e-6), (panel, name)
    found = published_trends.trends(stored)
    assert set(found.figure) == set(published_trends.PANELS)
    assert (found.optimal <= 1.001 * found.published).all()


def test_what_is_left_of_a_trend():
    own = np.array([1.0, 2.0, 4.0])
    curves = {"whole": 3 * own, "half": own**0.5, "gone": 0 * own + 1, "turned": 1 / own}
    for slope, (name, optimal) in zip((1, 0.5, 0, -1), curves.items(), strict=True):
        rows = pd.DataFrame(
            {"figure": name, "activation": "relu", "published": own, "optimal": optimal}
        )
        assert np.isclose(published_trends.survival(rows).item(), slope)
        assert published_trends.survival(rows.assign(published=1 + 0.01 * own)).empty


def test_ridge_regression_on_power_laws_has_the_published_rate():
    """On the inputs themselves by closed form; features have another scale, hence other ridges."""
    j, m = np.arange(1, 201.0), np.array([10.0, 20.0])
    trained = scaling.layer(200, 1.5, 2.0, "z", seed=0)
    inputs = replace(trained, F=np.eye(200))

    def error(m, ridge):
        kappa = optimize.brentq(
            lambda x: ridge - x * (1 - np.sum(j**-1.5 / (j**-1.5 + x)) / m), 1e-12, 10
        )
        kept = j**-1.5 / (j**-1.5 + kappa)
        return 0.5 * np.sum(j**-2.0 * (1 - kept) ** 2) / (1 - np.sum(kept**2) / m)

    best = [min(error(each, ridge) for ridge in scaling._RIDGES) for each in m]
    rate = np.log(best[0] / best[1]) / np.log(2)
    assert np.isclose(scaling.exponent(inputs, [10, 20]), rate, rtol=1e-4)
    assert scaling.published(1.0, 4.0) == 2.0
