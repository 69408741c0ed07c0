"""The limit given the coordinates: its derivatives, its special cases, and trained layers."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import onestep
from onestep import activations
from onestep.network import Network
from onestep.theory.limit import ConditionalLimit, coordinates
from onestep.theory.limit.scalar_conditional import State
from oracles import KernelLimit

STRONG = onestep.Problem(
    n=300, m=400, k=350, alpha=0.0, beta=0.75, activation="tanh", direction="aligned", ridge=1e-2
)
ERRORS = ("training_error", "plain_training_error", "generalization_error")


def limit_of(problem: onestep.Problem) -> ConditionalLimit:
    features = Network().feature_map(activations.get(problem.activation), problem.scale, 1)
    return ConditionalLimit.of(coordinates(problem), problem.k, features)


def errors(problem: onestep.Problem, method: str) -> np.ndarray:
    found = onestep.predict(problem, method=method, models=["network"], guarded=False)
    assert (found.status != "failed").all()
    return np.array([found[name].mean().item() for name in ERRORS])


@pytest.fixture(scope="module")
def strong() -> ConditionalLimit:
    return limit_of(STRONG)


def minimum(limit: ConditionalLimit, omega: float, epsilon: float, m: int = STRONG.m) -> float:
    """Twice the minimum with the population's loss added, by the plain fixed point."""
    W, g = np.ones(limit.inputs.size), None
    for _ in range(60):
        state = State(limit, m, omega, W, g)
        g = state.g
        before, W = W, 1 / (1 + state.V) + epsilon
        if np.abs(W - before).max() < 1e-12:
            break
    else:
        pytest.fail("the plain iteration did not settle")
    return float(state.minimum)


def test_the_generalization_error_is_the_derivative_of_the_minimum(
    strong: ConditionalLimit,
) -> None:
    found = strong.errors(STRONG.m, STRONG.ridge)
    omega, step = STRONG.ridge * STRONG.k, 1e-4
    low, middle, high = (minimum(strong, omega, e) for e in (-step, 0.0, step))
    assert middle == pytest.approx(2 * found.training_error, rel=1e-10)
    assert (high - low) / (2 * step) == pytest.approx(2 * found.generalization_error, rel=1e-5)


def test_the_readout_s_norm_is_the_derivative_in_the_ridge(strong: ConditionalLimit) -> None:
    step = 1e-4
    low, middle, high = (
        strong.errors(STRONG.m, STRONG.ridge * math.exp(e)) for e in (-step, 0.0, step)
    )
    by_ridge = (high.training_error - low.training_error) / (2 * step)
    assert middle.training_error - by_ridge == pytest.approx(middle.plain_training_error, rel=1e-6)


def test_an_imaginary_step_carries_the_derivative(strong: ConditionalLimit) -> None:
    rng = np.random.default_rng(1)
    omega, step = STRONG.ridge * STRONG.k, 1e-5
    W = rng.uniform(0.3, 0.7, strong.inputs.size)
    along = rng.uniform(-1, 1, W.size)
    state = State(strong, STRONG.m, omega, W, None)
    low, high = (State(strong, STRONG.m, omega, W + e * along, None) for e in (-step, step))
    difference = (high.V - low.V) / (2 * step)
    by_step = State(strong, STRONG.m, omega, W + 1e-20j * along, state.g)
    size = np.abs(difference).max()
    assert np.abs(by_step.V.imag / 1e-20 - difference).max() < 1e-7 * size


@pytest.mark.parametrize("activation", ["relu", "tanh", "softplus"])
def test_far_from_full_strength_it_is_the_plain_limit(activation: str) -> None:
    """Nothing is drawn: sizes cost nothing, and what tells the two apart fades."""
    problem = onestep.Problem(
        n=10**6, m=10**6, k=10**6, alpha=0.5, beta=0.4, activation=activation,
        direction="aligned", ridge=1e-7,
    )  # fmt: skip
    plain = errors(problem, "scalar")
    assert errors(problem, "scalar-conditional") == pytest.approx(plain, rel=2e-4)
    # The agreement is no accident: at full strength they differ by per cents.
    full = replace(problem, alpha=0.0, beta=1.0)
    assert abs(errors(full, "scalar-conditional") / errors(full, "scalar") - 1).max() > 0.01


def test_a_linear_student_is_homoscedastic() -> None:
    problem = onestep.Problem(
        n=10**6, m=2 * 10**6, k=10**6, alpha=0.0, beta=1.0, activation="identity",
        target="z + 0.5 * z**2", direction="aligned", ridge=1e-7,
    )  # fmt: skip
    plain = errors(problem, "scalar")
    assert errors(problem, "scalar-conditional") == pytest.approx(plain, rel=1e-5)


@pytest.mark.parametrize(
    ("activation", "fields"),
    [
        ("tanh", {"alpha": 0.0, "beta": 0.9, "direction": "aligned"}),
        ("relu", {"alpha": 0.0, "beta": 0.85, "target": "class"}),
    ],
)
def test_trained_layers_scatter_around_it(activation: str, fields: dict[str, object]) -> None:
    """Mean of the conditional formula over 5 layers, within 3 % beyond 3.5 standard errors."""
    problem = onestep.Problem(n=200, m=200, k=200, activation=activation, ridge=1e-3, **fields)
    layers = onestep.predict(
        problem, method="conditional", trials=5, seed=5, models=["network"], guarded=False
    )
    limit = onestep.predict(problem, method="scalar-conditional", models=["network"], guarded=False)
    for name in ERRORS:
        ratio = layers[name].values[0] / limit[name].item()
        noise = ratio.std(ddof=1) / math.sqrt(ratio.size)
        assert abs(ratio.mean() - 1) < 0.03 + 3.5 * noise, name


def test_even_labels_move_the_rows_near_full_strength() -> None:
    """E[y x] = 0, and yet the step changes the errors by a third: a row's step depends on it."""
    problem = onestep.Problem(
        n=400, m=400, k=200, alpha=0.0, beta=1.0, activation="relu", target="abs",
        direction="aligned", ridge=0.005,
    )  # fmt: skip
    drawn = onestep.simulate(problem, models=["network"], trials=12).generalization_error[0]
    given = drawn / errors(problem, "scalar-conditional")[2] - 1
    plain = drawn / KernelLimit.at(problem).errors(400, 0.005).generalization_error - 1
    noise = float(given.std(ddof=1)) / math.sqrt(given.size)
    assert abs(float(given.mean())) < 0.1 + 3.5 * noise
    assert float(plain.mean()) < -0.25


def test_it_knows_the_norm_of_the_features() -> None:
    """With one class for a label, ReLU's error is made by the fluctuation of the features' norm."""
    problem = onestep.Problem(n=400, m=400, k=400, target="class", weights=(0.0, 1.0))
    layers = onestep.predict(
        problem, trials=3, models=["network"], guarded=False
    ).generalization_error.mean()
    given, averaged = (errors(problem, each)[2] for each in ("scalar-conditional", "scalar"))
    leading = KernelLimit.at(problem).errors(problem.m, problem.ridge).generalization_error
    assert given == pytest.approx(layers.item(), rel=0.06)
    assert averaged == pytest.approx(layers.item(), rel=0.06)
    assert leading < 0.85 * layers.item()


def test_no_ridge_shows_the_peak(strong: ConditionalLimit) -> None:
    at_peak, beyond = (strong.errors(m, 1e-9) for m in (STRONG.k, 2 * STRONG.k))
    assert at_peak.status == beyond.status != "failed"
    assert at_peak.generalization_error > 20 * beyond.generalization_error


def test_a_large_ridge_leaves_the_label(strong: ConditionalLimit) -> None:
    special = coordinates(STRONG)
    y2 = special.labels.second_moment(special.inputs)
    found = strong.errors(STRONG.m, 1e8)
    assert [getattr(found, name) for name in ERRORS] == pytest.approx([y2 / 2] * 3, rel=1e-6)


def test_polynomial_models_and_several_outputs() -> None:
    clusters = onestep.Problem(
        n=300, m=300, k=300, alpha=0.0, beta=0.6, target="class", weights=(0.3, 0.3, 0.4)
    )
    found = onestep.predict(clusters, method="scalar-conditional", degree=2, guarded=False)
    assert (found.status != "failed").all()
    layers = onestep.predict(clusters, trials=3, degree=2, guarded=False)
    for name in ERRORS:
        assert found[name].values[:, 0] == pytest.approx(
            layers[name].mean("trial").values, rel=0.04
        )


def test_where_the_average_over_inputs_is_small_enough_the_refusal_names_it() -> None:
    five = onestep.Problem(n=200, m=200, k=200, weights=(0.2,) * 5)
    with pytest.raises(ValueError, match="'scalar' needs a smaller one"):
        onestep.predict(five, ["network"], method="scalar-conditional", guarded=False)
    assert onestep.predict(five, ["network"], method="scalar").status.item() == "converged"
    with pytest.raises(ValueError, match="too many spikes") as refused:
        onestep.predict(
            onestep.Problem(n=200, beta=0.9, alpha=0.0, rank=3),
            ["network"],
            method="scalar",
            guarded=False,
        )
    assert "'scalar'" not in str(refused.value)


def test_too_many_spikes_are_refused() -> None:
    with pytest.raises(ValueError, match="too many spikes"):
        onestep.predict(
            onestep.Problem(beta=0.9, alpha=0.0, rank=8), method="scalar-conditional", guarded=False
        )
