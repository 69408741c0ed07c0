"""Labels that vary along their index are resolved, or refused by name."""

import numpy as np
import pytest

import onestep
from onestep import activations
from onestep.network import Network, TrainedLayer
from onestep.theory.label_rule import label_rule
from onestep.theory.limit import ConditionalLimit, coordinates

FAST = ["sin(3*z)", "erf(2*z)", "tanh(z)", "sign(z) + sin(2*z)"]
"""Twelve nodes along the index miss the powers of the first two by 59 and 9 %."""


@pytest.mark.parametrize("target", FAST)
@pytest.mark.parametrize("distance", [0.0, 2.0])
def test_the_nodes_catch_the_labels_power(target, distance):
    n = 40
    means = tuple(map(tuple, (np.eye(1, n) * [[distance], [-distance]]).tolist()))
    direction = (1.0,) * n
    problem = onestep.Problem(n=n, m=40, k=30, target=target, means=means, direction=direction)
    layer = TrainedLayer.train(problem)
    for c in range(2):
        nodes, weights = label_rule(layer.labels, layer.inputs, c, 6)
        found = weights @ layer.labels.mean(layer.inputs, c, nodes) ** 2
        assert abs(found / layer.labels.power(layer.inputs, c) - 1) < 1e-4
        assert abs(weights.sum() - 1) < 1e-12


@pytest.mark.parametrize("target", FAST)
def test_the_methods_nodes_leave_nothing_unexplained(target):
    """A readout that learns nothing keeps half of E y^2; the limit has its own E y^2."""
    problem = onestep.Problem(n=100, m=1000, k=50, target=target, beta=0.2, ridge=1e3)
    found = onestep.predict(problem, ["network"], method="conditional", guarded=False)
    drawn = TrainedLayer.train(problem)
    power = drawn.labels.second_moment(drawn.inputs)
    assert abs(2 * found.generalization_error.item() / power - 1) < 2e-3
    special = coordinates(problem)
    features = Network().feature_map(activations.get("relu"), problem.scale, 1)
    limit = ConditionalLimit.of(special, problem.k, features)
    assert abs(limit.unexplained) < 1e-4 * special.labels.second_moment(special.inputs)


@pytest.mark.parametrize("method", ["conditional", "scalar-conditional"])
def test_what_varies_too_fast_is_refused(method):
    problem = onestep.Problem(n=100, m=100, k=50, target="sin(90*z)", beta=0.2)
    with pytest.raises(ValueError, match="target: it varies too fast"):
        onestep.predict(problem, ["network"], method=method, guarded=False)
