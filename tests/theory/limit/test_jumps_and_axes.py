"""Steps of students with jumps, and principal axes where few of many columns count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import onestep
from onestep import Problem, hermite
from onestep._support import streams
from onestep.activations import get
from onestep.network import Network
from onestep.theory import METHODS
from onestep.theory.limit import coordinates
from onestep.theory.limit.low_rank import principal_axes
from onestep.theory.limit.trained_types import RESOLVED, trained_types
from oracles import coupling

JUMPS = ("step", "step(z)-0.3", "Piecewise((z, z < 0.5), (z + 1, True))")
ALONG = {"n": 200, "m": 200, "k": 200, "alpha": 0.5, "beta": 0.7, "direction": "aligned"}


def test_a_step_does_not_move_what_only_jumps() -> None:
    """Its derivative is 0 wherever there is one; the slope of its Gaussian mean is not."""
    special = coordinates(Problem(**ALONG, activation="step"))
    still = special.step.variance * np.eye(len(special.neurons))
    np.testing.assert_allclose(special.neurons, still, atol=1e-15)
    assert float(hermite.coefficients("step", 1, 1.0)[1]) > 0.39
    rows, bulk, weights = trained_types(special, RESOLVED)
    np.testing.assert_allclose(bulk, special.step.scale, rtol=1e-12)
    np.testing.assert_allclose((rows.T * weights) @ rows, special.neurons, atol=1e-12)


def test_the_smooth_part_of_a_student_with_a_jump_is_trained_as_without_it() -> None:
    smooth, jumping = (
        coordinates(Problem(**ALONG, activation=name)).neurons for name in ("identity", JUMPS[2])
    )
    np.testing.assert_allclose(jumping, smooth, rtol=1e-12)


@pytest.mark.parametrize("activation", JUMPS)
def test_limits_agree_with_layers_of_students_with_jumps(activation: str) -> None:
    """Margin 4 % + 3 standard errors; by the slope of the Gaussian mean, 11 and 28 % off."""
    problem = Problem(**ALONG, activation=activation, target="identity", ridge=1e-3)
    layers = [
        METHODS["equivalent"].solvers(problem, [Network()], 1, t, 7)[0].solver for t in range(24)
    ]
    found = [each.errors(problem.m, problem.ridge).generalization_error for each in layers]
    limit = onestep.predict(problem, ["network"], method="scalar", guarded=False)
    ratio = np.array(found) / limit.generalization_error.item()
    assert abs(ratio.mean() - 1) < 0.04 + 3 * ratio.std(ddof=1) / np.sqrt(len(ratio))


def test_the_limit_by_the_index_takes_the_same_step() -> None:
    """None for what only jumps, and that of the smooth part for the rest."""
    still, jumping, smooth = (
        coupling(Problem(**ALONG, activation=name)) for name in ("step", JUMPS[2], "identity")
    )
    assert still.signal == pytest.approx(0.0, abs=1e-15) and still.noise == pytest.approx(0.0)
    assert jumping.signal == pytest.approx(smooth.signal, rel=1e-12)
    assert jumping.noise == pytest.approx(smooth.noise, rel=1e-12)


def test_a_step_that_moves_nothing_has_no_rank_one_part() -> None:
    with pytest.raises(ValueError, match="a_1 is 0"):
        onestep.surrogates.step_decomposition(Problem(n=40, m=80, k=30, activation="step"))


@given(st.integers(0, 2**31), st.integers(1, 40), st.integers(1, 40), st.integers(1, 8))
def test_axes_are_those_of_the_whole_matrix(seed: int, size: int, columns: int, rank: int) -> None:
    rng = streams.generator("axes", seed)
    factor = rng.standard_normal((size, rank)) @ rng.standard_normal((rank, columns))
    values, vectors = np.linalg.eigh(factor @ factor.T)
    floor = 1e-3 * float(values.sum())
    kept = vectors[:, values > floor]
    axes = principal_axes(factor, floor)
    near = np.min(np.abs(values / floor - 1)) < 1e-2  # on the floor itself either may be right
    assert near or axes.shape == kept.shape
    np.testing.assert_allclose(axes.T @ axes, np.eye(axes.shape[1]), atol=1e-6)
    if not near:
        np.testing.assert_allclose(axes @ axes.T, kept @ kept.T, atol=2e-2)


@pytest.mark.parametrize("shape", [(0, 5), (4, 5), (5, 4)])
def test_nothing_has_no_axes(shape: tuple[int, int]) -> None:
    assert principal_axes(np.zeros(shape), 1e-9).shape == (shape[0], 0)


def test_few_types_and_many_monomials_need_little_memory() -> None:
    """72 types, and 40,000 monomials of four strong coordinates: their Gram matrix has 13 GiB."""
    wide = Problem(
        n=100, m=217, k=27, alpha=0.057, beta=0.03, activation="elu", target="cos", rank=2,
        weights=(0.537, 0.463), ridge=0.000763, step=837.33,
    )  # fmt: skip
    found = onestep.predict(wide, ["network"], method="scalar", guarded=False)
    assert found.status.item() == "out of range" and found.generalization_error.item() > 0
    assert get("elu").kinks == (0.0,)
