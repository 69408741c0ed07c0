"""The limit for inputs of any spectrum: against other formulas, and where it must not change."""

from dataclasses import replace

import numpy as np
import pytest

import onestep
from onestep import Problem
from onestep.inputs import DenseMixture, fashion
from onestep.network import TrainedLayer

ERRORS = ("kappa", "training_error", "generalization_error")


def power_law(n, exponents, traces=None, weights=None):
    j = np.arange(1, n + 1.0)
    traces = traces or [1.0] * len(exponents)
    covariances = [
        np.diag(n * t * j**-a / np.sum(j**-a)) for a, t in zip(exponents, traces, strict=True)
    ]
    weights = np.full(len(exponents), 1 / len(exponents)) if weights is None else np.array(weights)
    return DenseMixture(weights, np.array(covariances), np.zeros((len(exponents), n)))


def direction(n, seed=3):
    return tuple(np.random.default_rng(seed).standard_normal(n))


def limit(problem, inputs=None, models=("network",)):
    found = onestep.predict(
        problem, list(models), method="scalar", inputs=inputs, degree=3, guarded=False
    )
    return np.array([found[name].values[:, 0] for name in ERRORS])


def given(problem, inputs, trials):
    found = onestep.predict(problem, ["network"], trials, inputs=inputs, guarded=False)
    values = np.array([found[name].values[0] for name in ERRORS])
    return values.mean(axis=1), values.std(axis=1, ddof=1) / trials**0.5


@pytest.mark.parametrize(
    "fields",
    [
        {
            "activation": "gelu",
            "target": "relu",
            "alpha": 0.5,
            "beta": 0.6,
            "direction": direction(300),
        },
        {"activation": "relu", "target": "class", "alpha": 0.3, "beta": 0.8},
        {"activation": "tanh", "target": "sign(z)", "step": 0.0, "direction": direction(300)},
    ],
)
def test_few_spikes_come_out_as_by_the_other_limit(fields):
    # Which counts the fluctuations of norms, of relative order 1/n, in another way.
    problem = Problem(n=300, m=300, k=300, **fields)
    inputs = TrainedLayer.train(problem).inputs
    models = ("network", "hermite")
    found = limit(problem, inputs, models) / limit(problem, models=models) - 1
    assert np.abs(found).max() < 0.01


def test_means_come_out_as_by_the_other_limit():
    means = np.zeros((2, 300))
    means[0, 0], means[1, 1] = 1.5, 1.0
    problem = Problem(
        n=300, m=300, k=300, activation="gelu", target="class", alpha=0.5, beta=0.5,
        means=tuple(map(tuple, means.tolist())),
    )  # fmt: skip
    inputs = TrainedLayer.train(problem).inputs
    found = limit(replace(problem, means=None), inputs) / limit(problem) - 1
    assert np.abs(found).max() < 0.012


@pytest.mark.parametrize(
    ("exponent", "activation", "target", "step"),
    [(1.2, "relu", "z", 0.0), (1.5, "tanh", "sign(z)", 6.0), (2.0, "gelu", "abs(z)", 0.0)],
)
def test_power_laws_have_the_errors_of_drawn_layers(exponent, activation, target, step):
    n, trials = 300, 16
    problem = Problem(
        n=n, m=n, k=n, weights=(1.0,), activation=activation, target=target, step=step,
        direction=direction(n, 5), ridge=1e-3,
    )  # fmt: skip
    inputs = power_law(n, [exponent])
    right, error = given(problem, inputs, trials)
    # 3 of a thousand true formulas would miss by luck, beside what is of the order 1/n.
    assert np.all(np.abs(limit(problem, inputs)[:, 0] - right) < 3 * error + 0.015 * right)


def test_classes_of_unequal_traces_and_other_sizes():
    n = 200
    inputs = power_law(n, [1.2, 1.5], [1.0, 1.3], [0.3, 0.7])
    for fields in (
        {"m": 2 * n, "k": n, "activation": "relu", "target": "class"},
        {"m": n // 2, "k": 2 * n, "activation": "tanh", "target": "sin(z)", "noise": 0.3,
         "direction": direction(n), "ridge": 1e-2},
    ):  # fmt: skip
        problem = Problem(n=n, weights=(0.3, 0.7), step=5.0, **fields)
        right, error = given(problem, inputs, 12)
        assert np.all(np.abs(limit(problem, inputs)[:, 0] - right) < 3 * error + 0.01 * right)


def test_images_have_a_spectrum_like_any_other():
    try:
        pixels = fashion.load(download=False).pixels[:20_000]
    except fashion.DataMissing:
        pytest.skip("Fashion-MNIST is not installed")
    S = np.cov(pixels.T.astype(float))
    n = len(S)
    inputs = DenseMixture(np.ones(1), (S * n / np.trace(S))[None], np.zeros((1, n)))
    problem = Problem(
        n=n, m=n, k=n, weights=(1.0,), target="sign(z)", step=5.0, direction=direction(n)
    )
    right, error = given(problem, inputs, 4)
    assert np.all(np.abs(limit(problem, inputs)[:, 0] - right) < 5 * error + 0.01 * right)


def test_axes_do_not_matter_and_neither_does_a_split_of_a_cluster():
    n = 60
    problem = Problem(
        n=n, m=n, k=n, weights=(1.0,), activation="gelu", target="sign(z)", step=0.0,
        direction=direction(n),
    )  # fmt: skip
    inputs = power_law(n, [1.5])
    here = limit(problem, inputs)
    U, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((n, n)))
    S = U @ inputs.covariances[0] @ U.T
    turned = DenseMixture(np.ones(1), ((S + S.T) / 2)[None], np.zeros((1, n)))
    along = replace(problem, direction=tuple(U @ np.array(problem.direction)))
    np.testing.assert_allclose(limit(along, turned), here, rtol=1e-6)
    halves = DenseMixture(
        np.array([0.5, 0.5]), np.repeat(inputs.covariances, 2, axis=0), np.zeros((2, n))
    )
    np.testing.assert_allclose(limit(replace(problem, weights=(0.5, 0.5)), halves), here, rtol=1e-3)


def test_weights_scatter_as_behind_drawn_layers():
    n = 200
    for exponent, step in ((1.2, 0.0), (1.5, 6.0), (0.0, 0.0)):
        problem = Problem(
            n=n, m=n, k=n, weights=(1.0,), target="sign(z)", step=step, direction=direction(n)
        )
        inputs = power_law(n, [exponent])
        drawn = onestep.predict(problem, ["network"], 8, inputs=inputs, guarded=False)
        found = onestep.predict(problem, ["network"], method="scalar", inputs=inputs, guarded=False)
        right = float(drawn.weight_scatter.mean())
        assert found.weight_scatter.item() == pytest.approx(right, rel=0.15)


def test_what_it_cannot_know_is_refused_by_name():
    n = 40
    inputs = power_law(n, [1.5])
    problem = Problem(n=n, m=n, k=n, weights=(1.0,), direction=direction(n))
    with pytest.raises(ValueError, match="direction = 'random' is not allowed"):
        limit(replace(problem, direction="random"), inputs)
    with pytest.raises(ValueError, match="loss = 'logistic'"):
        limit(replace(problem, target="sign(z)", loss="logistic"), inputs)
    with pytest.raises(ValueError, match="inputs must be None"):
        onestep.predict(problem, method="scalar-conditional", inputs=inputs)
    with pytest.raises(ValueError, match="steps = 2"):
        limit(replace(problem, steps=2), inputs)
    U, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((n, n)))
    S = U @ inputs.covariances[0] @ U.T
    apart = DenseMixture(
        np.array([0.5, 0.5]), np.array([inputs.covariances[0], (S + S.T) / 2]), np.zeros((2, n))
    )
    with pytest.raises(ValueError, match="clusters must share eigen-axes"):
        limit(replace(problem, weights=(0.5, 0.5)), apart)
    covariances = np.array([inputs.covariances[0], np.zeros((n, n))])
    point = DenseMixture(np.array([0.5, 0.5]), covariances, np.zeros((2, n)))
    with pytest.raises(ValueError, match="covariance 1 is 0"):
        limit(Problem(n=n, m=n, k=n, target="class"), point)
    spread = power_law(n, [0.3])
    with pytest.raises(ValueError, match="the step moves neurons along"):
        limit(replace(problem, step=300.0), spread)


def test_a_ridge_beyond_everything_learns_nothing():
    n = 20
    problem = Problem(n=n, m=n, k=n, weights=(1.0,), direction=direction(n), ridge=1e20)
    kappa, training, generalization = limit(problem, power_law(n, [1.5]))[:, 0]
    assert kappa == pytest.approx(1e20)
    assert training == pytest.approx(generalization, rel=1e-9)
