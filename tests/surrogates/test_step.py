import numpy as np
import pytest
import xarray as xr

import onestep
from onestep import activations, claims, hermite
from onestep.network import TrainedLayer, draw, gradient, rank_one
from onestep.studies.paper import digitized

small = {"n": 30, "m": 40, "k": 20}


def test_decomposition_agrees_with_dense_singular_values():
    problem = onestep.Problem(**small, activation="tanh")
    steps = onestep.step_decomposition(problem, trials=2, seed=1, singular_values=3)
    drawn = draw(problem, 1, 1, 1)
    X, y = drawn.step.X, drawn.step.y
    slope = hermite.coefficients("tanh", degree=1, scale=problem.scale)[1] / problem.scale
    part = rank_one(drawn.weights, X, y, float(slope))
    G = gradient(drawn.weights, X, y, activations.get("tanh"))
    product = np.outer(part.u, part.v)
    size = np.linalg.norm(product, 2)
    U, S, Vt = np.linalg.svd(G)
    found = steps.sel(labels="true", trial=1)
    assert np.allclose(found.singular_value, S[:3] / size)
    assert np.isclose(found.remainder, np.linalg.norm(G - product, 2) / size)
    assert np.isclose(found.alignment_u, abs(U[:, 0] @ part.u) / np.linalg.norm(part.u))
    assert np.isclose(found.alignment_v, abs(Vt[0] @ part.v) / np.linalg.norm(part.v))


def test_true_and_shuffled_labels_give_different_gradients():
    steps = onestep.step_decomposition(onestep.Problem(**small), trials=3)
    assert np.all(steps.remainder.sel(labels="true") < steps.remainder.sel(labels="shuffled"))


@pytest.mark.parametrize(
    ("problem", "options", "message"),
    [
        ({"activation": "abs"}, {}, "mean slope"),
        ({}, {"trials": 0}, "trials"),
        ({}, {"singular_values": 1}, "singular_values"),
        ({}, {"singular_values": 20}, "min"),
    ],
)
def test_decomposition_refuses(problem, options, message):
    with pytest.raises(ValueError, match=message):
        onestep.step_decomposition(onestep.Problem(**small, **problem), **options)


def test_an_exact_power_has_its_exponent():
    sizes = np.array([100, 200, 400])
    fit = claims.exponent(sizes, 3 * sizes[:, None] ** -0.7 * np.ones((1, 4)))
    assert np.isclose(fit.value, -0.7)
    assert fit.standard_error < 1e-7


@pytest.mark.parametrize(
    ("sizes", "values"), [([1, 2], [1, 2]), ([1, 1], [[1, 2], [1, 2]]), ([1, 2], [[1, 2], [0, 2]])]
)
def test_what_is_no_ladder_is_refused(sizes, values):
    with pytest.raises(ValueError, match="sizes and values"):
        claims.exponent(sizes, values)


def test_published_points_are_complete():
    points = digitized.published("fig1a")
    network_points = points.query("series == 'network'")
    assert len(network_points) == 2 * 3 * 13
    assert (points.y > 0).all()
    assert (points.y_uncertainty < 0.03 * points.y).all()
    with pytest.raises(ValueError, match="fig9z"):
        digitized.published("fig9z")


def test_the_layer_has_the_outlier_of_its_own_singular_vectors():
    problem = onestep.Problem(n=50, m=60, k=40, alpha=1.0, beta=1.0)
    found = onestep.step_decomposition(problem, trials=1, seed=1).layer.sel(labels="true", trial=0)
    layer = TrainedLayer.train(problem, 0, 1)
    left, values, right = np.linalg.svd(layer.F)
    step, w = layer.draws.step, layer.draws.weights.w
    known = (right[0], layer.labels.xi), (right[0], step.y @ step.X), (left[:, 0], w)
    cosines = [(x @ z) ** 2 / (z @ z) for x, z in known]
    assert np.allclose(found, [values[0], *cosines])


def test_labels_that_are_asked_for_alone_are_those_of_both() -> None:
    problem = onestep.Problem(n=40, m=60, k=30)
    both = onestep.step_decomposition(problem, trials=2)
    for name in ("true", "shuffled"):
        one = onestep.step_decomposition(problem, trials=2, labels=[name])
        xr.testing.assert_equal(one, both.sel(labels=[name]))
    with pytest.raises(ValueError, match=r"labels = \['true', 'true'\] is not allowed"):
        onestep.step_decomposition(problem, labels=["true", "true"])
