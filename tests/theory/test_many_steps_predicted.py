"""Errors after several steps: formulas against a simulation in plain NumPy, and refusals."""

from dataclasses import replace

import numpy as np
import pytest

import onestep
from onestep import theory
from onestep.network import Problem

N, M, THETA, ETA, RIDGE = 100, 180, 6.0, 15.0, 1e-2


def one_network(steps: int, batch: str, rng: np.random.Generator) -> tuple[float, float]:
    """Errors of a tanh network on two spiked clusters; labels are ReLUs along their sum."""
    axes = np.linalg.qr(rng.standard_normal((N, 2)))[0].T
    xi = axes.sum(axis=0) / np.sqrt(2 * (1 + THETA / 2))

    def sample(size):
        X = rng.standard_normal((size, N))
        spike = axes[rng.integers(2, size=size)]
        X += (np.sqrt(1 + THETA) - 1) * np.sum(X * spike, axis=1)[:, None] * spike
        return X, np.maximum(X @ xi, 0)

    F = rng.standard_normal((N, N)) / np.sqrt(N + THETA)
    w = rng.standard_normal(N) / np.sqrt(N)
    first = sample(M)
    for t in range(steps):
        X, y = first if batch == "reused" or not t else sample(M)
        T = np.tanh(X @ F.T)
        error = y - T @ w / np.sqrt(N)
        F = F + ETA / M * (w[:, None] * ((1 - T**2) * error[:, None]).T) @ X / np.sqrt(N)
    X, y = sample(M)
    phi = np.tanh(X @ F.T) / np.sqrt(N)
    a = np.linalg.solve(phi.T @ phi / M + RIDGE * np.eye(N), phi.T @ y / M)
    train = np.mean((y - phi @ a) ** 2) / 2 + RIDGE * (a @ a) / 2
    X, new = sample(4000)
    return train, np.mean((new - np.tanh(X @ F.T) @ a / np.sqrt(N)) ** 2) / 2


@pytest.mark.parametrize("method", ["equivalent", "conditional"])
@pytest.mark.parametrize(
    ("steps", "batch"), [(2, "fresh"), (2, "reused"), (3, "fresh"), (3, "reused")]
)
def test_formulas_know_several_steps(steps, batch, method):
    """Within n^-1/2 and three standard errors; the prediction after one step is far from it."""
    rng = np.random.default_rng(steps)
    drawn = np.array([one_network(steps, batch, rng) for _ in range(40)])
    problem = Problem(
        n=N, m=M, k=N, spread=THETA, step=ETA, ridge=RIDGE, activation="tanh", direction="aligned",
        steps=steps, batch=batch,
    )  # fmt: skip
    trials = 40 if method == "equivalent" else 6

    def means(each):
        found = onestep.predict(each, ["network"], trials, method=method).isel(model=0)
        return np.array([found.training_error, found.generalization_error]).mean(axis=1)

    mean, error = drawn.mean(axis=0), drawn.std(axis=0) / np.sqrt(40)
    right, one = means(problem), means(replace(problem, steps=1))
    assert np.all(np.abs(mean / right - 1) < N**-0.5 + 3 * error / right)
    assert 2 * abs(mean[1] - right[1]) < one[1] - mean[1]


@pytest.mark.parametrize("method", ["scalar", "scalar-conditional"])
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"steps": 2}, "steps = 2"),
        ({"second_layer": "signs"}, "second_layer = 'signs'"),
        ({"update": "sign"}, "update = 'sign'"),
        ({"decay": 0.01}, "decay = 0.01"),
    ],
)
def test_limits_refuse_what_they_do_not_cover_by_name(method, change, named):
    with pytest.raises(
        ValueError, match=rf"{named} is not allowed: .*'{method}'.* one gradient step"
    ):
        onestep.predict(Problem(n=60, m=60, k=60, **change), method=method)
    with pytest.raises(ValueError, match=named):
        onestep.readout_curves(
            Problem(n=60, m=60, k=60, **change), ridges=[0.1], samples=[50], method=method
        )


def test_whatever_rests_on_one_step_refuses_two():
    two = Problem(n=60, m=60, k=60, steps=2)
    for function in (
        onestep.step_decomposition,
        onestep.conditional_surrogate,
        onestep.feature_projections,
        onestep.feature_spectrum,
        onestep.feature_law,
        onestep.predicted_outliers,
        theory.limit.layer_outlier,
        theory.limit.coordinates,
        lambda problem: theory.limit.limit_without(problem, "nothing"),
    ):
        with pytest.raises(ValueError, match=r"steps = 2 is not allowed: .* one gradient step"):
            function(two)


def test_limits_know_the_size_of_the_step_sample():
    """A hundred times the sample, and the step's noise is gone: the limit follows the layer."""
    base = Problem(n=300, m=300, k=300, alpha=1.0, beta=0.85, activation="tanh", ridge=1e-2)
    found = {
        (size, method): onestep.predict(
            replace(base, step_samples=size), ["network"], method=method
        )
        .generalization_error.mean()
        .item()
        for size in (300, 6000)
        for method in ("scalar", "equivalent")
    }
    for size in (300, 6000):
        assert abs(found[size, "scalar"] / found[size, "equivalent"] - 1) < 300**-0.5
    assert found[6000, "scalar"] < 0.97 * found[300, "scalar"]
