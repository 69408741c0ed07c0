"""The bivariate identity, and the kernels that are known in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest

from onestep.activations import get
from onestep.hermite import (
    HermiteExpansion,
    arc_cosine_kernel,
    arcsine_kernel,
    kernel,
    normalised_polynomials,
)

R = np.array([-1.0, -0.9, -0.3, 0.0, 0.2, 0.8, 0.99, 1.0])


def test_bivariate_orthogonality_by_two_dimensional_quadrature() -> None:
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    weights = weights / math.sqrt(2 * math.pi)
    for r in R:
        other = r * nodes[:, None] + math.sqrt(1 - r**2) * nodes
        first, second = normalised_polynomials(nodes, 8), normalised_polynomials(other, 8)
        gram = np.einsum("i,j,ip,ijq->pq", weights, weights, first, second)
        np.testing.assert_allclose(gram, np.diag(r ** np.arange(9.0)), atol=1e-12)


@pytest.mark.parametrize("scales", [(1.0, 1.0), (0.3, 2.0)])
def test_the_series_converges_to_both_kernels_within_its_bound(scales: tuple[float, float]) -> None:
    for name, closed in (("relu", arc_cosine_kernel), ("erf", arcsine_kernel)):
        exact = closed(R, scales)
        for degree in (1, 4, 11, 40, 150):
            left, right = (HermiteExpansion.of(name, degree, s).residual for s in scales)
            error = np.abs(kernel(name, name, R, degree, scales) - exact)
            assert np.all(error <= np.abs(R) ** (degree + 1) * left * right * (1 + 1e-9) + 1e-13)


def test_a_mixed_kernel_with_means_by_quadrature() -> None:
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    weights = weights / math.sqrt(2 * math.pi)
    r, scales, means = 0.6, (0.4, 0.5), (0.2, -0.3)
    z = means[0] + scales[0] * nodes
    other = means[1] + scales[1] * (r * nodes[:, None] + math.sqrt(1 - r**2) * nodes)
    direct = np.einsum("i,j,i,ij->", weights, weights, get("tanh")(z), get("gelu")(other))
    assert kernel("tanh", "gelu", r, 60, scales, means) == pytest.approx(direct, abs=1e-10)


def test_degree_150_does_not_overflow() -> None:
    assert np.isfinite(kernel("relu", "step", R, 150, (5.0, 5.0))).all()


@pytest.mark.parametrize(
    "function", [arc_cosine_kernel, arcsine_kernel, lambda r: kernel("relu", "relu", r, 2)]
)
def test_correlations_outside_the_interval_are_refused(function) -> None:
    for r in (1.0000001, -2.0, np.nan):
        with pytest.raises(ValueError, match=r"correlation: .*allowed are numbers in \[-1, 1\]"):
            function(r)


@pytest.mark.parametrize("function", [arc_cosine_kernel, arcsine_kernel])
def test_scales_that_are_none_are_refused(function) -> None:
    for scales in ((-1.0, 1.0), (1.0, np.nan), ([0.5, np.inf], 1.0)):
        with pytest.raises(ValueError, match=r"scales: .*allowed are finite numbers >= 0"):
            function(0.3, scales)
