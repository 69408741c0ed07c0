"""Outliers after the step, against networks drawn by code that the library does not share."""

import numpy as np
import pytest
from scipy.special import ndtr

import onestep
from onestep import claims
from onestep.spectrum import Bulk, SampleSpectrum
from onestep.theory.limit import (
    LEARNED,
    NeuronTypes,
    TypedSpectrum,
    layer_outlier,
    predicted_outliers,
)

FUNCTIONS = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "gelu": (
        lambda z: z * ndtr(z),
        lambda z: ndtr(z) + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi),
    ),
}


def drawn(problem, trials, seed=0, top=6):
    """Eigenvalues, squared cosines with `LEARNED`, and the layer's outlier, in plain numpy."""
    n, m, k = problem.n, problem.m, problem.k
    theta, eta = n ** (problem.beta * (1 - problem.alpha)), n ** (problem.beta * problem.alpha)
    (sigma, slope), (target, _) = FUNCTIONS[problem.activation], FUNCTIONS[problem.target]
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(trials):
        spikes = np.linalg.qr(rng.standard_normal((n, 2)))[0]
        xi = spikes.sum(1) if problem.direction == "aligned" else rng.standard_normal(n)
        xi /= np.linalg.norm(xi) * np.sqrt(1 + theta / 2)
        samples = []
        for _ in range(2):
            X, own = rng.standard_normal((m, n)), spikes[:, rng.integers(2, size=m)].T
            X += (np.sqrt(1 + theta) - 1) * np.sum(X * own, axis=1)[:, None] * own
            samples.append((X, target(X @ xi)))
        F, w = rng.standard_normal((k, n)) / np.sqrt(n + theta), rng.standard_normal(k) / k**0.5
        X, y = samples[0]
        Z = F @ X.T
        F += eta * (np.outer(w, y - w @ sigma(Z) / k**0.5) * slope(Z)) @ X / (m * k**0.5)
        v = X.T @ y
        X, y = samples[1]
        _, values, right = np.linalg.svd(sigma(F @ X.T) / np.sqrt(m), full_matrices=False)
        known = np.column_stack([f / np.linalg.norm(f) for f in (X @ xi, X @ v, y)])
        U, s, V = np.linalg.svd(F, full_matrices=False)
        vectors = [(V[0] @ xi, xi), (V[0] @ v, v), (U[:, 0] @ w, w)]
        layer = [s[0], *((product / np.linalg.norm(f)) ** 2 for product, f in vectors)]
        found.append((values[:top] ** 2, (right[:top] @ known) ** 2, layer))
    return [np.array(each) for each in zip(*found, strict=True)]


SETTINGS = [
    ("gelu", "aligned", 0.7, 0.9, (300, 300, 300)),
    ("gelu", "aligned", 1.0, 0.8, (300, 300, 300)),
    ("relu", "aligned", 0.5, 0.85, (300, 450, 200)),
    ("relu", "aligned", 1.0, 1.0, (200, 300, 300)),
    ("tanh", "aligned", 1.0, 0.9, (300, 300, 300)),
    ("relu", "random", 1.0, 0.9, (300, 400, 300)),
    ("tanh", "random", 0.3, 0.9, (300, 300, 250)),
]


def near(sample, expected, relative, absolute=0.0):
    """Within 3 standard errors and a margin for the finite size."""
    estimate = claims.sample(sample)
    margin = 3 * estimate.standard_error + relative * abs(expected) + absolute
    return abs(estimate.value - expected) < margin


@pytest.mark.parametrize(("activation", "direction", "alpha", "beta", "sizes"), SETTINGS)
def test_outliers_after_a_step(activation, direction, alpha, beta, sizes):
    """Sums over outliers, since equal ones repel: 3 % and 3 standard errors of 16 draws."""
    problem = onestep.Problem(
        **dict(zip("nmk", sizes, strict=True)), alpha=alpha, beta=beta, activation=activation,
        target=activation, direction=direction,
    )  # fmt: skip
    found = predicted_outliers(problem)
    values, cosines, layer = drawn(problem, 16)
    first = int(found.power_of[0] == 0)  # the mean of the features is no learned direction
    seen = slice(first, int(found.position.notnull().sum()))
    assert near(values[:, seen].sum(axis=1), float(found.position[seen].sum()), 0.03)
    for j, name in enumerate(LEARNED):
        expected = float(found.learned.sel(function=name)[seen].sum())
        assert near(cosines[:, seen, j].sum(axis=1), expected, 0.0, 0.04)
    weights = layer_outlier(problem)
    if weights.singular_value > 1.1 * weights.edge:
        expected = (weights.singular_value, weights.index, weights.step, weights.readout)
        for j, each in enumerate(expected):
            assert near(layer[:, j], each, 0.03 if j == 0 else 0.0, 0.0 if j == 0 else 0.03)


@pytest.mark.parametrize(("alpha", "beta"), [(0.7, 0.9), (1.0, 0.8)])
def test_without_the_step_the_formula_misses_what_is_learned(alpha, beta):
    problem = onestep.Problem(
        n=300, m=300, k=300, alpha=alpha, beta=beta, activation="gelu", target="gelu",
        direction="aligned",
    )  # fmt: skip
    values = claims.sample(drawn(problem, 8)[0][:, 1])
    settings = {eta: onestep.Problem(**{**vars(problem), "step": eta}) for eta in (None, 0.0)}
    full, none = (predicted_outliers(each) for each in settings.values())
    assert abs(float(full.position[1]) / values.value - 1) < 0.1
    without = none.position[1].fillna(none.edge)
    assert float(without) < values.value - 4 * values.standard_error
    assert float(without) < 0.85 * values.value


def test_labels_that_see_nothing_teach_nothing():
    """A step on labels without E[y x] moves along noise alone; more noise, more of it."""
    problem = onestep.Problem(n=300, m=300, k=300, alpha=1.0, beta=0.9, activation="tanh")
    odd, even = (
        predicted_outliers(onestep.Problem(**{**vars(problem), "target": t})).learned[0]
        for t in ("tanh", "abs")
    )
    assert float(odd.sel(function="index")) > 0.1 > 1e-6 > float(even.sel(function="index"))
    assert float(even.sel(function="step")) > 0.5


def test_one_type_is_the_law_of_marchenko_and_pastur():
    k, n, m, slope, noise, scale, strength = 300, 500, 400, 0.6, 0.4, 0.9, 3.0
    types = NeuronTypes(
        weights=np.array([0.3, 0.7]),
        means=np.vstack([np.full((2, 1), np.sqrt(strength / k)), np.zeros((2, 1))]),
        slopes=np.full((2, 1), scale * slope),
        rest=np.full(2, noise**2),
        label=np.zeros((1, 1)),
        y2=1.0,
    )
    typed, law = TypedSpectrum(types, k, n, m), SampleSpectrum(Bulk(k, n, slope, noise, scale), m)
    assert np.isclose(typed.edge, law.edge, rtol=1e-9)
    assert np.isclose(typed.threshold, law.threshold, rtol=1e-6)
    assert np.isclose(typed.detection_limit, law.detection_limit, rtol=1e-4)
    [found], expected = typed.outliers(3), law.spike(strength)
    assert np.isclose(found.population, expected.population, rtol=1e-9)
    assert np.isclose(found.sample, expected.sample, rtol=1e-9)
    assert np.isclose(found.cosine, expected.alignment, rtol=1e-8)
    assert np.isnan(typed.position(0.9 * law.bulk.edges[1]))


def test_two_types_are_those_of_a_drawn_covariance():
    """The upper end of the spectrum of ``D F F^T D + E`` for neurons of two kinds, k = 1500."""
    k, n, rng = 1500, 1000, np.random.default_rng(5)
    slopes, rest = np.array([0.4, 0.9]), np.array([0.5, 0.1])
    types = NeuronTypes(
        np.array([0.5, 0.5]), np.zeros((4, 1)), slopes[:, None], rest, np.zeros((1, 1)), 1.0
    )
    spectrum = TypedSpectrum(types, k, n, m=10**9)  # of the population itself
    kind = np.arange(k) % 2
    F = slopes[kind, None] * rng.standard_normal((k, n)) / np.sqrt(n)
    top = np.linalg.eigvalsh(F @ F.T + np.diag(rest[kind]))[-1]
    assert abs(spectrum.edge / top - 1) < 5 * k ** (-2 / 3)


MEANS = ((0.5,) + (0.0,) * 299, (-0.5,) + (0.0,) * 299)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alignment": 0.5}, "alignment"),
        ({"means": MEANS}, "means"),
        ({"weights": (0.0, 1.0)}, "weights"),
        ({"activation": "he(3)"}, r"activation = 'he.3.*heavy tails"),
        ({"activation": "he(2)"}, r"activation = 'he.2.*heavy tails.* k = 300 at most 10.5"),
        ({"activation": "he(2)", "alpha": 0.0, "m": 900, "k": 900}, r"activation = 'he.2.*edge"),
        ({"activation": "abs", "n": 40, "m": 40, "k": 40, "alpha": 0.0}, "k = 40.*few neurons"),
    ],
)
def test_what_is_not_covered_is_refused_by_name(options, message):
    with pytest.raises(ValueError, match=message):
        predicted_outliers(
            onestep.Problem(**({"n": 300, "m": 300, "k": 300, "beta": 0.8} | options))
        )


def test_a_layer_with_a_step_of_higher_rank_is_refused():
    with pytest.raises(ValueError, match=r"target = 'class'.*3 classes"):
        layer_outlier(onestep.Problem(n=60, m=60, k=60, weights=(0.3, 0.3, 0.4), target="class"))
