"""The split of the preactivations is exact, and its bulk free of all special directions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import onestep
from onestep.inputs import Classes, DenseMixture, spiked
from onestep.network import TrainedLayer
from onestep.surrogates.special import Special, SplitLayer


@st.composite
def problems(draw):
    n = draw(st.integers(9, 16))
    weights = draw(st.sampled_from([(1.0,), (0.3, 0.7), (0.2, 0.3, 0.5)]))
    with_means = draw(st.booleans())
    means = np.random.default_rng(draw(st.integers(0, 99))).standard_normal((len(weights), n))
    target = draw(st.sampled_from(["relu", "class"]))
    return onestep.Problem(
        n=n,
        m=12,
        k=6,
        alpha=draw(st.floats(0, 1)),
        beta=draw(st.floats(0, 1)),
        activation=draw(st.sampled_from(["relu", "tanh"])),
        target=target if len(weights) == 2 else "relu",
        direction=draw(st.sampled_from(["random", "aligned"])),
        weights=weights,
        rank=draw(st.integers(1, 2)),
        alignment=draw(st.sampled_from([0.0, 0.4, 1.0])),
        means=tuple(map(tuple, means)) if with_means else None,
    )


@settings(max_examples=40, deadline=None)
@given(problems(), st.integers(0, 1000))
def test_the_split_is_exact_and_the_bulk_is_free_of_what_is_special(problem, seed):
    trained = TrainedLayer.train(problem, 0, seed)
    drawn, F = trained.draws, trained.F
    layer = SplitLayer.of(trained)
    basis = layer.special.basis
    assert np.allclose(basis.T @ basis, np.eye(basis.shape[1]), atol=1e-12)
    X, cluster = drawn.readout.X, drawn.readout.cluster
    inputs = layer(X, cluster)
    assert np.allclose(inputs.mean + inputs.bulk, F @ X.T, atol=1e-10)
    # Moving an input along any special direction changes m and leaves g and the norm alone.
    v = drawn.step.X.T @ drawn.step.y
    special = [
        *v[None],
        *(col for c in range(len(problem.weights)) for col in drawn.inputs.spikes(c).T),
    ]
    if problem.target != "class":
        special.append(drawn.labels.xi)
    for direction in special:
        moved = layer(X + direction / (1 + np.linalg.norm(direction)), cluster)
        assert np.allclose(moved.bulk, inputs.bulk, atol=1e-9)
        assert np.allclose(moved.norm, inputs.norm, atol=1e-9)
    assert np.allclose(layer.bulk @ basis, 0, atol=1e-10)
    # g has the covariance of the bulk rows: its mean is zero about the cluster's mean.
    centre = layer(drawn.inputs.means[cluster], cluster)
    assert np.allclose(centre.bulk, 0, atol=1e-10)
    assert np.allclose(layer.scale**2, np.diagonal(layer.bulk @ layer.bulk.T))


@given(st.integers(0, 10**6))
def test_the_mean_of_the_second_polynomial_is_the_norm(seed):
    """Neurons along an orthonormal basis of the bulk: the average over them is exact."""
    rng = np.random.default_rng(seed)
    inputs = spiked(9, (0.5, 0.5), 1, 3.0, 0.0, rng)
    law = Classes()
    special = Special.of(inputs, law, rng.standard_normal(9))
    rest = np.linalg.svd(special.basis, full_matrices=True)[0][:, special.basis.shape[1] :].T
    layer = SplitLayer(2.0 * rest, special, inputs.means)
    X, cluster = inputs.sample(20, rng)
    split = layer(X, cluster)
    he2 = (split.bulk / layer.scale[:, None]) ** 2 - 1
    assert np.allclose(he2.mean(axis=0), split.norm)


def test_special_directions_need_spikes_and_a_fitting_v():
    rng = np.random.default_rng(0)
    inputs = spiked(6, (0.5, 0.5), 1, 2.0, 0.0, rng)
    for v in (np.ones(5), np.full(6, np.nan)):
        with pytest.raises(ValueError, match="v has shape"):
            Special.of(inputs, Classes(), v)
    dense = DenseMixture(np.array([0.5, 0.5]), np.stack([np.eye(6)] * 2), np.zeros((2, 6)))
    with pytest.raises(ValueError, match="spiked"):
        Special.of(dense, Classes(), np.ones(6))
