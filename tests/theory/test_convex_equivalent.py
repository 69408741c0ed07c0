"""Other losses behind a trained layer: formula against simulation, class by class."""

import math
from dataclasses import replace

import numpy as np
import pytest

import onestep
from onestep import claims
from onestep.hermite import OfActivation
from onestep.network import HermiteModel, Network, TrainedLayer, class_moments
from onestep.theory import (
    METHODS,
    ConditionalFeatures,
    ConvexEquivalent,
    Spectrum,
    convex_equivalent,
)

SMALL = {"n": 40, "m": 60, "k": 30, "target": "class"}


def apart(n, distance=1.5):
    """Means of two classes, this far from the origin each."""
    return tuple(map(tuple, (np.eye(1, n) * [[distance], [-distance]]).tolist()))


def test_moments_of_the_classes_are_those_of_a_large_sample():
    """Relu features with means: 6 standard errors of 200,000 inputs a class."""
    problem = onestep.Problem(**SMALL, means=apart(40), beta=0.5)
    layer = TrainedLayer.train(problem, seed=1)
    found = class_moments(layer.F, layer.inputs, layer.labels, OfActivation(layer.activation))
    X, cluster = layer.inputs.sample(400_000, np.random.default_rng(2))
    phi = layer.features(X)
    for c in range(2):
        mine = phi[:, cluster == c]
        error = 6 / math.sqrt(mine.shape[1])
        size = np.sqrt(np.diag(found.covariances[c]))
        assert np.all(np.abs(mine.mean(axis=1) - found.means[c]) < error * size)
        scatter = np.outer(size, size) * 2  # of products: relu has a kurtosis of a few
        assert np.all(np.abs(np.cov(mine) - found.covariances[c]) < error * scatter)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("loss", ["logistic", "hinge", "huber", "square"])
def test_formula_meets_simulation(loss, activation):
    """Classes by means and covariances, with an intercept, network and polynomial, n = 200.

    Five standard errors of 12 trials, and 2 % for the size (n^-1/2 would be 7 %).
    """
    problem = onestep.Problem(
        n=200, m=300, k=200, target="class", loss=loss, intercept=True, ridge=3e-3, beta=0.6,
        activation=activation, means=apart(200),
    )  # fmt: skip
    simulated = onestep.simulate(problem, trials=12, seed=3, degree=3)
    predicted = onestep.predict(problem, trials=2, seed=3, degree=3)
    assert (predicted.status == "converged").all()
    names = ("training_error", "plain_training_error", "generalization_error", "accuracy")
    for name in names:
        for model in ("network", "hermite"):
            measured = claims.sample(simulated[name].sel(model=model).values)
            value = float(predicted[name].sel(model=model).mean())
            assert abs(measured.value - value) < 5 * measured.standard_error + 0.02 * value


def test_the_square_loss_keeps_its_numbers():
    """Plain ridge regression stays `Spectrum`, which averages over the classes first.

    Told apart, classes of one covariance differ from it by what their means count as samples:
    two degrees of freedom of m.
    """
    problem = onestep.Problem(**SMALL, means=apart(40), beta=0.0, activation="erf")
    [solver] = METHODS["equivalent"].solvers(problem, [Network()], 1, 0, 0)
    layer = TrainedLayer.train(problem)
    features = layer.feature_map(Network(), 1)
    asked, plain = solver.errors(60, 1e-2, False), Spectrum.of(layer, features).errors(60, 1e-2)
    assert asked.generalization_error == plain.generalization_error
    for m in (60, 6000):
        plain = Spectrum.of(layer, features).errors(m, 1e-1)
        classes = ConvexEquivalent.by_class(layer, features, "square").errors(m, 1e-1)
        for name in ("training_error", "generalization_error", "kappa"):
            assert math.isclose(getattr(plain, name), getattr(classes, name), rel_tol=3 / m)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("fields", [{"loss": "hinge"}, {"intercept": True}])
def test_a_method_that_knows_the_square_loss_only_refuses_others(method, fields):
    problem = onestep.Problem(**SMALL, **fields)
    alone = replace(METHODS[method], convex=None)
    with pytest.raises(ValueError, match=r"loss = .* and intercept = "):
        alone.solvers(problem, [Network()], 1, 0, 0)


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        ("equivalent", {"target": "relu"}),
        ("conditional", {"target": "relu", "loss": "square", "intercept": False}),
    ],
)
def test_labels_that_a_formula_does_not_cover(method, fields):
    loss = "huber" if method == "equivalent" else "hinge"
    problem = onestep.Problem(**(SMALL | {"loss": loss} | fields))
    layer = TrainedLayer.train(problem)
    features = layer.feature_map(Network(), 1)
    with pytest.raises(ValueError, match=f"labels are not allowed with loss = '{loss}'"):
        METHODS[method].convex(layer, features, loss)


GIVEN = [
    {"target": "class", "beta": 0.8},
    {"target": "relu", "noise": 0.3},
    {"target": "tanh", "direction": "aligned", "alpha": 0.0, "beta": 0.8},
    {"target": "class", "means": apart(40), "weights": (0.3, 0.7), "noise": 0.5},
]


@pytest.mark.parametrize("fields", GIVEN)
def test_given_coordinates_the_square_loss_gives_back_its_own_formula(fields):
    problem = onestep.Problem(**(SMALL | fields))
    layer = TrainedLayer.train(problem)
    features = layer.feature_map(HermiteModel(), 2)
    own = ConditionalFeatures.of(layer, features)
    convex = ConvexEquivalent.given_coordinates(layer, features, "square")
    for m, ridge in ((60, 1e-3), (200, 1e-1)):
        one, other = own.errors(m, ridge), convex.errors(m, ridge)
        for name in ("training_error", "plain_training_error", "generalization_error"):
            assert math.isclose(getattr(one, name), getattr(other, name), rel_tol=1e-8), name


@pytest.mark.parametrize("loss", ["logistic", "hinge"])
@pytest.mark.parametrize(("alpha", "direction"), [(0.0, "aligned"), (0.5, "random")])
def test_signs_of_an_index_up_to_strong_spikes(loss, alpha, direction):
    """No class by class: labels turn with a coordinate. Five standard errors and 2 %, n = 200."""
    problem = onestep.Problem(
        n=200, m=300, k=200, target="sign(z)", loss=loss, intercept=True, ridge=1e-3, beta=0.85,
        alpha=alpha, direction=direction,
    )  # fmt: skip
    simulated = onestep.simulate(problem, ["network"], trials=16, seed=5, test_size=6000)
    predicted = onestep.predict(problem, ["network"], 16, seed=5, method="conditional")
    assert (predicted.status == "converged").all()
    for name in ("training_error", "generalization_error", "accuracy"):
        measured, right = simulated[name].values, predicted[name].values
        if name == "accuracy":
            measured, right = 1 - measured, 1 - right
        found = claims.ratio(measured, right)
        assert abs(found.value[0] - 1) < 5 * found.standard_error[0] + 0.02, name


@pytest.mark.parametrize(("activation", "loss"), [("gelu", "hinge"), ("abs", "logistic")])
def test_errors_have_nodes_enough_at_full_strength(activation, loss, monkeypatch):
    """Classes by covariance alone: each score turns with one coordinate, and so does its class."""
    problem = onestep.Problem(
        n=150, m=300, k=150, alpha=0.0, beta=1.0, activation=activation, target="class",
        loss=loss, intercept=True, ridge=1e-3,
    )  # fmt: skip
    names, found = ["training_error", "generalization_error", "accuracy"], []
    for nodes in (convex_equivalent.FINE, 40):
        monkeypatch.setattr(convex_equivalent, "FINE", nodes)
        one = onestep.predict(problem, ["network"], method="conditional", guarded=False)
        found.append([one[name].item() for name in names])
    assert np.allclose(*found, rtol=2e-3)


def test_noise_of_a_class_label_spreads_its_distance_from_the_score():
    problem = onestep.Problem(
        n=150, m=200, k=150, target="class", loss="huber", noise=0.8, ridge=1e-2, beta=0.5
    )
    simulated = onestep.simulate(problem, ["network"], trials=16, seed=6)
    for method in ("equivalent", "conditional"):
        predicted = onestep.predict(problem, ["network"], 16, seed=6, method=method)
        for name in ("training_error", "generalization_error"):
            found = claims.ratio(simulated[name].values, predicted[name].values)
            assert abs(found.value[0] - 1) < 5 * found.standard_error[0] + 0.02, (method, name)


def test_one_layer_has_curves_under_another_loss():
    problem = onestep.Problem(**SMALL, loss="logistic", intercept=True)
    found = onestep.readout_curves(problem, ridges=[1e-2, 1e-1], samples=[60, 600], guarded=False)
    assert bool((found.training_error.diff("ridge") > 0).all())
    assert bool((found.generalization_error.diff("samples") < 0).all())


def test_what_rests_on_the_square_loss_refuses_others():
    from onestep.surrogates import conditional_surrogate, feature_projections
    from onestep.theory import degree_gaps
    from onestep.theory.limit import limit_without

    problem = onestep.Problem(n=40, m=60, k=30, loss="huber")
    for call in (
        lambda: degree_gaps(problem, [1], trials=1),
        lambda: limit_without(problem, "nothing"),
        lambda: conditional_surrogate(problem, trials=1),
        lambda: feature_projections(problem, draws=100),
    ):
        with pytest.raises(ValueError, match="loss = 'huber'"):
            call()
