"""The optimum against slopes, known optima and the ends of its range."""

from dataclasses import replace

import numpy as np
import pytest

import onestep
from onestep.theory import Landscape, optimum, sensitivity

NOISY = onestep.Problem(n=80, m=120, k=90, activation="tanh", noise=0.5)


@pytest.mark.parametrize("method", ["scalar", "scalar-conditional", "equivalent"])
def test_slopes_vanish_and_turn_as_the_curvature_says(method):
    found = optimum(NOISY, method=method, seed=2)
    assert found.status == "inner" and not found.edges
    at = found.at["ridge"]
    slopes = [
        sensitivity(replace(NOISY, ridge=at * factor), ["ridge"], method=method, seed=2)
        for factor in (np.exp(-0.05), 1.0, np.exp(0.05))
    ]
    low, middle, high = (
        each.generalization_error.item() / found.errors.generalization_error for each in slopes
    )
    assert abs(middle) < 2e-4
    assert np.isclose((high - low) / 0.1, found.curvature[0, 0], rtol=0.02)


def test_the_play_costs_what_it_says():
    found = optimum(NOISY)
    [factor] = found.play(0.01).values()
    rises = [
        Landscape(NOISY).errors({"ridge": found.at["ridge"] * each}).generalization_error
        / found.errors.generalization_error
        - 1
        for each in (factor, 1 / factor)
    ]
    assert 0.009 < np.mean(rises) < 0.011 and min(rises) > 0.005
    with pytest.raises(ValueError, match=r"loss = 0 is not allowed"):
        found.play(0)


def test_the_ridge_of_a_linear_model_is_the_noise_over_the_signal():
    """A wide network of straight lines is ridge regression on x / n^(1/2) with w ~ N(0, I)."""
    linear = onestep.Problem(
        n=100, m=150, k=100_000, activation="z", target="z", noise=0.7, step=0.0, spread=0.0
    )
    assert np.isclose(optimum(linear).at["ridge"], 0.7**2 / 150, rtol=0.03)


def test_ridge_and_step_together_are_no_worse_than_on_a_grid():
    found = optimum(NOISY, ["ridge", "step"], within={"step": (1.0, 60.0)})
    landscape = Landscape(NOISY)
    grid = [
        landscape.errors({"step": float(eta), "ridge": float(ridge)}).generalization_error
        for eta in np.geomspace(1, 60, 5)
        for ridge in np.geomspace(1e-2, 1, 7)
    ]
    assert found.errors.generalization_error <= min(grid) * (1 + 1e-9)
    assert found.curvature.shape == (2, 2)
    assert np.allclose(found.curvature, found.curvature.T)


def test_an_end_of_the_range_is_named():
    inner = optimum(NOISY)
    found = optimum(NOISY, within={"ridge": (10 * inner.at["ridge"], 1e3)})
    assert (found.status, found.edges) == ("at the edge", ("ridge",))
    # An odd activation cannot tell classes apart by covariances: no readout is the best.
    hopeless = optimum(replace(NOISY, target="class"))
    assert hopeless.edges == ("ridge",) and np.isclose(hopeless.errors.generalization_error, 0.625)


def test_where_the_formula_ends_the_optimum_is_at_an_edge():
    relu = replace(NOISY, activation="relu", target="relu", direction="aligned", noise=0.1)
    found = optimum(relu, ["ridge", "step"], method="equivalent", within={"step": (1.0, 500.0)})
    assert found.status == "at the edge"
    assert np.isfinite(found.errors.generalization_error)


def test_a_quadrature_too_large_is_out_of_range():
    many = replace(NOISY, rank=12, n=200, beta=1.0, alpha=0.0, direction="aligned")
    with pytest.raises(ValueError, match="too many spikes"):
        onestep.predict(many, ["network"], method="scalar-conditional")
    found = Landscape(many, "scalar-conditional").errors({})
    assert found.status == "out of range" and "too many spikes" in found.reason


def test_refusals_name_what_is_wrong():
    with pytest.raises(ValueError, match="have a price, which is not known here"):
        optimum(NOISY, ["width"])
    for within in ({"ridge": (1.0, 1.0)}, {"ridge": (0.0, 1.0)}, {"step": (1.0, 2.0)}):
        with pytest.raises(ValueError, match="within"):
            optimum(NOISY, within=within)
    with pytest.raises(ValueError, match=r"the formula holds nowhere .* is above"):
        optimum(replace(NOISY, spread=5000.0))
    with pytest.raises(ValueError, match=r"samples = 2.5 is not allowed"):
        Landscape(NOISY).errors({"samples": 2.5})
