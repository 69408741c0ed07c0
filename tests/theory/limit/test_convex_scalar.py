"""Other losses with one bulk: the square loss gives `scalar` back, others the conditional limit."""

import importlib
from dataclasses import replace

import numpy as np
import pytest
from convex_simulated import assert_simulated

import onestep
from onestep import activations
from onestep.network import HermiteModel, Network
from onestep.theory import convex_equivalent
from onestep.theory.limit import (
    AveragedFeatures,
    ConditionalLimit,
    Limit,
    NeuronTypes,
    convex_limit,
    coordinate_rules,
    coordinates,
)


def root(matrix):
    values, vectors = np.linalg.eigh(matrix)
    return vectors * np.sqrt(np.maximum(values, 0.0))


def averaged(limit, special):
    """The types of `scalar` with what a conditional limit knows of them, averaged over inputs."""
    (P, modes), (B, C), rho = limit.means, limit.slopes, limit.inputs
    both = np.tile(rho, 2)
    functions = root((modes * both) @ modes.T)
    label = np.linalg.lstsq(functions, modes @ (limit.label * both[:, None]), rcond=None)[0]
    y2 = special.labels.second_moment(special.inputs)
    rest = limit.rest @ rho
    return NeuronTypes(limit.types, P @ functions, B @ root((C * rho) @ C.T), rest, label, y2)


@pytest.mark.parametrize("model", [Network(), HermiteModel()], ids=["network", "hermite"])
@pytest.mark.parametrize(
    "fields",
    [
        {"target": "class", "beta": 0.8},
        {"target": "relu", "noise": 0.3},
        {"activation": "abs", "target": "he(2)", "beta": 0.4},
    ],
    ids=str,
)
def test_the_square_loss_gives_scalar_back(fields, model):
    """A fixed point of scores, and an equation for omega: equal to 1e-9 on the same nodes."""
    problem = onestep.Problem(**({"n": 200, "m": 250, "k": 220} | fields))
    special = coordinates(problem)
    features = model.feature_map(activations.get(problem.activation), problem.scale, 2)
    convex = convex_limit(special, problem.k, features, "square", law=AveragedFeatures)
    conditional = ConditionalLimit.of(special, problem.k, features)
    own = Limit(averaged(conditional, special), problem.k, conditional.n)
    for m, ridge in ((250, 1e-3), (60, 1e-1)):
        one, other = own.errors(m, ridge), convex.errors(m, ridge)
        for name in (
            "training_error", "plain_training_error", "generalization_error", "kappa", "left",
        ):  # fmt: skip
            assert np.isclose(getattr(one, name), getattr(other, name), rtol=1e-9), name


@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("activation", ["relu", "abs"])
def test_one_bulk_gives_the_errors_of_many(activation, intercept):
    """Within the domain of `scalar`: 3 % of every error; the hinge trains to 3.2 % less for abs."""
    problem = onestep.Problem(
        n=1000, m=1000, k=1000, target="class", activation=activation, alpha=0.0, beta=0.7,
        ridge=1e-4, loss="logistic", intercept=intercept,
    )  # fmt: skip
    one, many = (
        onestep.predict(problem, ["network"], method=method)
        for method in ("scalar", "scalar-conditional")
    )
    assert one.status.item() == many.status.item() == "converged"
    for name in ("training_error", "generalization_error"):
        assert np.isclose(one[name].item(), many[name].item(), rtol=0.03), name
    assert np.isclose(1 - one.accuracy.item(), 1 - many.accuracy.item(), rtol=0.03)


@pytest.mark.parametrize(
    "fields",
    [
        {"activation": "abs"},
        {"activation": "relu", "means": "both"},
        {"activation": "tanh", "means": "only"},
        {"activation": "sigmoid", "means": "only"},
    ],
    ids=str,
)
def test_one_bulk_meets_simulation(fields):
    """n = 300: 4 %, below n^-1/2, and five standard errors of 10 trials: 0.1 % false alarms."""
    fields = dict(fields)
    kind = fields.pop("means", None)
    problem = onestep.Problem(
        n=300, m=600, k=300, target="class", alpha=0.0, beta=0.65, ridge=1e-3, loss="logistic",
        intercept=True, **fields,
    )  # fmt: skip
    if kind:
        means = tuple(map(tuple, (np.eye(1, 300) * [[1.5], [-1.5]]).tolist()))
        problem = replace(problem, means=means, beta=0.0 if kind == "only" else 0.65)
    assert_simulated(problem, "scalar", trials=10)


@pytest.mark.parametrize("method", ["scalar", "scalar-conditional"])
def test_the_class_error_of_sharp_scores_is_integrated(method, monkeypatch):
    """Scores of little noise jump at a boundary: as few nodes as a mean needs miss a half of it."""
    problem = onestep.Problem(
        n=1000, m=1000, k=3000, target="class", activation="abs", alpha=0.0, beta=0.75,
        ridge=1e-4, loss="logistic",
    )  # fmt: skip
    found = []
    for nodes in (coordinate_rules._SIDE, 3 * coordinate_rules._SIDE):
        monkeypatch.setattr(coordinate_rules, "_SIDE", nodes)
        found.append(1 - onestep.predict(problem, ["network"], method=method).accuracy.item())
    assert np.isclose(*found, rtol=1e-3), found


@pytest.mark.parametrize("method", ["scalar", "scalar-conditional", "conditional"])
@pytest.mark.parametrize(
    ("loss", "target", "activation"), [("hinge", "sign(z)", "relu"), ("huber", "he(2)", "gelu")]
)
def test_scores_along_a_strong_index_are_integrated(method, loss, target, activation, monkeypatch):
    """They bend over a small part of it: 4 % and 2 % of the errors with nodes for the label."""
    problem = onestep.Problem(
        n=400, m=1200, k=400, target=target, activation=activation, direction="aligned",
        alpha=0.0, beta=0.85, loss=loss, ridge=1e-3,
    )  # fmt: skip
    module, found = importlib.import_module("onestep.theory.limit.convex_limit"), []
    for factor in (1, 2):
        monkeypatch.setattr(module, "SCORED", factor * 30)
        monkeypatch.setattr(convex_equivalent, "FINE", factor * 14)
        one = onestep.predict(problem, ["network"], method=method, guarded=False)
        found.append([one.training_error.item(), one.generalization_error.item()])
        if loss == "hinge":
            found[-1].append(1 - one.accuracy.item())
    assert np.allclose(*found, rtol=2e-3)
