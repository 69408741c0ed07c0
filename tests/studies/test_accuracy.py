"""The stored comparison at n = m = k = 1000: that it can be made anew, and what is made of it."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import onestep
from onestep import claims
from onestep.network import TrainedLayer
from onestep.studies import archive
from onestep.studies.errors import accuracy, accuracy_ladder, accuracy_tables, layer_readouts
from onestep.theory import Spectrum
from onestep.theory.limit import INGREDIENTS, limit_without


def test_the_store_is_complete():
    stored = archive.stored("accuracy")[["training", "generalization", "power"]]
    assert stored.setting.values.tolist() == [each.name for each in accuracy.SETTINGS]
    for setting in accuracy.SETTINGS:
        at = stored.sel(setting=setting.name)
        simulated, layers = accuracy.LAYERS[setting.method]
        for name, drawn in at.sel(draw=slice(0, None)).items():
            there = at[name].sel(draw=-1).dropna("layer")
            assert there.layer.values.tolist() == list(range(layers)) and np.all(there > 0)
            assert drawn.dropna("layer").size == simulated * accuracy.DRAWS
            assert np.all(drawn[:simulated] > 0)


def test_a_random_layer_is_as_stored():
    """A cell drawn anew at every run: nine digits are stored."""
    rng = np.random.default_rng()
    # The conditional formula takes six times the time, and is tested elsewhere.
    plain = [setting for setting in accuracy.SETTINGS if setting.method == "equivalent"]
    setting = plain[rng.integers(len(plain))]
    layer = int(rng.integers(accuracy.LAYERS[setting.method][0]))
    stored = archive.stored("accuracy").sel(setting=setting.name, layer=layer)
    for name, found in accuracy.layer_numbers(setting.name, layer).items():
        assert np.allclose(stored[name], found, rtol=1e-6), (setting, layer)


def test_a_layer_that_is_not_simulated_has_no_readouts():
    found = accuracy.layer_numbers(accuracy.SETTINGS[0].name, layer=15)
    assert all(row[0] > 0 and row[1:] == [None] * accuracy.DRAWS for row in found.values())


def test_the_readouts_of_a_layer_scatter_around_its_formula():
    """Forty readouts of one layer, n = 200: 4 standard errors and 2 %."""
    problem = onestep.Problem(n=200, m=200, k=200, direction="aligned", ridge=1e-3)
    layer = TrainedLayer.train(problem, 0, 0)
    moments = layer.moments()
    errors = Spectrum(moments).errors(problem.m, problem.ridge)
    formula = layer_readouts.by_formula(errors, moments)
    drawn = np.array(layer_readouts.readouts(layer, moments, problem.ridge, 40))
    predicted = onestep.predict(problem, models=["network"], guarded=False).isel(model=0, trial=0)
    for i, name in enumerate(layer_readouts.VARIABLES[:2]):
        assert np.isclose(formula[i], float(predicted[f"{name}_error"]), rtol=1e-9)
        ratio = drawn[:, i] / formula[i] - 1
        assert abs(ratio.mean()) < 4 * ratio.std(ddof=1) / np.sqrt(40) + 0.02


@pytest.mark.parametrize("ingredient", INGREDIENTS[1:])
def test_what_is_left_out_matters(ingredient):
    """Norms do where a mean of the labels has to be learned, by a student without one.

    Rows do where the step is of a student whose slope has mean 0.
    """
    problem = accuracy.Setting("equivalent", "relu", "aligned", 0.0, 0.85).problem
    if ingredient == "norms":
        problem = onestep.Problem(n=300, m=300, k=300, beta=0.3, activation="he(2)", target="abs")
    if ingredient == "rows":
        student = {"activation": "he(2)", "target": "he(2)", "direction": "aligned"}
        problem = onestep.Problem(n=300, m=300, k=300, beta=0.7, **student)
    full = onestep.predict(problem, method="scalar", models=["network"], guarded=False).isel(
        model=0, trial=0
    )
    nothing = limit_without(problem, "nothing")
    assert np.isclose(nothing.generalization_error, float(full.generalization_error), rtol=1e-12)
    less = limit_without(problem, ingredient)
    assert abs(less.generalization_error / nothing.generalization_error - 1) > 0.1


def test_an_unknown_ingredient_is_refused():
    problem = onestep.Problem(n=100, m=100, k=100)
    with pytest.raises(ValueError, match="ingredient = 'salt'"):
        limit_without(problem, "salt")
    overlapping = onestep.Problem(n=100, m=100, k=100, alignment=0.5)
    with pytest.raises(ValueError, match="alignment"):
        limit_without(overlapping, "clusters")


# --- The ladder ---------------------------------------------------------------------------------


def test_the_ladder_is_complete():
    stored = archive.stored("accuracy-ladder")
    for n in accuracy_ladder.SIZES:
        found = accuracy_ladder.distances(stored, n, "training")
        assert found.shape == (accuracy_ladder.LAYERS, accuracy.DRAWS)
        assert np.all(np.isfinite(found))


def test_a_random_rung_is_as_stored():
    """A layer drawn anew at every run, up to n = 500: nine digits are stored."""
    rng = np.random.default_rng()
    n, layer = int(rng.choice([125, 250, 500])), int(rng.integers(accuracy_ladder.LAYERS))
    stored = archive.stored("accuracy-ladder").sel(n=n, layer=layer)
    for name, found in accuracy_ladder.rung_numbers(n, layer).items():
        assert np.allclose(stored[name], found, rtol=1e-6), (n, layer)


def test_every_setting_is_judged_by_two_one_sided_tests():
    found = accuracy_tables.judged(archive.stored("accuracy"))
    half = stats.t.ppf(0.95, found.draws - 2) * found.standard_error
    inside = found.value.abs() + half < found.target
    outside = found.value.abs() - half > found.target
    assert ((found.verdict == "equivalent") == inside).all()
    assert ((found.verdict == "different") == outside).all()
    # One setting is off; the stored samples leave many training errors open, and it is told which.
    assert found[outside].exempt.all() and outside.sum() == 2
    table = accuracy_tables.decisions(found)
    assert table.undecided.sum() == (~inside & ~outside).sum() > 40
    named = sum(len(re.findall(r"[(,] ?", each)) for each in table["undecided are"])
    assert named > table.undecided.sum()
    assert found.exempt.sum() == 4 and np.all(found[found.exempt].hard)
    assert accuracy_tables.target("conditional", "training") == 0.02


def some(value, error, groups=6, per_group=4):
    """Rows of as many settings that share draws within a group."""
    number = np.arange(groups * per_group)
    return pd.DataFrame(
        {"value": value, "standard_error": error, "draws": 32, "error": "training",
         "direction": "random", "alpha": (number // per_group) / groups}
    )  # fmt: skip


def test_noise_does_not_help_a_mean_square():
    """Without bias at any noise; and more noise makes the interval longer."""
    rng, reach = np.random.default_rng(0), []
    for error in (0.002, 0.02):
        draws = [
            accuracy_tables.mean_square(some(0.02 + error * rng.standard_normal(24), error), 0.03)
            for _ in range(200)
        ]
        found = claims.sample([each.value[0] for each in draws])
        assert abs(found.value - 4e-4) < 4 * found.standard_error
        reach.append(np.mean([each.value[0] + each.half_width(0.05)[0] for each in draws]))
    assert reach[0] < 6e-4 < 9e-4 < reach[1]


@pytest.mark.parametrize("shared", [False, True])
def test_a_mean_square_on_its_margin_seldom_passes(shared):
    """5 % at most, whether or not settings share their draws: 400 times, four standard errors."""
    rng, margin, passed = np.random.default_rng(1), 0.01, 0
    for _ in range(400):
        noise = 0.005 * rng.standard_normal((6, 1 if shared else 4)) * np.ones((6, 4))
        one = accuracy_tables.mean_square(some(margin + noise.ravel(), 0.005), margin)
        passed += one.value[0] + one.half_width(0.05)[0] < margin**2
    assert passed / 400 < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 400)


def test_a_false_formula_has_the_square_that_it_deserves():
    one = some([0.01], [0.005], groups=1, per_group=1)
    true = accuracy_tables.square(one)
    assert np.isclose(true.value[0], 0.01**2 - 0.005**2)
    assert np.allclose(accuracy_tables.square_if(one, {"training": 1.0}).value, true.value)
    false = accuracy_tables.square_if(one, {"training": 1.5})
    assert false.value[0] - false.half_width(0.05)[0] > 0.2


def test_a_layer_of_the_ladder_is_as_stored():
    stored = archive.stored("accuracy-ladder")
    assert accuracy_ladder.recomputed(stored, 3) < 1e-6
    assert accuracy_tables.recomputed(archive.stored("accuracy"), accuracy.SETTINGS[2]) < 1e-6
    summary = accuracy_ladder.summary(stored)
    slope = accuracy_ladder.exponent(stored, "training")
    assert summary.loc["training", "exponent"].startswith(f"{slope.value:+.2f}")
    assert accuracy_ladder.trials_for(stored, 0.01)["training"] > 10
