"""Sampled products of two neurons against the series."""

import numpy as np

from onestep import hermite
from onestep.studies.model import bivariate


def test_products_of_polynomials_have_the_power_of_the_correlation():
    pairs = bivariate.Pairs(5000)
    right, wrong = (pairs.products(r, claimed=0.5).mean(axis=1) for r in (0.5, 0.9))
    assert right.shape == (6,) and np.abs(right).max() < 0.03 < np.abs(wrong).max()


def test_a_sampled_kernel_meets_its_series():
    correlations, scales = (-0.4, 0.7), (0.8, 1.2)
    sampled = bivariate.Pairs(5000).kernel("relu", "tanh", correlations, scales)
    series = hermite.kernel("relu", "tanh", correlations, 60, scales)
    error = sampled.std(axis=1, ddof=1) / bivariate.BATCHES**0.5
    assert np.all(np.abs(sampled.mean(axis=1) - series) < 4 * error)


def test_the_series_of_a_closed_form_closes():
    inner = np.linspace(-0.7, 0.7, 5)
    for name in bivariate.CLOSED:
        assert np.abs(bivariate.series_gap(name, inner, 150, (0.8, 1.2))).max() < 1e-12
        assert np.abs(bivariate.series_gap(name, inner, 150, (0.8, 1.2), 1.01)).max() > 1e-4
