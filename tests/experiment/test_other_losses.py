"""`simulate` by other losses than the square; what is stored keeps its identity."""

import json
import math

import numpy as np
import pytest

import onestep
from convex_fits import fit
from onestep.experiment import simulate_together
from onestep.experiment.trial_cell import TrialCell
from onestep.network import LOSSES, Network, Problem, TrainedLayer

SMALL = {"n": 20, "m": 50, "k": 15, "target": "class", "ridge": 1e-2}


@pytest.mark.parametrize("loss", ["logistic", "hinge", "huber"])
@pytest.mark.parametrize("intercept", [False, True])
def test_a_trial_is_what_a_general_minimiser_finds(loss, intercept):
    """The same draws, features and test sample by hand."""
    problem = Problem(**SMALL, loss=loss, intercept=intercept)
    found = onestep.simulate(problem, ["network"], trials=1, seed=4, test_size=70)
    layer = TrainedLayer.train(problem, 0, 4, test_size=70)
    readout, test = layer.draws.readout, layer.draws.test
    w, b = fit(loss, layer.features(readout.X).T, readout.y, problem.ridge, intercept)
    score = layer.features(test.X).T @ w + b
    assert math.isclose(
        found.generalization_error.item(), LOSSES[loss].value(test.y, score).mean(), rel_tol=1e-3
    )
    assert found.accuracy.item() == np.mean((score > 0) == (test.cluster == 0))
    scores = layer.features(readout.X).T @ w + b
    plain = LOSSES[loss].value(readout.y, scores).mean()
    assert math.isclose(found.plain_training_error.item(), plain, rel_tol=1e-3)


def test_losses_see_the_same_draws_and_do_not_disturb_each_other():
    problems = [Problem(**SMALL, loss=loss) for loss in LOSSES]
    together = simulate_together(problems, trials=2)
    for problem, found in zip(problems, together, strict=True):
        assert found.equals(onestep.simulate(problem, trials=2))
    assert "accuracy" not in together[0] and "accuracy" in together[1]
    assert together[0].attrs["test_size"] == "exact" and together[1].attrs["test_size"] == 250


def test_a_loss_can_be_swept():
    found = onestep.sweep(Problem(**SMALL), {"loss": ["logistic", "hinge"]}, trials=2)
    alone = onestep.simulate(Problem(**SMALL, loss="hinge"), trials=2)
    assert np.array_equal(found.accuracy.sel(loss="hinge"), alone.accuracy)


def test_identities_of_the_square_loss_are_what_they_were():
    """Digests of stored cells are made of these: neither field may be in them at its default."""
    fields = json.loads(Problem().to_json())
    assert not {"loss", "intercept"} & fields.keys()
    assert not {"loss", "intercept"} & Problem(loss="huber").draw_key().keys()
    cells = [
        TrialCell(Problem(**SMALL, **own), (Network(),), 1, None, seed=0, trial=0)
        for own in ({}, {"loss": "square", "intercept": False}, {"loss": "hinge"})
    ]
    assert cells[0].identity == cells[1].identity != cells[2].identity
    assert cells[0].together == cells[2].together
    assert Problem(**json.loads(Problem(loss="huber").to_json())).loss == "huber"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"loss": "absolute"}, "loss = 'absolute'"),
        ({"loss": "hinge"}, r"loss = 'hinge' .* target = 'relu'"),
        ({"loss": "logistic", "target": "class", "noise": 0.1}, "noise = 0.1"),
        ({"intercept": 1}, "intercept = 1"),
    ],
)
def test_losses_that_do_not_suit_the_labels_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        Problem(**fields)
