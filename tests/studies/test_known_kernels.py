"""Kernels and given layers of other authors against integrals that know none of their formulas."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special

from onestep import activations, hermite
from onestep.studies.known import committee, kernels


@pytest.mark.parametrize("order", [0, 1, 2])
@given(angle=st.floats(0, math.pi))
def test_arc_cosine_kernels_are_their_integrals(order, angle):
    """In polar coordinates: the radial part is 2^n n!, the angular one an arc of cosines."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    half = (math.pi - angle) / 2
    phi = angle / 2 + half * nodes
    arc = half * float(weights @ (np.cos(phi) * np.cos(phi - angle)) ** order)
    expected = 2**order * math.factorial(order) * arc / math.pi
    assert math.isclose(kernels.arc_cosine(order, angle), expected, rel_tol=1e-9, abs_tol=1e-12)
    scaled = kernels.arc_cosine(order, angle, (2.0, 3.0))
    assert math.isclose(scaled, 6**order * kernels.arc_cosine(order, angle), rel_tol=1e-12)


def test_the_factor_of_two_is_cho_and_sauls():
    """Their k_n(x, x) is |x|^(2n); the average over neurons is half of it."""
    for order, name in enumerate(kernels.POWERS):
        norm = kernels.arc_cosine(order, 0.0)
        assert math.isclose(norm, math.factorial(2 * order) / (2**order * math.factorial(order)))
        assert math.isclose(hermite.second_moment(name, 1.0), norm / 2, rel_tol=1e-12)


@pytest.mark.parametrize("name", list(kernels.GRAM))
@pytest.mark.parametrize("tau", [0.3, 1.7])
def test_gram_coefficients_are_averages(name, tau):
    sigma = activations.get(name)

    def mean(weight):
        def integrand(z):
            value = float(sigma(np.array([math.sqrt(tau) * z]))[0])
            return weight(z, value) * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

        return sum(integrate.quad(integrand, *ends)[0] for ends in ((-12, 0), (0, 12)))

    linear = mean(lambda z, s: z * s) ** 2
    d0 = mean(lambda z, s: s * s) - mean(lambda z, s: s) ** 2 - linear
    d2 = (mean(lambda z, s: (z * z - 1) * s) / (2 * tau)) ** 2
    assert np.allclose(kernels.GRAM[name](tau), (d0, linear / tau, d2), atol=1e-7)
    assert np.allclose(kernels.GRAM[name](tau), kernels.gram_by_hermite(name, tau, tau**0.5))


def test_the_printed_coefficient_of_erf_is_no_variance():
    tau = 1.7
    share = 2 * tau / (2 * tau + 1)
    assert 2 / math.pi * (math.acos(share) - share) < 0 < kernels.GRAM["erf(z)"](tau)[0]


def test_a_committee_against_a_product_rule():
    """Two student units and one teacher: three correlated Gaussians, 40 nodes each."""
    J, B = committee.rows(2, 7), committee.rows(3, 7)[2:]
    root = np.linalg.cholesky(np.vstack([J, B]) @ np.vstack([J, B]).T)
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    grid = np.stack(np.meshgrid(nodes, nodes, nodes), axis=-1).reshape(-1, 3)
    weight = np.einsum("i,j,k->ijk", weights, weights, weights).ravel() / weights.sum() ** 3
    units = special.erf(grid @ root.T / math.sqrt(2))
    expected = 0.5 * weight @ (units[:, 0] + units[:, 1] - units[:, 2]) ** 2
    assert math.isclose(committee.error(J, B), expected, rel_tol=1e-6)
    found = committee.student(J, B).moments().generalization_error(np.full(2, math.sqrt(2)))
    assert math.isclose(found, expected, rel_tol=1e-6)


def test_what_is_not_covered_is_refused():
    with pytest.raises(ValueError, match=r"order = 3 .* \[0, 2\]"):
        kernels.arc_cosine(3, 0.5)
    with pytest.raises(ValueError, match="B has 2 rows; 1 is needed"):
        committee.student(np.eye(3), np.eye(3)[:2])
