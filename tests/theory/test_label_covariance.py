"""How often large labels come with large features, against closed forms and a sample."""

import numpy as np
import pytest

from onestep import Problem
from onestep.network import Network, TrainedLayer
from onestep.theory import Conditions


def conditions(problem):
    layer = TrainedLayer.train(problem)
    return layer, Conditions.of_layer(layer, layer.feature_map(Network(), 1))


@pytest.mark.parametrize(("target", "factor"), [("he(1)", 2.0), ("z**2", 4.0), ("sign(z)", 0.0)])
def test_of_linear_features_it_is_exact(target, factor):
    """With one centred cluster ``||phi||^2`` is of degree 2, and so is all that counts of it.

    Of ``E y^2 (z^2 - 1) / E y^2`` = 2, 4 and 0 it has the share that rho^2 makes.
    """
    problem = Problem(
        n=80, m=80, k=80, weights=(1.0,), direction="aligned", activation="he(1)", target=target
    )
    layer, found = conditions(problem)
    seen = layer.inputs.covariance_times(0, layer.labels.direction(layer.inputs, 0))
    power = np.array([row @ layer.inputs.covariance_times(0, row) for row in layer.F])
    share = np.sum((layer.F @ seen) ** 2) / power.sum()
    assert np.isclose(found.label_covariance, factor * share, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    "fields",
    [
        {"activation": "gelu", "target": "z**2", "alpha": 0.3},
        {"activation": "relu", "target": "softplus", "noise": 0.3, "means": True},
        {"activation": "relu", "target": "class", "weights": (0.2, 0.3, 0.5), "means": True},
    ],
)
def test_against_a_sample(fields):
    """Four standard errors, and what Mehler's formula leaves out: a fifth of it."""
    if fields.get("means"):
        weights = fields.get("weights", (0.5, 0.5))
        fields = {**fields, "means": tuple(map(tuple, np.eye(len(weights), 60) * 1.5))}
    problem = Problem(n=60, m=60, k=60, beta=0.6, direction="aligned", **fields)
    layer, found = conditions(problem)
    rng = np.random.default_rng(5)
    X, clusters = layer.inputs.sample(100_000, rng)
    y = layer.labels.sample(X, clusters, rng).reshape(len(X), -1)
    phi2 = np.sum(layer.features(X) ** 2, axis=0)
    y2 = np.sum(y**2, axis=1)
    products = (phi2 / phi2.mean() - 1) * (y2 / y2.mean() - 1)
    error = products.std() / np.sqrt(len(products))
    sampled = abs(products.mean())
    assert abs(found.label_covariance - sampled) < 4 * error + 0.2 * sampled + 1e-9
