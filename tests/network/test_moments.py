from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import onestep
from onestep import activations, hermite
from onestep.hermite import OfActivation, OfPolynomial
from onestep.inputs import Classes, SingleIndex, spiked
from onestep.network import Sample, TrainedLayer, draw, population_moments, readout_errors


def plane(seed, strength, spread_means):
    """Two clusters in the plane: there a tensor Gauss rule is an independent integrator."""
    rng = np.random.default_rng(seed)
    inputs = spiked(2, (0.3, 0.7), 1, strength, 0.4, rng)
    return inputs.shifted(spread_means * rng.standard_normal((2, 2))), rng


def integrate(inputs, function, nodes=90):
    """E function(x, c) over the mixture; function maps rows x and a cluster to rows of values."""
    x, w = np.polynomial.hermite_e.hermegauss(nodes)
    g = np.stack(np.meshgrid(x, x), axis=-1).reshape(-1, 2)
    weight = np.outer(w, w).ravel() / (2 * np.pi)
    total = 0.0
    for c, rho in enumerate(inputs.weights):
        gamma = inputs.directions[c]
        stretch = np.sqrt(1 + inputs.strengths[c]) - 1
        rows = inputs.means[c] + g + ((g @ gamma) * stretch) @ gamma.T
        total = total + rho * np.tensordot(weight, function(rows, c), axes=1)
    return total


smooth = st.sampled_from(["tanh", "sigmoid", "gelu", "sin", "cubic"])
planes = st.builds(plane, st.integers(0, 10**6), st.floats(0.0, 1.5), st.sampled_from([0.0, 0.5]))


@settings(max_examples=30)
@given(planes, smooth, smooth, st.sampled_from([0.0, 0.4]))
def test_moments_of_smooth_activations_against_quadrature(drawn, name, target, noise):
    inputs, rng = drawn
    F = 0.5 * rng.standard_normal((4, 2))
    law = SingleIndex(0.6 * rng.standard_normal(2), activations.get(target), noise)
    sigma = activations.get(name)
    found = population_moments(F, inputs, law, OfActivation(sigma))

    def features(X):
        return sigma(X @ F.T) / 2.0

    def index(X):
        return law.target(X @ law.xi)

    M = integrate(inputs, lambda X, c: features(X)[:, :, None] * features(X)[:, None, :])
    q = integrate(inputs, lambda X, c: features(X) * index(X)[:, None])
    y2 = integrate(inputs, lambda X, c: index(X) ** 2) + noise**2
    # Neurons in the plane may be fully correlated: the bound of the truncation counts there.
    slack = 1e-9 + found.truncation
    assert np.allclose(found.M, M, atol=slack)
    assert np.allclose(found.q, q, atol=slack)
    assert np.isclose(found.y2, y2, atol=1e-9)


@settings(max_examples=30)
@given(planes, st.integers(0, 6), st.sampled_from(["relu", "tanh"]))
def test_moments_of_the_polynomial_model_are_exact(drawn, degree, name):
    """A Gauss rule of 20 nodes integrates products of two polynomials of degree 6 exactly."""
    inputs, rng = drawn
    F = rng.standard_normal((5, 2))
    expansion = hermite.HermiteExpansion.of(name, degree=degree, scale=0.8)
    law = SingleIndex(rng.standard_normal(2), activations.get("cubic"), 0.0)
    found = population_moments(F, inputs, law, OfPolynomial(expansion))

    def features(X):
        return expansion(X @ F.T) / np.sqrt(5)

    M = integrate(inputs, lambda X, c: features(X)[:, :, None] * features(X)[:, None, :], 20)
    q = integrate(inputs, lambda X, c: features(X) * law.target(X @ law.xi)[:, None], 20)
    size = max(1.0, np.abs(M).max(), np.abs(q).max())
    assert found.truncation <= 1e-9 * size
    assert np.allclose(found.M, M, atol=1e-8 * size)
    assert np.allclose(found.q, q, atol=1e-8 * size)


@given(planes, smooth)
def test_class_labels_see_the_conditional_means(drawn, name):
    inputs, rng = drawn
    F = 0.5 * rng.standard_normal((3, 2))
    sigma = activations.get(name)
    found = population_moments(F, inputs, Classes(), OfActivation(sigma))
    q = integrate(inputs, lambda X, c: sigma(X @ F.T) / np.sqrt(3) * (1.0 if c == 0 else -1.0))
    assert np.allclose(found.q, q, atol=1e-9)
    assert found.y2 == 1.0


@pytest.mark.parametrize(
    ("name", "kernel"),
    [("relu", hermite.arc_cosine_kernel), ("erf", hermite.arcsine_kernel)],
)
def test_closed_kernels_are_recovered(name, kernel):
    """Arc-cosine and arcsine kernels of a spiked layer, more neurons than one tile has."""
    rng = np.random.default_rng(4)
    inputs = spiked(40, (0.5, 0.5), 2, 9.0, 0.0, rng)
    F = rng.standard_normal((300, 40)) / np.sqrt(58)
    found = population_moments(F, inputs, Classes(), OfActivation(activations.get(name)))
    expected = np.zeros((300, 300))
    for c in (0, 1):
        gamma = inputs.directions[c]
        C = F @ (np.eye(40) + 9.0 * gamma @ gamma.T) @ F.T
        s = np.sqrt(np.diagonal(C))
        r = np.clip(C / np.outer(s, s), -1, 1)
        expected += 0.5 * kernel(r, (s[:, None], s[None, :])) / 300
    assert np.allclose(found.M, expected, atol=found.truncation / 300 + 1e-12)
    assert found.truncation < 1e-5


@pytest.mark.parametrize("name", ["relu", "tanh"])
@pytest.mark.parametrize("direction", ["random", "aligned"])
def test_exact_and_sampled_generalization_error_agree(name, direction):
    """One readout on 400,000 test inputs: within 5 standard errors of the exact error."""
    problem = onestep.Problem(n=60, m=80, k=50, activation=name, direction=direction, noise=0.2)
    drawn = draw(problem, 0, 0)
    models = [onestep.Network(), onestep.HermiteModel()]
    exact = readout_errors(TrainedLayer.of(problem, drawn), models, 2, problem)
    X, cluster = drawn.inputs.sample(400_000, np.random.default_rng(1))
    y = drawn.labels.sample(X, cluster, np.random.default_rng(2))
    test = Sample(X, y, cluster)
    sampled = readout_errors(
        TrainedLayer.of(problem, replace(drawn, test=test)), models, 2, problem
    )
    for one, other in zip(exact, sampled, strict=True):
        assert one.training_error == other.training_error
        # The squared error has a standard deviation of at most some four times its mean here.
        relative = abs(one.generalization_error / other.generalization_error - 1)
        assert relative < 5 * 4 / np.sqrt(400_000)


def test_a_null_readout_scores_the_label():
    problem = onestep.Problem(n=30, m=30, k=20)
    drawn = draw(problem, 0, 0)
    sigma = OfActivation(activations.get("relu"))
    moments = population_moments(drawn.weights.F, drawn.inputs, drawn.labels, sigma)
    assert moments.generalization_error(np.zeros(20)) == 0.5 * moments.y2
    best = np.linalg.solve(moments.M, moments.q)
    assert moments.generalization_error(best) < 0.5 * moments.y2
