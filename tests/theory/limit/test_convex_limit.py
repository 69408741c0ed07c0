"""Other losses in the limit: the square loss gives back its own formula, others the simulation."""

from dataclasses import replace

import numpy as np
import pytest
from convex_simulated import assert_simulated

import onestep
from onestep import activations
from onestep.network import HermiteModel, Network
from onestep.theory.limit import ConditionalLimit, convex_limit, coordinates


def limits(problem, model, loss, intercept=False):
    special = coordinates(problem)
    activation = activations.get(problem.activation)
    features = model.feature_map(activation, problem.scale, 2)
    own = ConditionalLimit.of(special, problem.k, features)
    return own, convex_limit(special, problem.k, features, loss, intercept)


@pytest.mark.parametrize("model", [Network(), HermiteModel()], ids=["network", "hermite"])
@pytest.mark.parametrize(
    "fields",
    [
        {"target": "class", "beta": 0.8},
        {"target": "relu", "noise": 0.3},
        {"activation": "abs", "target": "he(2)", "beta": 0.4},
        {"target": "relu", "alpha": 0.0, "direction": "aligned", "beta": 0.8},
    ],
    ids=str,
)
def test_the_square_loss_gives_back_its_own_formula(fields, model):
    """Two ways to the same errors: derivatives of a minimum, and a fixed point."""
    problem = onestep.Problem(**({"n": 200, "m": 250, "k": 220} | fields))
    own, convex = limits(problem, model, "square")
    for m, ridge in ((250, 1e-3), (60, 1e-1)):
        one, other = own.errors(m, ridge), convex.errors(m, ridge)
        for name in ("training_error", "plain_training_error", "generalization_error"):
            assert np.isclose(getattr(one, name), getattr(other, name), rtol=1e-8), name


@pytest.mark.parametrize("target", ["class", "sign(z)"])
@pytest.mark.parametrize("loss", ["logistic", "hinge"])
def test_the_limit_meets_simulation(loss, target):
    """n = 300, five standard errors of 12 trials and 4 %, below n^-1/2."""
    problem = onestep.Problem(
        n=300, m=600, k=300, target=target, alpha=0.0, beta=0.7, ridge=1e-3, loss=loss,
        intercept=True, direction="aligned",
    )  # fmt: skip
    assert_simulated(problem, "scalar-conditional", trials=12)


def test_an_intercept_takes_what_all_means_share():
    """Shifting the features by a constant changes nothing with an intercept, and much without."""
    found = {}
    for activation in ("tanh", "tanh(z) + 1"):
        problem = onestep.Problem(n=200, m=300, k=200, target="class", activation=activation)
        for intercept in (True, False):
            _, solver = limits(problem, Network(), "logistic", intercept)
            found[activation, intercept] = solver.errors(300, 1e-2).training_error
    assert np.isclose(found["tanh", True], found["tanh(z) + 1", True], rtol=1e-6)


@pytest.mark.parametrize("method", ["equivalent", "conditional", "scalar-conditional"])
def test_an_intercept_that_nothing_holds_is_told(method):
    """Hinge, all samples within the margin: simulated class errors lie 12 to 36 % off."""
    problem = onestep.Problem(
        n=200, m=400, k=200, target="class", alpha=0.0, beta=0.7, ridge=1e-2, loss="hinge",
        intercept=True,
    )  # fmt: skip
    found = onestep.predict(problem, ["network"], method=method, guarded=False)
    assert found.status.item() == "out of range" and np.isnan(found.accuracy.item())
    assert "the intercept" in found.reason.item()
    sharper = onestep.predict(replace(problem, ridge=1e-4), ["network"], method=method)
    assert sharper.status.item() == "converged"


def test_averages_over_overlaps_have_an_accuracy():
    problem = onestep.Problem(
        n=200, m=300, k=200, alignment=0.5, target="sign(z)", loss="hinge", beta=0.6
    )
    found = onestep.predict(problem, ["network"], method="scalar-conditional", guarded=False)
    assert 0.5 < found.accuracy.item() < 1
