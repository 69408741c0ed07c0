"""Three and more classes: sums of binary readouts, and a joint law that decides between them."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from onestep import Problem, predict, simulate
from onestep.network import LOSSES, Network, TrainedLayer, against_the_rest, fit_readout
from onestep.network import convex_regression as one_fit
from onestep.theory import one_against_rest
from onestep.theory.convex_equivalent import ConvexEquivalent
from onestep.theory.convex_readout import ConvexReadout

N = 70
MEANS = np.zeros((3, N))
MEANS[[0, 1, 2], [0, 1, 0]] = 3.0, 3.0, -2.0
PROBLEM = Problem(
    n=N, m=3 * N, k=N, activation="relu", beta=0.6, target="class", weights=(0.4, 0.3, 0.3),
    means=tuple(map(tuple, MEANS.tolist())), ridge=1e-3, loss="logistic",
)  # fmt: skip


@pytest.mark.parametrize("loss", ["logistic", "hinge", "huber"])
@pytest.mark.parametrize("intercept", [False, True])
def test_outputs_are_fitted_one_by_one(loss, intercept):
    rng = np.random.default_rng(0)
    Phi, y = rng.standard_normal((20, 60)), np.eye(3)[rng.integers(0, 3, 60)]
    fit = fit_readout(Phi, y, 0.1, loss, intercept)
    seen = 2 * y - 1 if loss != "huber" else y
    each = [one_fit(Phi, column, 0.1, loss, intercept) for column in seen.T]
    np.testing.assert_array_equal(fit.weights, np.stack([one.weights for one in each], axis=1))
    assert fit.training_error == pytest.approx(sum(one.training_error for one in each))
    assert fit.gap < 3e-8 * fit.training_error


def test_two_classes_need_no_columns():
    y = np.array([1.0, -1.0, 1.0])
    np.testing.assert_array_equal(against_the_rest(y, LOSSES["hinge"])[:, 0], y)


@pytest.mark.parametrize("loss", ["square", "huber", "hinge", "logistic"])
@pytest.mark.parametrize("V", [0.0, 0.3, 5.0])
def test_pulls_have_the_averages(loss, V):
    """f pointwise, integrated, is what `proximal` gives in closed form or by its own rule."""
    if V == 0 and loss == "hinge":
        V = 1e-3  # f jumps
    one, y = LOSSES[loss], np.array([1.0, -1.0])
    mean, variance, V = np.array([0.3, -0.2]), np.array([0.8, 2.0]), np.full(2, V)
    found = one.proximal(y, mean, variance, V)
    xi = np.linspace(-9, 9, 200_001)
    f = one.pull(y[:, None], mean[:, None] + np.sqrt(variance)[:, None] * xi, V[:, None])
    weight = stats.norm.pdf(xi) * (xi[1] - xi[0])
    np.testing.assert_allclose(f @ weight, found.f, atol=1e-6)
    np.testing.assert_allclose(f**2 @ weight, found.square, atol=1e-6)


@pytest.mark.parametrize(
    ("loss", "solver"),
    [
        ("logistic", ConvexEquivalent.by_class),
        ("hinge", ConvexEquivalent.by_class),
        ("hinge", ConvexEquivalent.given_coordinates),
        ("huber", ConvexEquivalent.given_coordinates),
    ],
)
def test_a_readout_with_itself(loss, solver):
    """Its covariance is its own variance, which the binary fixed point has."""
    layer = TrainedLayer.train(replace(PROBLEM, n=60, k=60, m=180, means=None), seed=2)
    made = solver(layer, layer.feature_map(Network(), 1), loss)
    y = made._y[:, 0]
    readout = ConvexReadout(
        made._features, y, made._rho, 180, 1e-2, LOSSES[loss], False, counted=True
    )
    shared = one_against_rest._covariances(made._features, readout, readout)
    np.testing.assert_allclose(shared, readout.solution.q, rtol=2e-3)


def test_the_largest_of_independent_scores():
    found = one_against_rest._largest(np.zeros(4), np.eye(4), 2)
    assert found == pytest.approx(0.25, abs=1e-4)


@pytest.mark.parametrize(
    ("loss", "method"),
    [
        ("logistic", "equivalent"),
        ("hinge", "equivalent"),
        ("square", "equivalent"),
        ("hinge", "conditional"),
        ("logistic", "conditional"),
    ],
)
def test_formula_against_simulation(loss, method):
    """Paired in the layers; n^{-1/2} and three standard errors: false alarms below 1 in 300."""
    problem = replace(PROBLEM, loss=loss, intercept=loss == "square")
    drawn = simulate(problem, ["network"], trials=8, test_size=2000)
    given = predict(problem, ["network"], trials=8, method=method)
    assert set(given.status.values.ravel()) == {"converged"}
    for name in ("training_error", "generalization_error"):
        difference = (drawn[name] / given[name] - 1).values.ravel()
        assert abs(difference.mean()) < N**-0.5 + 3 * difference.std(ddof=1) / 8**0.5
    difference = ((1 - drawn.accuracy) / (1 - given.accuracy) - 1).values.ravel()
    assert abs(difference.mean()) < N**-0.5 + 3 * difference.std(ddof=1) / 8**0.5


def test_scores_are_not_independent(monkeypatch):
    """The control: without the covariances of the scores the class error is off."""
    right = predict(PROBLEM, ["network"], trials=1)
    monkeypatch.setattr(
        one_against_rest, "_covariances", lambda features, one, other: 0 * one.solution.q
    )
    wrong = predict(PROBLEM, ["network"], trials=1)
    assert abs(((1 - wrong.accuracy) / (1 - right.accuracy)).item() - 1) > 0.15


def test_the_square_loss_gives_its_own_numbers():
    """Without an intercept, one-hot labels: the sum of three ridge regressions."""
    problem = replace(PROBLEM, loss="square")
    layer = TrainedLayer.train(problem)
    features = layer.feature_map(Network(), 1)
    found = ConvexEquivalent.given_coordinates(layer, features, "square").errors(3 * N, 1e-3)
    known = predict(problem, ["network"], trials=1, method="conditional")
    for name in ("training_error", "generalization_error"):
        assert getattr(found, name) == pytest.approx(known[name].item(), rel=1e-6)
