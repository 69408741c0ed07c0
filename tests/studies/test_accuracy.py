"""The stored comparison at n = m = k = 1000: that it can be made anew, and what is made of it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import onestep
from onestep.studies.errors import accuracy, accuracy_ladder, accuracy_tables, layer_readouts
from onestep.studies.errors.differences import regressed
from onestep.theory.limit import INGREDIENTS, limit_without


def test_the_store_is_complete():
    table = accuracy.stored()
    assert tuple(table.columns) == accuracy.COLUMNS
    for setting in accuracy.SETTINGS:
        rows = table[(table[list(accuracy.COLUMNS[:5])] == setting.key).all(axis=1)]
        simulated, layers = accuracy.LAYERS[setting.method]
        assert sorted(rows[rows["draw"] < 0]["layer"]) == list(range(layers))
        assert len(rows[rows["draw"] >= 0]) == simulated * accuracy.DRAWS
    assert np.all(table[["training", "generalization", "power"]] > 0)


def test_a_random_layer_is_as_stored():
    """A cell drawn anew at every run: nine digits are stored."""
    rng = np.random.default_rng()
    # The conditional formula takes six times the time, and is tested elsewhere.
    plain = [setting for setting in accuracy.SETTINGS if setting.method == "equivalent"]
    setting = plain[rng.integers(len(plain))]
    layer = int(rng.integers(accuracy.LAYERS[setting.method][0]))
    table = accuracy.stored()
    same = (table[list(accuracy.COLUMNS[:5])] == setting.key).all(axis=1)
    stored = table[same & (table["layer"] == layer)]
    found = pd.DataFrame(accuracy.measure(setting, layer))
    for name in ("training", "generalization", "power"):
        assert np.allclose(stored[name], found[name], rtol=1e-6), (setting, layer)


@given(st.floats(-3, 3), st.floats(-1, 1), st.integers(0, 1000))
@settings(max_examples=20)
def test_regression_removes_what_the_covariate_explains(mean, slope, seed):
    """Exact on a line; and unchanged by the covariate's slope on noise."""
    rng = np.random.default_rng(seed)
    x, noise = rng.standard_normal((2, 40))
    line = regressed(mean + slope * x, x)
    assert np.isclose(line.value, mean, atol=1e-9)
    assert line.standard_error < 1e-9
    one, two = (regressed(noise + c * x, x) for c in (0.0, slope))
    assert np.isclose(one.value, two.value, atol=1e-9)
    assert np.isclose(one.standard_error, two.standard_error, atol=1e-9)
    plain = regressed(noise, np.zeros(40))
    assert np.isclose(plain.value, noise.mean())


def test_the_readouts_of_a_layer_scatter_around_its_formula():
    """Forty readouts of one layer, n = 200: 4 standard errors and 2 %."""
    problem = onestep.Problem(n=200, m=200, k=200, direction="aligned", ridge=1e-3)
    formula, *drawn = layer_readouts.readouts(problem, 0, 40)
    predicted = onestep.predict(problem, models=["network"], guarded=False).isel(model=0, trial=0)
    for name in ("training", "generalization"):
        assert np.isclose(formula[name], float(predicted[f"{name}_error"]), rtol=1e-9)
        ratio = np.array([row[name] for row in drawn]) / formula[name] - 1
        assert abs(ratio.mean()) < 4 * ratio.std(ddof=1) / np.sqrt(40) + 0.02


@pytest.mark.parametrize("ingredient", INGREDIENTS[1:])
def test_what_is_left_out_matters(ingredient):
    """Norms do where a mean of the labels has to be learned, by a student without one."""
    problem = accuracy.Setting("equivalent", "relu", "aligned", 0.0, 0.85).problem
    if ingredient == "norms":
        problem = onestep.Problem(n=300, m=300, k=300, beta=0.3, activation="he(2)", target="abs")
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
    table = accuracy_ladder.stored()
    assert tuple(table.columns) == accuracy_ladder.COLUMNS
    for n in accuracy_ladder.SIZES:
        found = accuracy_ladder.distances(table, n, "training")
        assert found.shape == (accuracy_ladder.LAYERS, accuracy.DRAWS)
        assert np.all(np.isfinite(found))


def test_a_random_rung_is_as_stored():
    """A layer drawn anew at every run, up to n = 500: nine digits are stored."""
    rng = np.random.default_rng()
    n, layer = int(rng.choice([125, 250, 500])), int(rng.integers(accuracy_ladder.LAYERS))
    table = accuracy_ladder.stored()
    stored = table[(table["n"] == n) & (table["layer"] == layer)]
    found = pd.DataFrame(accuracy_ladder.measure(n, layer))
    assert list(stored["kind"]) == list(found["kind"])
    for name in ("training", "generalization", "power"):
        assert np.allclose(stored[name], found[name], rtol=1e-6), (n, layer)


def test_the_book_judges_by_what_exceeds_two_standard_errors():
    found = accuracy_tables.judged(accuracy.stored())
    assert np.all(found.excess >= 0)
    off = found.value.abs() - 2 * found.standard_error
    assert np.allclose(found.excess, off.where(off > 0, 0))
    assert found.exempt.sum() == 4 and np.all(found[found.exempt].hard)
    one = found[found.excess == 0].iloc[0]
    assert accuracy_tables.excess_if(one, 1.0) == 0
    assert accuracy_tables.excess_if(one, 1.5) > 0.3
    assert accuracy_tables.target("conditional", "training") == 0.02


def test_a_layer_of_the_ladder_is_as_stored():
    stored = accuracy_ladder.stored()
    assert accuracy_ladder.recomputed(stored, 3) < 1e-6
    assert accuracy_tables.recomputed(accuracy.stored(), accuracy.SETTINGS[2]) < 1e-6
    summary = accuracy_ladder.summary(stored)
    slope = accuracy_ladder.exponent(stored, "training")
    assert summary.loc["training", "exponent"].startswith(f"{slope.value:+.2f}")
    assert accuracy_ladder.trials_for(stored, 0.01)["training"] > 10
