"""Coordinates and kernel of the scalar limit, against quadrature and samples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nystrom_kernel import spike_strengths
from scalar_limit import limit

import onestep
from onestep import activations
from onestep.hermite import HermiteExpansion, OfActivation, OfPolynomial, gauss, product
from onestep.inputs import SingleIndex
from onestep.theory.limit import coordinate_rules, coordinates
from oracles import WideKernel


@settings(max_examples=20)
@given(
    st.sampled_from(["random", "aligned"]),
    st.sampled_from([1, 2]),
    st.floats(0, 0.9),
    st.floats(0, 1),
    st.sampled_from(["relu", "tanh"]),
)
def test_coordinates_keep_the_law_of_the_label(direction, rank, beta, alpha, target):
    """Trace, label power and the size of xi are those of the problem itself."""
    problem = onestep.Problem(
        n=400, m=300, k=200, direction=direction, rank=rank, beta=beta, alpha=alpha, target=target
    )
    special = coordinates(problem)
    assert np.isclose(special.inputs.trace + problem.n - special.inputs.n, problem.trace)
    assert special.dimensions + special.inputs.n == problem.n
    assert np.isclose(special.labels.xi @ special.labels.xi, 1 / special.inputs.spread_norm)
    # A drawn xi has random overlaps with the spikes: theirs is the mean square.
    variance = sum(
        rho * float(special.labels.xi @ special.inputs.covariance_times(c, special.labels.xi))
        for c, rho in enumerate(problem.weights)
    )
    if direction == "random":
        expected = (1 + rank * problem.theta / problem.n) / special.inputs.spread_norm
        assert np.isclose(variance, expected, rtol=1e-9)


@given(st.sampled_from(["relu", "tanh", "gelu"]), st.floats(0.0, 0.85))
@settings(max_examples=10)
def test_the_mean_product_is_that_of_a_sample(target, beta):
    """v = E[y x] against 200,000 draws in the special coordinates, 6 standard errors each."""
    problem = onestep.Problem(
        n=500, m=500, k=500, alpha=0.0, beta=beta, target=target, direction="aligned"
    )
    special = coordinates(problem)
    rng = np.random.default_rng(0)
    kappa, cluster = special.inputs.sample(200_000, rng)
    products = kappa * special.labels.sample(kappa, cluster, rng)[:, None]
    slope = float(onestep.hermite.coefficients("relu", 1, problem.scale)[1]) / problem.scale
    step = (special.neurons - np.eye(special.inputs.n) / problem.trace) / (
        problem.eta * slope / problem.k
    ) ** 2
    v = products.mean(axis=0)
    error = products.std(axis=0) / np.sqrt(200_000)
    # Sampling noise of the step is no mean of anything.
    noise = special.layout.noise
    found = np.sqrt(np.diagonal(step))
    assert np.all(np.delete(np.abs(found - np.abs(v)) < 6 * error + 1e-9, noise))
    y2, free = special.labels.second_moment(special.inputs), problem.n - special.inputs.n + 1
    assert np.isclose(step[noise, noise].item(), y2 * free / problem.m)


@pytest.mark.parametrize("activation", ["relu", "tanh", "he(2)"])
@pytest.mark.parametrize("beta", [0.5, 0.85])
def test_eigenvalues_are_those_of_the_kernel_at_quadrature_nodes(activation, beta):
    """The monomial basis against Nystrom's method on a tensor rule, without a step."""
    problem = onestep.Problem(
        n=800, m=800, k=800, alpha=0.0, beta=beta, step=0.0, activation=activation, target="class"
    )
    modes = spike_strengths(problem, 2)
    special = coordinates(problem)
    function = OfActivation(activations.get(activation))
    found = WideKernel.of(special, function, 0.0, floor=1e-6).eigenvalues[::-1][:2] * problem.k
    # One isotropic dimension, that of the step's noise, is a coordinate here and bulk there.
    assert np.allclose(found, modes, rtol=3e-3)


CLOSED = {"relu": onestep.hermite.arc_cosine_kernel, "erf": onestep.hermite.arcsine_kernel}


@pytest.mark.parametrize(
    ("activation", "target"),
    [("relu", "relu"), ("relu", "class"), ("erf", "tanh"), ("erf", "step")],
)
@pytest.mark.parametrize("beta", [0.6, 0.9])
def test_what_kernel_regression_misses_is_that_of_the_closed_kernel(activation, target, beta):
    """``E y (y - f)`` by Nystrom's method on Legendre nodes, at ridges from large to small.

    Where spread is large the kernel and the label vary over distances that few nodes do not see.
    """
    problem = onestep.Problem(
        n=1000, m=1000, k=1000, alpha=0.0, beta=beta, activation=activation, target=target,
        direction="aligned",
    )  # fmt: skip
    special = coordinates(problem)
    function = OfActivation(activations.get(activation))
    found = WideKernel.of(special, function, 0.0, floor=1e-7)
    points, weights, labels_there = nystrom_nodes(special)
    C = points @ special.neurons @ points.T
    tau = np.sqrt(special.bulk_scale**2 + np.diagonal(C))
    K = CLOSED[activation](np.clip(C / np.outer(tau, tau), -1, 1), (tau[:, None], tau[None, :]))
    root = np.sqrt(weights)
    mu, U = np.linalg.eigh(root[:, None] * K * root)
    label = (U.T @ (root * labels_there)) ** 2
    assert np.isclose(weights @ labels_there**2, found.y2, rtol=1e-6)
    for delta in (1e-2, 1e-3, 1e-4):
        expected = found.y2 - np.sum(label * mu / (mu + delta))
        missed = found.y2 - np.sum(found.label * found.eigenvalues / (found.eigenvalues + delta))
        assert np.isclose(missed, expected, rtol=5e-4)  # the series ends at degree 12


def nystrom_nodes(special):
    """Product rule over kappa in both clusters: points, weights, and the label there."""
    x, w = np.polynomial.legendre.leggauss(20)
    half, weight = 3.7 * (x + 1), 3.7 * w * np.exp(-0.5 * (3.7 * (x + 1)) ** 2) / np.sqrt(2 * np.pi)
    long = np.append(-half[::-1], half), np.append(weight[::-1], weight)
    short = gauss(3)
    points, weights, label = [], [], []
    for c, rho in enumerate(special.inputs.weights):
        root = coordinate_rules.half(special, c)
        direction = special.labels.direction(special.inputs, c)
        # The label sees one axis, or none; the spike of the cluster is the long one then.
        axis = root @ direction if np.any(direction) else root @ special.inputs.directions[c][:, 0]
        first = axis / np.linalg.norm(axis)
        others = np.linalg.svd(first[None, :])[2][1:]
        grid, q = product([long] + [short] * len(others))
        kappa = grid @ np.vstack([first, others]) @ root
        points.append(kappa)
        weights.append(rho * q)
        label.append(special.labels.mean(special.inputs, c, grid[:, 0]))
    return np.vstack(points), np.concatenate(weights), np.concatenate(label)


def test_polynomials_of_other_scales_enter_exactly():
    """The kernel's table of a polynomial against its exact coefficients at the bulk's scale."""
    special = coordinates(onestep.Problem(n=500, m=500, k=500, direction="aligned"))
    expansion = HermiteExpansion.of("gelu", degree=3, scale=special.bulk_scale)
    kernel = WideKernel.of(special, OfPolynomial(expansion), expansion.residual, floor=1e-8)
    assert isinstance(special.labels, SingleIndex)
    slope = expansion.coefficients[1] / special.bulk_scale
    # h_1 at the scale of a preactivation with its spike: larger by 3 h_3 (tau^2/b^2 - 1)/b.
    assert abs(kernel.slope / slope - 1) < 0.05
    assert kernel.noise > expansion.residual


def test_means_of_neurons_and_of_inputs_make_one_kernel():
    """J over neurons and K over inputs are two views of one operator: equal eigenvalues.

    Two independent quadratures, over u and over kappa, where g is the same for all neurons.
    """
    problem = onestep.Problem(
        n=8000, m=8000, k=8000, alpha=0.3, beta=0.85, direction="aligned", target="tanh"
    )
    special = coordinates(problem)
    function = OfActivation(activations.get("relu"))
    found = WideKernel.of(special, function, 0.0, floor=1e-7)
    types = limit(problem).types
    gram = (types.means.T * np.tile(types.weights, 2)) @ types.means
    J = np.linalg.eigvalsh(gram)[::-1]
    assert np.allclose(J[:6], found.eigenvalues[::-1][:6], rtol=1e-3)
    # The label's share in the five leading modes, whichever way they are computed.
    _, axes = np.linalg.eigh(gram)
    label = np.sum((axes.T @ types.label) ** 2, axis=1)[::-1]
    assert np.allclose(np.sum(label[:5]), np.sum(found.label[::-1][:5]), rtol=1e-3)
