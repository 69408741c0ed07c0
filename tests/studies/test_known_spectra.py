"""Spectra of other authors against laws and matrices that know none of their formulas."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import integrate

from onestep.spectrum import Bulk
from onestep.studies.known import bulks, first_step
from oracles import marchenko_pastur_density

ratios = st.floats(0.2, 5)


@given(ratios, ratios)
def test_without_a_slope_the_law_is_marchenko_and_pasturs(phi, psi):
    """At zeta = 0 only phi/psi = n_1/m counts."""
    assume(abs(phi / psi - 1) > 1e-3)
    k, m = 10_000, round(10_000 * psi / phi)
    law = Bulk(k, m, 1.0, 0.0, 1.0)
    x = np.linspace(*law.edges, 7)[1:-1]
    found = bulks.nonlinear_density(x, psi * k / m, psi, eta=1.0, zeta=0.0)
    assert np.allclose(found, marchenko_pastur_density(law, x), rtol=1e-7)


@pytest.mark.parametrize(("eta", "zeta"), [(1.0, 0.5), (0.7, 0.7), (2.0, 0.1)])
def test_the_density_has_the_mass_and_the_moments_of_a_matrix(eta, zeta):
    """Mass 1 for n_1 <= m, n_0; mean eta; second moment that of ``W X`` and independent noise.

    Tr (W X X^T W^T)^2 / n_1 tends to 1 + n_1/n_0 + n_1/m, that of the noise to 1 + n_1/m, and what
    mixes both to twice 1 + n_1/m: their second moments add up by the pairings of entries.
    """
    n1, n0, m = 300, 500, 700
    phi, psi = n0 / m, n0 / n1
    top = 4 * eta * (1 + math.sqrt(n1 / m)) ** 2 * (1 + math.sqrt(n1 / n0)) ** 2

    def moment(p):
        def integrand(root):
            density = bulks.nonlinear_density(root**2, phi, psi, eta, zeta)
            return float(density) * root ** (2 * p) * 2 * root

        return integrate.quad(integrand, 1e-4, math.sqrt(top), limit=400, epsabs=1e-6)[0]

    product, noise = 1 + n1 / n0 + n1 / m, 1 + n1 / m
    mixed = 2 * (1 + n1 / m)
    second = zeta**2 * product + (eta - zeta) ** 2 * noise + zeta * (eta - zeta) * mixed
    assert abs(moment(0) - 1) < 1e-3
    assert abs(moment(1) / eta - 1) < 1e-3
    assert abs(moment(2) / second - 1) < 1e-3


@given(st.floats(0.01, 50))
def test_shares_sum_to_one(ratio):
    for each in (ratio, 1 + 1e-3 * math.log(ratio), 1.0):
        x, share = bulks.marchenko_pastur(each)
        assert abs(share.sum() - 1) < 3e-6
        assert abs(share @ x**2 / (1 + each) - 1) < 1e-12


@given(st.floats(0.05, 4), st.floats(1.05, 20))
def test_an_outlier_solves_its_secular_equation(gamma, factor):
    """``ell = -1 / m~(lambda)`` with the Stieltjes transform of the companion's law."""
    ell = 1 + factor * math.sqrt(gamma)
    position = float(bulks.spiked_eigenvalue(ell, gamma))
    assert position > (1 + math.sqrt(gamma)) ** 2
    x, share = bulks.marchenko_pastur(gamma)
    companion = gamma * float(share @ (1 / (x - position))) - (1 - gamma) / position
    assert math.isclose(-1 / companion, ell, rel_tol=1e-5)
    hidden = bulks.spiked_eigenvalue(1 + 0.9 * math.sqrt(gamma), gamma)
    assert math.isclose(hidden, (1 + math.sqrt(gamma)) ** 2, rel_tol=1e-12)


def test_the_learned_direction_is_that_of_a_matrix():
    """Noise and rank one at N = 1200, d = 800: singular values are rigid, cosines nearly so."""
    N, d, psi1 = 1200, 800, 2.0
    value, cosine = first_step.weight_outlier(8.0, psi1, N / d, "tanh", "tanh", noise=0.2)
    rng = np.random.default_rng(0)
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    weights /= weights.sum()
    mu = float(weights @ (nodes * np.tanh(nodes)))
    power = float(weights @ np.tanh(nodes) ** 2) + 0.2**2
    beta, other = np.linalg.qr(rng.standard_normal((d, 2)))[0].T
    v = mu * 8.0 * (mu * beta + math.sqrt(power / psi1) * other)
    a = rng.standard_normal(N)
    W = rng.standard_normal((N, d)) / math.sqrt(d) + np.outer(a / np.linalg.norm(a), v)
    _, values, Vt = np.linalg.svd(W, full_matrices=False)
    assert abs(values[0] / value - 1) < 0.01
    assert abs((Vt[0] @ beta) ** 2 / cosine - 1) < 0.05
    # Control: the rate of the book in the place of theirs.
    far, _ = first_step.weight_outlier(8.0 / math.sqrt(N), psi1, N / d, "tanh", "tanh", noise=0.2)
    assert abs(values[0] / far - 1) > 0.1


@given(st.integers(1, 40), st.floats(0.01, 0.99))
def test_exponents_within_a_window_have_its_number_of_spikes(l, share):
    low, high = (l - 1) / (2 * l), l / (2 * l + 2)
    assert first_step.spikes_of_exponent(low + share * (high - low)) == l


@pytest.mark.parametrize("exponent", [0.0, 0.5, -1.0, math.nan])
def test_exponents_without_a_window_are_refused(exponent):
    with pytest.raises(ValueError, match="exponent = "):
        first_step.spikes_of_exponent(exponent)
