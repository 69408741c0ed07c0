import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onestep import activations, hermite
from onestep.network import gradient, initialise, rank_one


def problem(seed, k=4, n=6, m=9):
    rng = np.random.default_rng(seed)
    weights = initialise(k, n, 2.0 * n, rng)
    return weights, rng.standard_normal((m, n)), rng.standard_normal(m)


def loss(F, w, X, y, activation):
    prediction = w @ activation(F @ X.T) / np.sqrt(w.size)
    return 0.5 * np.mean((y - prediction) ** 2)


@given(st.integers(0, 10**6), st.sampled_from(["tanh", "sigmoid", "relu"]))
def test_gradient_is_the_descent_direction_of_the_loss(seed, name):
    """Against central differences in a random direction of the first layer."""
    weights, X, y = problem(seed)
    activation = activations.get(name)
    G = gradient(weights, X, y, activation)
    V = np.random.default_rng(seed + 1).standard_normal(G.shape)
    h = 1e-6
    if name == "relu" and np.any(np.abs(weights.F @ X.T) < h * np.abs(V @ X.T)):
        return  # a kink inside the difference
    up, down = (loss(weights.F + s * h * V, weights.w, X, y, activation) for s in (1, -1))
    assert np.isclose(np.sum(G * V), -(up - down) / (2 * h), rtol=1e-4, atol=1e-9)


@given(st.integers(0, 10**6))
def test_gradient_of_a_linear_network_is_exactly_rank_one(seed):
    """For sigma(z) = z: G = w (y - f(X))^T X / (m sqrt(k)), and u v^T is its label part."""
    weights, X, y = problem(seed)
    linear = activations.get("he(1)")
    G = gradient(weights, X, y, linear)
    k, m = weights.w.size, y.size
    prediction = weights.w @ weights.F @ X.T / np.sqrt(k)
    assert np.allclose(G, np.outer(weights.w, (y - prediction) @ X) / (m * np.sqrt(k)))
    part = rank_one(weights, X, y, mean_slope=1.0)
    assert np.allclose(np.outer(part.u, part.v), np.outer(weights.w, y @ X) / (m * np.sqrt(k)))


def test_initial_scales():
    """Row norms and second-layer norm within 6 standard errors of their laws."""
    weights = initialise(2000, 300, 600.0, np.random.default_rng(5))
    assert abs(np.mean(weights.F**2) * 600 - 1) < 6 * np.sqrt(2 / weights.F.size)
    assert abs(np.sum(weights.w**2) - 1) < 6 * np.sqrt(2 / 2000)


@pytest.mark.parametrize("name", ["relu", "tanh", "sigmoid"])
def test_the_remainder_of_the_rank_one_part_shrinks(name):
    """||G - u v^T|| / ||u v^T|| falls clearly from n = 50 to n = 800 (three draws each)."""

    def ratio(n, seed):
        rng = np.random.default_rng(seed)
        weights = initialise(n, n, n, rng)
        X = rng.standard_normal((n, n))
        y = np.maximum(X[:, 0], 0)
        slope = hermite.coefficients(name, degree=1, scale=1.0)[1]
        part = rank_one(weights, X, y, slope)
        G = gradient(weights, X, y, activations.get(name))
        top = np.linalg.norm(part.u) * np.linalg.norm(part.v)
        return np.linalg.norm(G - np.outer(part.u, part.v), 2) / top

    small, large = (np.mean([ratio(n, seed) for seed in range(3)]) for n in (50, 800))
    assert large < small / 2
