"""Simulated figures against the formula's curves."""

import numpy as np
import pytest

from onestep.studies.paper import figures, residuals


def test_residuals_are_in_standard_errors():
    """Half the factor leaves half of the mean, which is many standard errors."""
    plain = residuals.residuals("fig1c", "generalization")
    stored = figures.stored("fig1c").generalization_error.sel(model="network").isel(student=0)
    noise = stored.std("trial", ddof=1) / np.sqrt(stored.sizes["trial"])
    formula = figures.stored("fig1c", "formula").generalization_error
    half = residuals.residuals("fig1c", "generalization", 0.5)
    assert np.allclose((half - plain) * noise, 0.5 * formula)
    assert abs(plain).max() < 5
    with pytest.raises(ValueError, match="error"):
        residuals.residuals("fig1c", "test")


def test_the_overlap_factor_is_the_mean_over_drawn_overlaps():
    overlap = np.random.default_rng(0).standard_normal(200_000) / 20
    found = residuals.overlap_factor()
    cell = found.sel(alpha=0, beta=0.8, method="nearest")
    theta = 400.0 ** float(cell.beta)
    drawn = np.mean((1 + theta * (1 + overlap) / 2) / (1 + theta * (1 + abs(overlap)) / 2))
    # The rule has 60 nodes on either side of a kink.
    assert abs(float(cell) - drawn) < 5e-4
    assert np.allclose(found.sel(alpha=1), found.sel(alpha=1)[0])


def test_the_formula_of_another_activation_is_far_off():
    own, other = (residuals.gaps(other_activation=wrong) for wrong in (False, True))
    assert own.keys() == other.keys()
    for error in ("generalization_error", "training_error"):
        near, far = residuals.pooled(own, error), residuals.pooled(other, error)
        assert near.value.shape == far.value.shape
        assert abs(near.value).max() < 0.02 < abs(far.value).max()
    assert residuals.gap_table(own).shape == (len(own), 3)


def test_shares_within_two_standard_errors():
    shares = residuals.within_two()
    assert set(residuals.SERIES) < set(shares)
    assert shares["without the factor"] < shares["4a, β ≤ 0.85"] < 1
