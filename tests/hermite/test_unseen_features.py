"""Waves and peaks that equal steps do not see: proven numbers, or a refusal that names them."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
import sympy as sp

import onestep
from onestep import activations, hermite
from onestep.hermite import HermiteExpansion


def test_a_wave_between_the_nodes() -> None:
    assert hermite.second_moment("sin", 12.5) == pytest.approx(0.5, abs=1e-13)
    assert HermiteExpansion.of("sin(50*z)", 3, 1.0).residual == pytest.approx(0.5**0.5, abs=1e-13)
    for b in (0.9, 12.5, 40.0, 1000.0):
        for mean in (0.0, 0.7, 300.0):
            exact = 0.5 - 0.5 * math.cos(2 * mean) * math.exp(-2 * b**2)
            assert hermite.second_moment("sin", b, mean) == pytest.approx(exact, abs=1e-12)
            assert hermite.second_moment("cos", b, mean) == pytest.approx(1 - exact, abs=1e-12)


def test_a_wave_on_top_of_another_function() -> None:
    plain = hermite.coefficients("tanh", 1)[1]
    found = hermite.certified("tanh(z) + sin(51*z)", 1)
    assert found.method == "panels"
    assert found.coefficients == pytest.approx([0.0, plain], abs=1e-13)
    assert np.all(found.bound < 1e-12)
    square = hermite.second_moment("tanh") + 0.5
    assert hermite.second_moment("tanh(z) + sin(51*z)") == pytest.approx(square, abs=1e-12)


def test_a_dip_at_a_large_scale() -> None:
    # A dip of width 1 in a constant; its value by an independent ball arithmetic.
    b, mu = 38.16, 14.2
    found = hermite.certified("tanh(z**2)", 0, b, mu)
    assert found.coefficients[0] == pytest.approx(0.985210109882185443, abs=1e-14)
    assert found.bound[0] < 1e-13


@pytest.mark.parametrize("name", ["tanh(z**2)", "sin(z)**2", "cos(z)**2", "exp(sin(z))", "cos(z)"])
def test_many_laws(name: str) -> None:
    """One by one and together agree, where the steps of old agreed on wrong numbers."""
    rng = np.random.default_rng(3)
    scale, mean = 10 ** rng.uniform(-1, 1.7, 60), rng.normal(size=60) * 20
    together = hermite.certified(name, 2, scale, mean)
    for i in range(0, 60, 6):
        alone = hermite.certified(name, 2, scale[i], mean[i])
        off = np.abs(alone.coefficients - together.coefficients[i])
        assert np.all(off <= alone.bound + together.bound[i])
    if name == "sin(z)**2":
        exact = 0.5 - 0.5 * np.cos(2 * mean) * np.exp(-2 * scale**2)
        assert np.all(np.abs(exact - together.coefficients[:, 0]) <= together.bound[:, 0] + 1e-15)


@pytest.mark.parametrize(
    "kinked", ["abs(z)*sin(60*z)", "max(z, 0)*cos(60*z) + z", "elu + sin(60*z)"]
)
def test_a_wave_between_kinks(kinked: str) -> None:
    found = hermite.certified(kinked, 3, 1.1)
    exact, _ = hermite.referee(kinked, 3, 1.1, digits=30)
    off = [abs(float(x - y)) for x, y in zip(exact, found.coefficients, strict=True)]
    assert np.all(off <= found.bound)


@pytest.mark.parametrize(
    "name", ["sin(z**2)", "cos(z**2)", "exp(-z**2)*sin(z**2)", "z*cos(z**2 - z)"]
)
def test_waves_in_the_square(name: str) -> None:
    for b, mu in ((0.7, 0.0), (2.0, 0.3), (40.0, -3.0)):
        found = hermite.certified(name, 4, b, mu)
        assert found.method == "closed form"
        if b < 3:
            exact, _ = hermite.referee(name, 4, b, mu, digits=30)
            off = [abs(float(x - y)) for x, y in zip(exact, found.coefficients, strict=True)]
            assert np.all(off <= found.bound)
    smooth = hermite.smoothed(name)
    assert not smooth.has(sp.I)
    point = {hermite.B: sp.Rational(3, 2), hermite.MU: sp.Rational(2, 5)}
    value = float(smooth.subs(point).evalf(20))
    assert hermite.coefficients(name, 0, 1.5, 0.4)[0] == pytest.approx(value, abs=1e-13)
    values = hermite.coefficients(name, 4, 1.25)
    for order in (0, 1, 2, 4):
        formula = hermite.symbolic(name, order)
        assert not formula.has(sp.I)
        value = float(formula.subs(hermite.B, sp.Rational(5, 4)).evalf(20))
        assert values[order] == pytest.approx(value, abs=1e-13)
    assert hermite.formula(name) is None


def test_an_error_of_truncation_sees_the_wave() -> None:
    """sin(9 z) at small scale has a small residual, and the polynomial does not see it either."""
    expansion = HermiteExpansion.of("z + sin(60*z)", 5, 1.0)
    assert expansion.errors[5] == pytest.approx(0.5**0.5, abs=1e-12)
    assert expansion.error_at(2.0)[5] == pytest.approx(0.5**0.5, abs=1e-9)


def test_the_mean_square_of_a_slope_is_proven_too() -> None:
    assert hermite.mean_square_slope("sin(50*z)", [0.7, 2.0]) == pytest.approx(1250.0, abs=1e-9)
    for name, b in (("tanh", 3.0), ("erf", 3.0), ("gelu", 3.0), ("elu", 1.3)):
        series = hermite.coefficients(
            activations.get(name).slope, 150, b
        ) * hermite.sqrt_factorials(150)
        square = hermite.mean_square_slope(name, b)
        assert np.cumsum(series**2)[-1] <= square * (1 + 1e-12)
    assert hermite.mean_square_slope("erf", 3.0) == pytest.approx(
        4 / math.pi / math.sqrt(37), abs=1e-13
    )
    with pytest.raises(ValueError, match="not square-integrable"):
        hermite.mean_square_slope("sqrt(abs(z))", 1.0)


@pytest.mark.parametrize(
    "name",
    ["sin(exp(z))", "cos(sinh(z))", "exp(-exp(z))", "tanh(exp(z**2))", "exp(cos(exp(z)))",
     "1/(1 + exp(exp(z)))", "log(1 + exp(exp(z)))", "sin(sinh(sinh(z)))"],
)  # fmt: skip
def test_the_growth_of_fast_functions_takes_no_time(name: str) -> None:
    start = time.process_time()
    try:
        sigma = activations.get(name)
    except ValueError as error:
        assert "activation" in str(error)
    else:
        assert sigma.growth.rate == 0
    assert time.process_time() - start < 2


def test_a_fast_wave_reaches_the_theory_right() -> None:
    """The network and the polynomial of an activation that is all residual."""
    problem = onestep.Problem(n=300, m=300, k=150, beta=0.0, activation="sin(50*z)", ridge=1e-2)
    table = onestep.predict(problem, models=["network", "hermite"])
    network, polynomial = table.generalization_error.values.ravel()
    assert network == pytest.approx(polynomial, rel=0.01)
