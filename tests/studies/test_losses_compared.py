"""The study of other losses: what its rows are, and that its formulas belong to its simulations."""

from dataclasses import replace

import numpy as np

import onestep
from onestep.studies.errors import other_losses

SIZES = {"n": 100, "ridge": 1e-2, "distance": 1.5}


def test_the_settings_are_five_and_none_is_square_by_accident():
    found = other_losses.settings(**SIZES)
    assert len(found) == 5 and all(problem.intercept for problem in found.values())
    assert {problem.target for problem in found.values()} == {"class", "sign(z)"}


def test_formulas_and_simulations_are_those_of_predict_and_simulate():
    problem = other_losses.settings(**SIZES)["signs, step"]
    found = other_losses.compared(problem, ["hinge"], trials=2, seed=3)
    hinge = replace(problem, loss="hinge")
    own = onestep.simulate(hinge, ["network"], 2, 3, test_size=6000)
    assert np.array_equal(found.simulated.values[0, 1], own.generalization_error.values[0])
    given = onestep.predict(hinge, ["network"], 2, 3, method="conditional", guarded=False)
    assert np.array_equal(found.conditional.values[0, 2], 1 - given.accuracy.values[0])
    limit = onestep.predict(hinge, ["network"], method="scalar-conditional", guarded=False)
    assert np.isclose(found.limit.values[0, 1], limit.generalization_error.item(), rtol=1e-9)


def test_rows_run_over_settings_and_then_losses():
    one = other_losses.compared(
        other_losses.settings(**SIZES)["both"], ["logistic", "square"], trials=2, seed=0
    )
    rows = other_losses.rows({"a": one, "b": one}, "simulated", "class error", ["square"])
    assert rows.shape == (2, 2) and np.array_equal(rows[0], rows[1])
    assert np.array_equal(rows[0], one.simulated.sel(loss="square", quantity="class error").values)
