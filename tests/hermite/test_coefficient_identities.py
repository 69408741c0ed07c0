"""Hermite coefficients obey their identities: Parseval, Stein, parity, limits of the scale."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import sympy as sp
from hermite_cases import CLOSED, OPEN, OWN, ROOTS, SCALES
from hypothesis import given, settings
from hypothesis import strategies as st

from onestep import hermite
from onestep.activations import Z, get


@pytest.mark.parametrize("name", CLOSED)
def test_symbolic_and_numeric_agree(name: str) -> None:
    scales = (0.3, 1.0, 1.7)
    values = hermite.coefficients(name, 12, scales)
    for p in (0, 1, 2, 3, 4, 7, 12):
        expression = hermite.symbolic(name, p)
        assert expression.free_symbols <= {hermite.B}
        for b, value in zip(scales, values[:, p], strict=True):
            exact = float(expression.subs(hermite.B, sp.Rational(b)).evalf(30))
            assert value == pytest.approx(exact, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("name", CLOSED + OPEN + OWN)
def test_parseval(name: str) -> None:
    scale = 0.3
    series = np.cumsum((hermite.coefficients(name, 150, scale) * ROOTS) ** 2)
    total = float(hermite.second_moment(name, scale))
    assert np.all(np.diff(series) >= 0)
    assert series[-1] <= total * (1 + 1e-14)
    tolerance = 1e-13 if not get(name).kinks else 0.04
    assert series[-1] == pytest.approx(total, rel=tolerance)


@pytest.mark.parametrize("name", sorted(set(CLOSED + OPEN + OWN) - {"step", "sqrt(abs(z))"}))
def test_stein_lowers_the_order(name: str) -> None:
    # h_p[sigma] = (b/p) h_{p-1}[sigma'], for continuous sigma.
    sigma = get(name)
    pieces = [(sp.diff(q.expression, Z), q.upper > Z) for q in sigma.pieces[:-1]]
    last = sp.diff(sigma.pieces[-1].expression, Z)
    slope = sp.Piecewise(*pieces, (last, True)) if pieces else last
    for mean in (0.0, 0.4):
        left = hermite.coefficients(sigma, 12, SCALES, mean)[:, 1:]
        right = hermite.coefficients(get(slope), 11, SCALES, mean)
        expected = SCALES[:, None] / np.arange(1, 13) * right
        scale = np.sqrt(hermite.second_moment(sigma, SCALES, mean)).clip(1e-3)[:, None]
        np.testing.assert_allclose(left / scale, expected / scale, atol=2e-13)


@pytest.mark.parametrize("name", CLOSED + OPEN)
def test_derivative_in_the_mean_and_heat_equation_in_the_scale(name: str) -> None:
    # d h_p/d mean = (p+1) h_{p+1}/b;   d h_p/db = p h_p/b + (p+1)(p+2) h_{p+2}/b.
    b, mu, p = 0.9, 0.3, np.arange(9)
    h = hermite.coefficients(name, 10, b, mu)
    offsets, weights = np.array([-2, -1, 1, 2]) * 1e-3, np.array([1, -8, 8, -1]) / 12e-3
    in_mean = weights @ hermite.coefficients(name, 8, b, mu + offsets)
    in_scale = weights @ hermite.coefficients(name, 8, b + offsets, mu)
    np.testing.assert_allclose(in_mean, (p + 1) * h[1:10] / b, atol=5e-9)
    np.testing.assert_allclose(in_scale, (p * h[:9] + (p + 1) * (p + 2) * h[2:]) / b, atol=5e-9)


def test_zeros_by_parity_are_exact() -> None:
    for name in CLOSED + OPEN + OWN:
        h = hermite.coefficients(name, 21, SCALES)
        parity = get(name).parity
        if parity != "none":
            assert (h[:, (1 if parity == "even" else 0) :: 2] == 0.0).all()
    for name in ("relu", "leaky_relu(0.1)"):
        assert (hermite.coefficients(name, 21, SCALES)[:, 3::2] == 0.0).all()
    assert (hermite.coefficients("step", 20, SCALES)[:, 2::2] == 0.0).all()
    assert (hermite.coefficients("he(5)", 12, 1.0) == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]).all()


@pytest.mark.parametrize(
    "name", ["tanh", "sigmoid", "softplus", "silu", "gelu", "erf", "sin", "exp"]
)
def test_small_scales_give_the_taylor_coefficients(name: str) -> None:
    expression = get(name).expression
    b = 1e-3
    h = hermite.coefficients(name, 3, b)
    for p in range(4):
        taylor = float(sp.diff(expression, Z, p).subs(Z, 0)) / math.factorial(p)
        assert h[p] / b**p == pytest.approx(taylor, abs=1e-5)


def test_large_scales_forget_the_shape_of_a_bounded_activation() -> None:
    sign = 2 * hermite.coefficients("step", 9, 1.0)
    sign[0] -= 1
    for name in ("tanh", "erf", "hard_tanh"):
        scales = (25.0, 50.0, 100.0) if name == "hard_tanh" else (25.0, 50.0, 100.0, 200.0, 400.0)
        errors = [np.abs(hermite.coefficients(name, 9, b) - sign).max() for b in scales]
        # The error falls like b^-2.
        assert all(3.9 < one / two < 4.1 for one, two in pairwise(errors[1:]))
        assert errors[2] < 1e-3


def test_homogeneity() -> None:
    one = hermite.coefficients("relu", 30, 1.0)
    np.testing.assert_allclose(
        hermite.coefficients("relu", 30, SCALES), SCALES[:, None] * one, rtol=1e-14
    )


def test_high_degree_neither_overflows_nor_loses_orthogonality() -> None:
    for name in CLOSED + OPEN + OWN:
        for degree in (60, 150):
            h = hermite.coefficients(name, degree, 1.3, 0.2)
            assert np.isfinite(h).all()
            total = float(hermite.second_moment(name, 1.3, 0.2))
            assert ((h * ROOTS[: degree + 1]) ** 2).sum() <= total * (1 + 1e-13)


@settings(max_examples=60)
@given(
    st.lists(st.fractions(-3, 3, max_denominator=20), min_size=1, max_size=8),
    st.floats(0.1, 4),
    st.floats(-2, 2),
)
def test_random_polynomials_against_exact_moments(
    monomials: list[Fraction], b: float, mu: float
) -> None:
    expression = sum((sp.Rational(c) * Z**j for j, c in enumerate(monomials)), sp.Integer(0))
    h = hermite.coefficients(get(expression), 9, b, mu)
    shifted = np.polynomial.Polynomial([0])
    for j, c in enumerate(monomials):
        shifted = shifted + float(c) * np.polynomial.Polynomial([mu, b]) ** j
    expected = np.zeros(10)
    expected[: len(shifted.coef)] = np.polynomial.hermite_e.poly2herme(shifted.coef)[:10]
    size = math.sqrt(float(hermite.second_moment(get(expression), b, mu))) + 1e-300
    np.testing.assert_allclose(h / max(size, 1), expected / max(size, 1), atol=1e-11)
