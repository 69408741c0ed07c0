"""`onestep.predict` without a step has the errors of Mei and Montanari's random features."""

import math

import pytest
from predicted_errors import BOTH, RATIOS, isotropic, predicted, scalar

from onestep import claims
from onestep.studies.known.random_features import mei_montanari, parts
from oracles import random_features


@pytest.mark.parametrize(
    ("activation", "target"),
    [
        ("relu", "relu"),
        ("tanh", "sin"),
        ("erf", "tanh"),
        ("softplus", "relu"),
        ("relu(z - 1)", "tanh"),
        ("he(1) + he(2)", "tanh"),
    ],
)
def test_the_limit_without_a_step_is_mei_and_montanaris(activation, target):
    """At n = 10^8: finite sizes enter as 1/n over the smallest of lambda k, 1e-4; so 1e-5."""
    n = 10**8
    for samples, width, ridge in RATIOS:
        m, k = int(samples * n), int(width * n)
        problem = isotropic(
            n, m, k, activation=activation, target=target, noise=0.3, ridge=ridge / k
        )
        found = scalar(problem)
        theirs = random_features(n, m, k, activation, target, 0.3, ridge / k)
        assert math.isclose(found["training_error"], theirs.training_error, rel_tol=1e-5)
        assert math.isclose(
            found["generalization_error"], theirs.generalization_error, rel_tol=1e-5
        )


def test_a_wrong_normalisation_of_the_oracle_would_show():
    """Control: the ridge not rescaled by n, m and k exchanged, linear part taken for noise."""
    n, m, k, ridge = 10**8, 2 * 10**8, 10**8 // 2, 1e-10
    problem = isotropic(n, m, k, activation="relu", target="tanh", ridge=ridge)
    found = scalar(problem)["generalization_error"]
    _, a1, curved = parts("tanh")
    _, h1, rest = parts("relu")
    power = a1**2 + curved**2
    for wrong in (
        random_features(n, m, k, "relu", "tanh", 0.0, ridge * n).generalization_error,
        random_features(n, k, m, "relu", "tanh", 0.0, ridge).generalization_error,
        0.5 * (mei_montanari(0.5, 2, n * ridge, h1, rest, 0, power**0.5)[0] + power),
    ):
        assert abs(wrong / found - 1) > 0.05


@pytest.mark.parametrize(
    ("activation", "samples", "width", "ridge"),
    [("relu", 1.0, 1.0, 0.1), ("tanh", 2.0, 0.5, 1e-2), ("relu(z - 1)", 1.0, 1.5, 1.0)],
)
def test_layers_without_a_step_scatter_around_mei_and_montanari(activation, samples, width, ridge):
    """Ten layers at n = 300.

    4.8 standard errors of ten draws are exceeded once in 1000 comparisons, once in 170 over the six
    of this test. Finite sizes are of the order 1/n, with the target's constant and quadratic parts,
    of which the latter is learned to the part m/n^2: 2 % are allowed for.
    """
    n = 300
    m, k = int(samples * n), int(width * n)
    problem = isotropic(n, m, k, activation=activation, target="tanh", noise=0.3, ridge=ridge / k)
    theirs = random_features(n, m, k, activation, "tanh", 0.3, ridge / k)
    found = predicted(problem, "equivalent", trials=10, seed=3)
    for name, limit in zip(BOTH, (theirs.training_error, theirs.generalization_error), strict=True):
        mean = claims.sample(found[name].values)
        assert abs(mean.value - limit) < 4.8 * mean.standard_error + 0.02 * limit
