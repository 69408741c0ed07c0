"""The bulk of the scalar limit: one law for like neurons, drawn matrices for unlike ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scalar_limit import limit

import onestep
from onestep.network import TrainedLayer, draw
from onestep.spectrum import Bulk
from onestep.theory.limit import (
    Limit,
    NeuronTypes,
    coordinates,
)
from oracles import KernelLimit


@pytest.mark.parametrize(("activation", "step"), [("relu", 2.0), ("relu", 0.5), ("tanh", 2.0)])
def test_the_remainder_of_a_large_step_enlarges_the_bulk(activation, step):
    """Mean square of trained rows off xi and v, 6 layers of n = 300: 6 standard errors and 3 %."""
    n = 300
    problem = onestep.Problem(
        n=n, m=n, k=n, activation=activation, direction="aligned", spread=0.0, step=step * n
    )
    special = coordinates(problem)
    squares = []
    for trial in range(6):
        drawn = draw(problem, trial, 0)
        F = TrainedLayer.of(problem, drawn).F
        Q, _ = np.linalg.qr(np.column_stack([drawn.labels.xi, drawn.step.X.T @ drawn.step.y]))
        squares.append(np.mean(np.sum((F - (F @ Q) @ Q.T) ** 2, axis=1)))
    error = np.std(squares, ddof=1) / np.sqrt(6)
    assert abs(np.mean(squares) - special.bulk_scale**2) < 6 * error + 0.03
    # Without the remainder the formula would miss by more than that.
    assert np.mean(squares) - (n - special.inputs.n) / problem.trace > min(6 * error, 0.02)


@settings(max_examples=15)
@given(st.sampled_from([0.3, 1.0, 4.0]), st.floats(1e-4, 10), st.floats(0.05, 1), st.floats(0.3, 1))
def test_one_type_of_neurons_has_the_law_of_marchenko_and_pastur(ratio, omega, noise, slope):
    k, n, scale = round(1000 * ratio), 1000, 0.8
    types = NeuronTypes(
        weights=np.array([0.4, 0.6]),
        means=np.zeros((2, 1)),
        slopes=np.full((2, 1), scale * slope),
        rest=np.full(2, noise**2),
        label=np.zeros((1, 1)),
        y2=1.0,
    )
    typed, bulk = Limit(types, k, n).bulk, Bulk(k, n, slope, noise, scale)
    g = typed.resolvent(omega + types.rest, None)
    assert np.allclose(g, bulk.resolvent(omega), rtol=1e-10)
    derivative = typed.response(g)(np.ones(2))
    assert np.allclose(-derivative, bulk.squared_resolvent(omega), rtol=1e-8)
    used = g * (types.rest + typed.hold(g))
    assert np.allclose(k * used, bulk.df1(omega), rtol=1e-9)


@pytest.mark.parametrize("omega", [1e-9, 1e-6, 1e-3, 1.0])
@pytest.mark.parametrize("ratio", [0.3, 1.6, 4.0])
def test_a_bulk_without_noise_of_its_own(omega, ratio):
    """More neurons than dimensions: g is large, and Newton's method has wrong roots to land on."""
    k, n, scale = round(1000 * ratio), 1000, 0.8
    types = NeuronTypes(
        weights=np.array([0.4, 0.6]),
        means=np.zeros((2, 1)),
        slopes=np.full((2, 1), scale),
        rest=np.zeros(2),
        label=np.zeros((1, 1)),
        y2=1.0,
    )
    g = Limit(types, k, n).bulk.resolvent(np.full(2, omega), None)
    assert np.allclose(g, Bulk(k, n, 1.0, 0.0, scale).resolvent(omega), rtol=1e-9)


@pytest.mark.parametrize("k", [5 * 10**5, 16 * 10**5])
def test_a_linear_student_has_one_bulk_at_the_smallest_ridge(k):
    """Both limits agree where all neurons are alike: only one root is right."""
    problem = onestep.Problem(
        n=10**6, m=26 * 10**5, k=k, alpha=0.4, beta=0.8, activation="identity",
        target="tanh", direction="aligned", ridge=1e-12,
    )  # fmt: skip
    one = onestep.predict(problem, method="scalar", models=["network"], guarded=False)
    other = KernelLimit.at(problem).errors(problem.m, problem.ridge)
    for name in ("training_error", "generalization_error"):
        assert np.isclose(one[name].item(), getattr(other, name), rtol=1e-4)


@pytest.mark.parametrize("omega", [0.02, 1.0])
def test_the_typed_bulk_is_that_of_a_drawn_matrix(omega):
    """Two kinds of neurons with slopes of two directions, k = 900, n = 600, one draw.

    Means of the resolvent's diagonal over 450 neurons concentrate as 1/k: 1 %. Control: one bulk
    of the mean covariance for all neurons is off by more.
    """
    k, n, scale = 900, 600, 0.9
    slopes = np.array([[0.9, 0.3], [0.2, -0.5]])
    rest = np.array([0.02, 0.3])
    types = NeuronTypes(
        np.full(2, 0.5), np.zeros((2, 1)), scale * slopes, rest, np.zeros((1, 1)), 1.0
    )
    g = Limit(types, k, n).bulk.resolvent(omega + rest, None)
    kind = np.arange(k) % 2
    F = scale / np.sqrt(n) * np.random.default_rng(3).standard_normal((k, n))
    Sigma = (slopes[kind] @ slopes[kind].T) * (F @ F.T) + np.diag(rest[kind])
    diagonal = np.diagonal(np.linalg.inv(Sigma + omega * np.eye(k)))
    found = np.array([diagonal[kind == i].mean() for i in (0, 1)])
    assert np.allclose(found, g, rtol=0.01)
    size = np.sqrt(np.mean(np.sum(slopes**2, axis=1)))
    averaged = Bulk(k, n, float(size), float(np.sqrt(rest.mean())), scale).resolvent(omega)
    assert np.abs(averaged / g - 1).max() > 0.03


def test_without_spread_all_neurons_have_one_bulk():
    """At small strength the limit is the leading order; at large spread, for ReLU, it is not."""
    for activation, beta, low, high in (
        ("relu", 0.1, 0.0, 1e-3), ("tanh", 0.1, 0.0, 1e-3), ("relu", 0.85, 0.01, 0.1)
    ):  # fmt: skip
        problem = onestep.Problem(
            alpha=0.0, beta=beta, activation=activation, direction="aligned", ridge=1e-4
        )
        one, other = (f(problem).errors(1000, 1e-4) for f in (limit, KernelLimit.at))
        gap = abs(one.generalization_error / other.generalization_error - 1)
        assert low <= gap < high
