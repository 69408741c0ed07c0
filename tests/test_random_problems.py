"""Random problems through `simulate` and every method: right, or refused by name.

The suite tries 20; `make probe` tries 200.
"""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import onestep
from onestep.theory import METHODS

NAMED = re.compile(
    "|".join(rf"\b{each.name}\b" for each in fields(onestep.Problem)) + r"|\bmethod\b|\bscale\b"
)
"""A refusal names one of these."""

ACTIVATIONS = [
    *("relu", "tanh", "sigmoid", "erf", "softplus", "gelu", "silu", "step", "abs", "sin", "cos"),
    *("identity", "exp_bump", "cubic", "hard_tanh", "elu", "leaky_relu(0.3)", "he(2)", "he(5)"),
    *("relu(z - 1)", "z*tanh(z)", "Max(0, x)**2", "Piecewise((0, z < 0), (z, True))", "exp(z/3)"),
    *("sqrt(abs(z))", "z + 1", "1", "sign(z**2 - 1)", "exp(z**2/30)"),
]

UNEVEN = "sqrt(abs(z))"
"""Infinitely steep at 0: a rule takes 50 ms a neuron at every node, so that neurons are few."""

COSTLY = "scalar-conditional"
"""Takes up to a minute at such problems: on every fourth of them."""


def problem_of(seed: int) -> onestep.Problem:
    """A problem of small size within the documented ranges.

    By a generator of its own: neighbours would be variations of one costly problem.
    """
    rng = np.random.default_rng(seed)

    def one(*values: Any) -> Any:
        return values[rng.integers(len(values))]

    clusters, rank = one(*[(1, 1)] * 4, *[(2, 1)] * 4, (1, 2), (3, 1))
    n = int(one(rng.integers(clusters * rank, 12), *[rng.integers(12, 80)] * 4)) + 1
    weights = rng.dirichlet(np.full(clusters, 5.0))
    weights[-1] = 1 - weights[:-1].sum()
    split = 2 * rng.random()
    training: dict[str, Any] = {}
    if one(False, False, True):
        training = {
            "steps": int(one(1, 2, 3)),
            "batch": one("fresh", "reused"),
            "step_samples": one(None, 1, int(rng.integers(1, 80))),
            "second_layer": one("gaussian", "signs"),
            "update": one("gradient", "gradient", "normalised", "sign", "adam"),
            "decay": one(0.0, 0.0, 0.005),
        }
    activation = one(*ACTIVATIONS)
    return onestep.Problem(
        n=n,
        m=rng.integers(2, 80),
        k=rng.integers(1, 3 if activation == UNEVEN else 24),
        alpha=one(0.0, 1.0, *rng.random(3)),
        beta=one(0.0, 1.0, *rng.random(6)),
        activation=activation,
        target=one(*ACTIVATIONS, *["class"] * (6 if clusters > 1 else 0)),
        direction=one("random", "random", "aligned", rng.standard_normal(n)),
        weights=weights,
        rank=rank,
        alignment=one(0.0, 0.0, 1.0, -1.0, rng.uniform(-1, 1)),
        means=one(None, None, None, rng.standard_normal((clusters, n)) * rng.random()),
        noise=one(0.0, 0.0, 0.5, 3.0),
        ridge=10 ** rng.uniform(-8, 4),
        construction=one("exact", "exact", "published"),
        strengths=one(None, None, [[split, 2 - split][:rank]] * clusters),
        spread=one(None, None, None, rng.uniform(0, 100)),
        step=one(None, None, None, rng.uniform(0, 100)),
        **training,
    )


def _refused(problem: onestep.Problem, error: Exception) -> None:
    assert NAMED.search(str(error)), f"{problem}: {error!r} names nothing"


def _right(problem: onestep.Problem, found: object, exact: bool) -> None:
    """What holds for the errors of any ridge regression, whatever the features."""
    training, plain, new = (
        np.asarray(found[name])
        for name in ("training_error", "plain_training_error", "generalization_error")
    )
    for values in (training, plain, new):
        assert np.all(np.isfinite(values)) and np.all(values >= 0), f"{problem}: {values}"
    slack = 1 + 1e-9 if exact else 1.02
    assert np.all(plain <= training * slack + 1e-12), f"{problem}: {plain} > {training}"
    floor = problem.noise**2 / 2 / slack - 1e-9
    assert np.all(new >= floor), f"{problem}: {new} is below the noise of the labels"


def _check(problem: onestep.Problem) -> None:
    try:
        simulated = onestep.simulate(problem, trials=2, threads=1)
    except ValueError as error:
        _refused(problem, error)
    else:
        _right(problem, simulated, exact=True)
    model = ("network", "hermite")[problem.m % 2]  # one of them: the limit takes its time
    for method in METHODS:
        if method == COSTLY and problem.m % 4:
            continue
        try:
            found = onestep.predict(problem, [model], method=method)
        except ValueError as error:
            _refused(problem, error)
            continue
        good = (found.status == "converged").values
        assert np.all(found.status != ""), f"{problem}: {found.status.values}"
        errors = [found[name].values for name in ("training_error", "generalization_error")]
        assert all(np.all(np.isnan(each[~good])) for each in errors), f"{problem}: {method}"
        flat = found.stack(all=("model", "trial"))
        _right(problem, flat.isel(all=good.ravel()), exact=False)


def test_a_random_problem_is_computed_or_refused_by_name(request: pytest.FixtureRequest) -> None:
    @settings(
        max_examples=request.config.getoption("problems"),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 2**32).map(problem_of))
    def each(problem: onestep.Problem) -> None:
        _check(problem)

    each()
