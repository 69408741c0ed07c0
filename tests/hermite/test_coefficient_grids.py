"""Hermite coefficients over grids of scales and means: those of single calls, and fast."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hermite_cases import CLOSED

from onestep import hermite


def test_broadcasting() -> None:
    scale, mean = np.array([[0.5], [1.5]]), np.array([0.0, 0.2, -1.0])
    for name in ("relu", "tanh", "elu", "gelu", "cubic", "z*tanh(z)"):
        table = hermite.coefficients(name, 4, scale, mean)
        assert table.shape == (2, 3, 5)
        for i, j in np.ndindex(2, 3):
            alone = hermite.coefficients(name, 4, scale[i, 0], mean[j])
            np.testing.assert_allclose(table[i, j], alone, atol=1e-14)


@pytest.mark.parametrize("name", CLOSED)
def test_a_thousand_scales_in_fifty_milliseconds(name: str) -> None:
    scales = np.geomspace(0.05, 5, 1000)
    hermite.coefficients(name, 20, scales)  # the derivation is done once per activation
    times = []
    for _ in range(5):
        start = time.process_time()
        hermite.coefficients(name, 20, scales)
        times.append(time.process_time() - start)
    assert min(times) < 0.05


@pytest.mark.parametrize("name", ["erf", "relu", "gelu", "softplus"])
def test_means_near_and_far_can_be_asked_for_together(name):
    """One call over a grid of means against single calls: far out the function is simple."""
    scale = np.linspace(0.5, 1.6, 4)[:, None]
    mean = np.linspace(-16.0, 16.0, 93)
    together = hermite.second_moment(name, scale, mean)
    for i, j in ((0, 0), (1, 46), (2, 50), (3, 60), (0, 92)):
        alone = hermite.second_moment(name, float(scale[i, 0]), float(mean[j]))
        assert np.isclose(together[i, j], alone, rtol=1e-10, atol=1e-13)
