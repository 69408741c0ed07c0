"""Losses: their definitions, and Gaussian averages against integration by brute force."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, special

from onestep.network import LOSSES, Clipped, huber, loss_of

DEFINED = {
    "square": lambda y, z: 0.5 * (y - z) ** 2,
    "logistic": lambda y, z: math.log1p(math.exp(-y * z)),
    "hinge": lambda y, z: max(0.0, 1 - y * z),
    "huber": lambda y, z: 0.5 * (y - z) ** 2 if abs(y - z) < 1 else abs(y - z) - 0.5,
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_what_its_name_says(name):
    y, z = np.repeat([1.0, -1.0], 101), np.tile(np.linspace(-3, 3, 101), 2)
    expected = [DEFINED[name](*pair) for pair in zip(y, z, strict=True)]
    assert np.allclose(LOSSES[name].value(y, z), expected, rtol=1e-13, atol=1e-15)


def proximal_point(name, y, omega, V):
    """The minimiser of ``l + (z - omega)^2 / 2 V``, by its definition: no derivative is used."""
    value = DEFINED[name]
    reach = V * (1 + abs(y) + abs(omega))
    return optimize.minimize_scalar(
        lambda z: value(y, z) + (z - omega) ** 2 / (2 * V),
        bounds=(omega - reach, omega + reach),
        method="bounded",
        options={"xatol": 1e-10, "maxiter": 500},
    ).x


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize(
    ("y", "mean", "variance", "V"),
    [(1.0, 0.3, 0.7, 1.5), (-1.0, 0.4, 2.0, 0.2), (1.0, 0.05, 0.08, 40.0), (-1.0, -2.0, 9.0, 6.0)],
)
def test_averages_are_those_of_the_proximal_point(name, y, mean, variance, V):
    """Minimised and averaged at 2001 points: trapezoids miss 1.5e-5 where the slope jumps by 5."""
    xi = np.linspace(-8, 8, 2001)
    weight = np.exp(-0.5 * xi**2) * (xi[1] - xi[0]) / math.sqrt(2 * math.pi)
    omega = mean + math.sqrt(variance) * xi
    z = np.array([proximal_point(name, y, each, V) for each in omega])
    f = (z - omega) / V
    loss = [DEFINED[name](y, each) for each in z]
    found = LOSSES[name].proximal(*np.array([[y], [mean], [variance], [V]]))
    # Stein's lemma gives the response without a derivative.
    expected = (weight @ f, weight @ f**2, -weight @ (f * xi) / math.sqrt(variance), weight @ loss)
    for one, other in zip(
        (found.f, found.square, found.response, found.loss), expected, strict=True
    ):
        assert math.isclose(one[0], other, rel_tol=5e-5, abs_tol=2e-5)


@pytest.mark.parametrize("name", LOSSES)
def test_a_fresh_score_is_not_moved(name):
    found = LOSSES[name].proximal(*np.array([[1.0], [0.4], [2.0], [0.0]]))
    size = math.sqrt(2.0)

    def density(z):
        return math.exp(-0.5 * ((z - 0.4) / size) ** 2) / (size * math.sqrt(2 * math.pi))

    kinks = [-12, 0, 1, 2, 12]
    expected = sum(
        integrate.quad(lambda z: DEFINED[name](1.0, z) * density(z), *ends, epsabs=1e-13)[0]
        for ends in itertools.pairwise(kinks)
    )
    assert math.isclose(found.loss[0], expected, rel_tol=1e-10)


@given(
    st.sampled_from(sorted(LOSSES)),
    st.sampled_from([-1.0, 1.0]),
    st.floats(-30, 30),
    st.floats(-6, 4),
    st.floats(-4, 6),
)
@settings(max_examples=200)
def test_averages_obey_what_holds_for_every_loss(name, y, mean, log_variance, log_V):
    """Moments, Stein's lemma and, as ``l(z) <= l(omega)``, the order of the two losses."""
    variance, V = 10.0**log_variance, 10.0**log_V
    loss = LOSSES[name]
    found, fresh = (
        loss.proximal(*np.array([[y], [mean], [variance], [each]])) for each in (V, 0.0)
    )
    assert found.square[0] >= found.f[0] ** 2 * (1 - 1e-9)
    assert 0 <= found.response[0] <= (1 + 1e-9) / (V + loss.curvature)
    # f is the slope of the Moreau envelope, whose average falls by E f^2 / 2 with V.
    assert found.loss[0] + 0.5 * V * found.square[0] <= fresh.loss[0] * (1 + 1e-9) + 1e-12
    # Poincare's inequality for f, whose slope is at most 1 / (V + curvature).
    spread = found.square[0] - found.f[0] ** 2
    assert spread <= variance * found.response[0] / (V + loss.curvature) * (1 + 1e-6) + 1e-12


@given(st.sampled_from([-1.0, 1.0]), st.floats(-30, 30), st.floats(-8, 25))
def test_the_logistic_pull_is_the_slope_at_the_proximal_point(y, omega, log_V):
    """At any V: of 1e20 a bisection of 64 steps knows the point to within 5."""
    V = 10.0**log_V
    f = float(LOSSES["logistic"].pull(*np.array([[y], [omega], [V]]))[0])
    assert math.isclose(f, y * special.expit(-y * (omega + V * f)), rel_tol=1e-11)


@settings(max_examples=200)
@given(st.floats(-1, 1), st.floats(-6, 6), st.floats(-12, 12), st.sampled_from([-1.0, 1.0]))
def test_the_logistic_pull_at_any_score_and_curvature(u, log_u, log_V, y):
    """Against bisection, from scores of 1e-6 to 1e6 and V of 1e-12 to 1e12."""
    omega, V = u * 10**log_u, 10**log_V
    margin = y * omega
    z = optimize.brentq(
        lambda z: z - V * special.expit(-z) - margin, margin, margin + V + 1.0, xtol=1e-300
    )
    found = float(loss_of("logistic").pull(np.array([y]), np.array([omega]), np.array([V]))[0])
    assert np.isclose(found, y * special.expit(-z), rtol=1e-11 * (1 + abs(z)), atol=0)


def test_a_square_is_a_wide_huber():
    values = np.array([[1.0], [0.3], [0.7], [1.5]])
    wide, square = huber(1e6).proximal(*values), LOSSES["square"].proximal(*values)
    for name in ("f", "square", "response", "loss"):
        assert np.allclose(getattr(wide, name), getattr(square, name), rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: loss_of("absolute"), "loss = 'absolute'"),
        (lambda: loss_of(3), "loss = 3"),
        (lambda: huber(0.0), "threshold = 0.0"),
        (lambda: Clipped("x", True, -1.0, 0.0, 1.0), "curvature = -1.0"),
        (lambda: Clipped("x", True, 0.0, 0.0, math.inf), "curvature = 0.0"),
        (lambda: Clipped("x", True, 1.0, 1.0, 2.0), "low = 1.0"),
        (lambda: Clipped("x", True, 1.0, math.nan, 2.0), "low = nan"),
    ],
)
def test_what_is_no_loss_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
