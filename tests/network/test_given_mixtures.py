"""A given mixture takes the place of the drawn one, however its covariances are written."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_network import small

import onestep
from onestep import activations
from onestep.hermite import OfActivation
from onestep.inputs import DenseMixture, SingleIndex
from onestep.network import (
    draw,
    population_moments,
)


def dense(inputs):
    """A spiked mixture as one with full covariances."""
    covariances = [np.eye(inputs.n) + inputs.spikes(c) @ inputs.spikes(c).T for c in range(2)]
    return DenseMixture(inputs.weights, np.array(covariances), inputs.means)


def spiked(seed=0, n=12, rank=2):
    rng = np.random.default_rng(seed)
    inputs = onestep.inputs.spiked(n, (0.3, 0.7), rank, 4.0, 0.3, rng)
    return inputs.shifted(0.3 * rng.standard_normal((2, n)))


@given(st.integers(0, 1000))
def test_a_dense_mixture_is_the_spiked_one_that_it_repeats(seed):
    one = spiked(seed)
    other = dense(one)
    assert np.isclose(one.trace, other.trace)
    assert np.isclose(one.spread_norm, other.spread_norm)
    v = np.random.default_rng(1).standard_normal(12)
    assert np.allclose(one.covariance_times(1, v), other.covariance_times(1, v))
    (X, clusters), (again, same) = (
        inputs.sample(15, np.random.default_rng(seed)) for inputs in (one, other)
    )
    assert np.array_equal(clusters, same)
    assert np.allclose(X, again, atol=1e-10)


def test_moments_do_not_depend_on_how_a_covariance_is_written():
    one = spiked()
    F = np.random.default_rng(2).standard_normal((90, 12)) / 4
    law = SingleIndex(F[0], activations.get("tanh"), 0.0)
    for name in ("relu", "tanh"):
        function = OfActivation(activations.get(name))
        first, second = (
            population_moments(F, inputs, law, function) for inputs in (one, dense(one))
        )
        assert np.allclose(first.M, second.M, atol=1e-12)
        assert np.allclose(first.q, second.q, atol=1e-12)


def test_a_given_mixture_takes_the_place_of_the_drawn_one():
    """The same structure, spiked and dense, gives the same trial where it keys the same draws."""
    inputs = spiked()
    problem = onestep.Problem(**small, weights=(0.3, 0.7), beta=0.2)
    drawn = draw(problem, 0, 0, given=inputs)
    assert drawn.inputs is inputs
    assert np.isclose(drawn.scale, np.sqrt(12 / inputs.trace))
    results = onestep.simulate(problem, trials=2, inputs=inputs)
    again = onestep.simulate(problem, trials=2, inputs=inputs)
    other = onestep.simulate(problem, trials=2, inputs=spiked(1))
    assert np.array_equal(results.training_error, again.training_error)
    assert not np.any(results.training_error == other.training_error)
    predicted = onestep.predict(problem, trials=2, inputs=dense(inputs), guarded=False)
    assert np.isfinite(predicted.generalization_error).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n": 13}, "dimension"),
        ({"weights": (0.5, 0.5)}, "weights"),
        ({"means": ((0.0,) * 12, (0.0,) * 12)}, "means"),
    ],
)
def test_a_given_mixture_must_fit_the_problem(change, message):
    problem = onestep.Problem(**(small | {"weights": (0.3, 0.7)} | change))
    with pytest.raises(ValueError, match=message):
        onestep.simulate(problem, trials=1, inputs=spiked())


def test_dense_inputs_have_no_aligned_direction():
    problem = onestep.Problem(**small, weights=(0.3, 0.7), direction="aligned")
    with pytest.raises(ValueError, match="aligned"):
        onestep.simulate(problem, trials=1, inputs=dense(spiked()))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"covariances": np.zeros((2, 3, 4))}, "covariances has shape"),
        ({"covariances": np.stack([np.diag([2.0, 2.0, -1.0]), np.eye(3)])}, "eigenvalue"),
        ({"covariances": np.stack([np.eye(3) + np.eye(3, k=1), np.eye(3)])}, "symmetric"),
        ({"covariances": np.full((2, 3, 3), np.nan)}, "finite"),
        ({"weights": np.array([0.5, 0.4])}, "sum to 1"),
        ({"means": np.zeros((2, 2))}, "means"),
    ],
)
def test_an_impossible_dense_mixture_is_refused(change, message):
    fields = {
        "weights": np.array([0.5, 0.5]),
        "covariances": np.stack([np.eye(3)] * 2),
        "means": np.zeros((2, 3)),
    }
    assert DenseMixture(**fields).trace == 3
    with pytest.raises(ValueError, match=message):
        DenseMixture(**(fields | change))


def test_a_mixture_without_any_variance_is_refused():
    with pytest.raises(ValueError, match="covariances must not all be 0"):
        DenseMixture(np.ones(1), np.zeros((1, 3, 3)), np.zeros((1, 3)))
