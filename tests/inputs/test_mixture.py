import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import linalg

import onestep
from onestep.inputs import GaussianMixture, aligned_direction, random_direction


@st.composite
def spiked(draw):
    n = draw(st.integers(6, 12))
    clusters, rank = draw(st.sampled_from([(1, 1), (1, 3), (2, 1), (2, 3), (3, 2)]))
    raw = np.array(draw(st.lists(st.floats(0.1, 1), min_size=clusters, max_size=clusters)))
    return onestep.inputs.spiked(
        n,
        tuple(raw / raw.sum()),
        rank,
        strength=draw(st.floats(0, 50)),
        alignment=draw(st.floats(-1, 1)),
        rng=np.random.default_rng(draw(st.integers(0, 10**6))),
    )


def covariance(inputs, c):
    gamma = inputs.directions[c]
    return np.eye(inputs.n) + gamma @ np.diag(inputs.strengths[c]) @ gamma.T


@given(spiked())
def test_trace_and_norm_are_those_of_the_dense_covariances(inputs):
    dense = [covariance(inputs, c) for c in range(inputs.weights.size)]
    for Sigma in dense:
        assert np.isclose(np.trace(Sigma), inputs.trace)
    average = sum(rho * Sigma for rho, Sigma in zip(inputs.weights, dense, strict=True))
    assert np.isclose(np.linalg.norm(average, 2), inputs.spread_norm)


@given(spiked(), st.integers(0, 10**6))
def test_a_sample_is_the_matrix_square_root_of_a_gaussian(inputs, seed):
    """The same random numbers through scipy's square root of the dense covariance."""
    means = np.random.default_rng(1).standard_normal(inputs.means.shape)
    inputs = inputs.shifted(means)
    X, cluster = inputs.sample(20, np.random.default_rng(seed))
    rng = np.random.default_rng(seed)
    assert np.array_equal(cluster, rng.choice(inputs.weights.size, size=20, p=inputs.weights))
    gaussian = rng.standard_normal((20, inputs.n))
    for x, g, c in zip(X, gaussian, cluster, strict=True):
        assert np.allclose(x, means[c] + linalg.sqrtm(covariance(inputs, c)) @ g, atol=1e-8)


@given(st.floats(-1, 1), st.integers(1, 3))
def test_alignment_is_exact(alignment, rank):
    inputs = onestep.inputs.spiked(10, (0.5, 0.5), rank, 3.0, alignment, np.random.default_rng(0))
    first, second = inputs.directions
    assert np.allclose(second.T @ first, alignment * np.eye(rank), atol=1e-12)
    assert np.allclose(second.T @ second, np.eye(rank), atol=1e-12)


def test_directions_are_haar_distributed():
    """E gamma_i^4 = 3 / (n (n + 2)) on the sphere; 4,000 spikes, 6 standard errors."""
    n, draws = 5, 4000
    rng = np.random.default_rng(7)
    first = np.array(
        [
            onestep.inputs.spiked(n, (1.0,), 1, 1.0, 0.0, rng).directions[0, :, 0]
            for _ in range(draws)
        ]
    )
    assert abs(first[:, 0].mean()) < 6 / np.sqrt(n * draws)
    fourth = first[:, 0] ** 4
    assert abs(fourth.mean() - 3 / (n * (n + 2))) < 6 * fourth.std() / np.sqrt(draws)


@given(spiked(), st.integers(0, 100))
def test_a_direction_keeps_the_index_of_order_one(inputs, seed):
    for xi in (random_direction(inputs, np.random.default_rng(seed)),):
        assert np.isclose(xi @ xi, 1 / inputs.spread_norm)


def test_aligned_direction_points_along_the_sum_of_the_first_spikes():
    inputs = onestep.inputs.spiked(8, (0.3, 0.7), 2, 4.0, 0.2, np.random.default_rng(3))
    xi = aligned_direction(inputs)
    total = inputs.directions[0, :, 0] + inputs.directions[1, :, 0]
    assert np.isclose(xi @ total, np.linalg.norm(xi) * np.linalg.norm(total))
    opposite = onestep.inputs.spiked(8, (0.3, 0.7), 2, 4.0, -1.0, np.random.default_rng(3))
    with pytest.raises(ValueError, match="aligned"):
        aligned_direction(opposite)


def plain(**changes):
    fields = {
        "weights": np.array([0.5, 0.5]),
        "directions": np.stack([np.eye(4)[:, :1], np.eye(4)[:, 1:2]]),
        "strengths": np.array([[2.0], [2.0]]),
        "means": np.zeros((2, 4)),
    }
    return GaussianMixture(**(fields | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": np.array([0.5, 0.6])}, "sum to 1"),
        ({"weights": np.array([-0.5, 1.5])}, ">= 0"),
        ({"weights": np.array([1.0])}, "shape"),
        ({"directions": np.ones((2, 4, 1))}, "orthonormal"),
        ({"strengths": np.array([[2.0], [3.0]])}, "traces"),
        ({"strengths": np.array([[-2.0], [-2.0]])}, "strengths"),
        ({"means": np.zeros((2, 3))}, "means"),
        ({"means": np.full((2, 4), np.inf)}, "finite"),
    ],
)
def test_an_impossible_mixture_is_refused(changes, message):
    assert plain().n == 4
    with pytest.raises(ValueError, match=message):
        plain(**changes)


def test_too_many_spikes_are_refused():
    with pytest.raises(ValueError, match="rank = 3"):
        onestep.inputs.spiked(4, (0.5, 0.5), 3, 1.0, 0.0, np.random.default_rng(0))
