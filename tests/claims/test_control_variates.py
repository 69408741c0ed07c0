"""Means that are freed of what variates of known mean make of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import onestep
from onestep import claims


@given(st.integers(0, 10**6), st.integers(4, 40), st.floats(-3, 3))
def test_it_is_the_intercept_of_a_regression(seed: int, count: int, slope: float) -> None:
    rng = np.random.default_rng(seed)
    z = rng.standard_normal(count)
    y = 1.0 + slope * z + rng.standard_normal(count)
    found, line = claims.controlled(y, z), stats.linregress(z, y)
    assert found.value == pytest.approx(line.intercept, rel=1e-9, abs=1e-12)
    assert found.standard_error == pytest.approx(line.intercept_stderr, rel=1e-9)
    assert found.degrees_of_freedom == count - 2


def test_entries_have_variates_of_their_own_or_share_one() -> None:
    rng = np.random.default_rng(0)
    y, z = rng.standard_normal((2, 3, 12)), rng.standard_normal((3, 12))
    together = claims.controlled(y, z, z[0])
    assert together.value.shape == (2, 3)
    for i in range(2):
        for j in range(3):
            alone = claims.controlled(y[i, j], z[j], z[0])
            if j:
                assert together.value[i, j] == pytest.approx(alone.value, rel=1e-9)
                assert together.standard_error[i, j] == pytest.approx(alone.standard_error)


def test_a_variate_that_never_moves_leaves_the_mean() -> None:
    y = np.array([1.0, 2.0, 4.0])
    plain, found = claims.sample(y), claims.controlled([*y, 3.0], np.zeros(4))
    assert found.value == pytest.approx(2.5)
    assert claims.controlled(y, 1e-17 * np.ones(3)).value == pytest.approx(float(plain.value))


def test_intervals_cover_as_often_as_they_say() -> None:
    """4,000 samples of 12 draws: 90 % intervals cover in 90 +- 2 %, at six standard deviations
    1 - Phi(4) / chance of a false alarm below 1e-4."""
    rng = np.random.default_rng(1)
    z = rng.standard_normal((4000, 12))
    y = 0.5 + 2.0 * z + rng.standard_normal((4000, 12))
    found, plain = claims.controlled(y, z), claims.sample(y)
    covered = np.abs(found.value - 0.5) < found.half_width(0.05)
    assert abs(covered.mean() - 0.9) < 4 * np.sqrt(0.09 / 4000)
    assert np.median(found.standard_error) < 0.6 * np.median(plain.standard_error)


def test_too_few_draws_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 4 draws"):
        claims.controlled([1.0, 2.0, 3.0], [0.1, 0.2, 0.3], [0.0, 1.0, 0.0])
    with pytest.raises(ValueError, match="draws has shape"):
        claims.controlled(1.0, 0.0)


PROBLEMS = [
    {},
    {"direction": "aligned", "target": "abs"},
    {"weights": (0.3, 0.7), "rank": 2, "noise": 0.5},
    {"weights": (0.2, 0.3, 0.5), "target": "class"},
    {"target": "class"},
]


@pytest.mark.parametrize("fields", PROBLEMS)
def test_the_variates_of_the_library_have_mean_zero(fields: dict) -> None:
    """At four standard errors: below 1e-4 a number, 1e-3 for all of them."""
    problem = onestep.Problem(n=60, m=70, k=50, alpha=0.5, beta=0.5, **fields)
    drawn = onestep.simulate(problem, ["network"], trials=300, seed=2).label_excess[0]
    spectrum = onestep.feature_spectrum(problem, trials=300, seed=2, outliers=2).chance
    rows = [drawn.values, *spectrum.transpose("quantity", "trial").values]
    found = claims.sample(rows)
    assert np.all(np.abs(found.value) <= 4 * found.standard_error + 1e-12)


def test_training_errors_gain_from_the_label_power() -> None:
    problem = onestep.Problem(n=60, m=70, k=50, beta=0.5, ridge=1e-2, target="abs")
    drawn = onestep.simulate(problem, ["network"], trials=200).isel(model=0)
    plain = claims.sample(drawn.training_error)
    better = claims.controlled(drawn.training_error, drawn.label_excess)
    assert better.standard_error < 0.8 * plain.standard_error
    assert abs(better.value - plain.value) < 3 * plain.standard_error
