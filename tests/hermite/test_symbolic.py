"""Closed forms: derived expressions against each other and against numbers."""

from __future__ import annotations

import pytest
import sympy as sp

from onestep import hermite
from onestep.hermite import MU, B, P

GENERAL = (
    "relu", "leaky_relu(0.1)", "abs", "step", "hard_tanh", "erf", "gelu", "sin", "cos", "exp",
    "exp_bump", "cubic", "he(4)", "relu(z - 1)", "z*exp(-z**2)", "sin(2*z) + z*cos(z)",
)  # fmt: skip


@pytest.mark.parametrize("name", GENERAL)
def test_the_general_formula_gives_every_order(name: str) -> None:
    general = hermite.formula(name)
    for p in (0, 1, 2, 3, 4, 7, 12):
        values = [
            float(expression.subs(B, sp.Rational(6, 5)).evalf(30))
            for expression in (general.subs(P, p), hermite.symbolic(name, p))
        ]
        assert values[0] == pytest.approx(values[1], rel=1e-20, abs=1e-20)


@pytest.mark.parametrize("name", [*GENERAL, "elu", "identity"])
def test_coefficients_are_derivatives_of_the_smoothed_activation(name: str) -> None:
    smooth = hermite.smoothed(name)
    assert smooth.free_symbols <= {B, MU}
    for p in range(5):
        taylor = sp.diff(smooth, MU, p).subs(MU, 0) * B**p / sp.factorial(p)
        difference = (taylor - hermite.symbolic(name, p)).subs(B, sp.Rational(7, 10))
        assert abs(float(difference.evalf(30))) < 1e-20


@pytest.mark.parametrize("name", [*GENERAL, "elu"])
def test_the_smoothed_activation_solves_the_heat_equation(name: str) -> None:
    smooth = hermite.smoothed(name)
    heat = sp.diff(smooth, B) - B * sp.diff(smooth, MU, 2)
    assert abs(float(heat.subs({B: sp.Rational(3, 2), MU: sp.Rational(2, 5)}).evalf(30))) < 1e-20


@pytest.mark.parametrize("name", ["relu", "erf", "gelu", "sin", "hard_tanh", "elu", "cubic"])
def test_the_coefficients_solve_it_order_by_order(name: str) -> None:
    for p in (0, 1, 2, 3):
        low, high = hermite.symbolic(name, p), hermite.symbolic(name, p + 2)
        heat = B * sp.diff(low, B) - p * low - (p + 1) * (p + 2) * high
        assert abs(float(heat.subs(B, sp.Rational(3, 2)).evalf(30))) < 1e-20


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "softplus", "silu"])
def test_where_there_is_no_closed_form_the_integral_is_returned(name: str) -> None:
    assert not hermite.has_closed_form(name)
    assert hermite.formula(name) is None
    assert isinstance(hermite.smoothed(name), sp.Integral)
    integral = hermite.symbolic(name, 1)
    assert isinstance(integral, sp.Integral)
    value = float(integral.subs(B, sp.Rational(1, 2)).evalf(15))
    assert hermite.coefficients(name, 1, 0.5)[1] == pytest.approx(value, rel=1e-12)


def test_known_closed_forms() -> None:
    assert hermite.symbolic("relu", 0) == B / sp.sqrt(2 * sp.pi)
    assert hermite.symbolic("relu", 1) == B / 2
    assert hermite.symbolic("relu", 4) == -B / (24 * sp.sqrt(2 * sp.pi))
    assert sp.simplify(hermite.symbolic("erf", 1) - 2 * B / sp.sqrt(sp.pi * (1 + 2 * B**2))) == 0
    assert hermite.symbolic("exp", 5) == B**5 * sp.exp(B**2 / 2) / 120
    assert sp.expand(hermite.symbolic("he(4)", 2) - 6 * B**2 * (B**2 - 1)) == 0


@pytest.mark.parametrize("order", [-1, 41, 1.5, True])
def test_orders_outside_the_range_are_refused(order: int) -> None:
    with pytest.raises(ValueError, match="order = "):
        hermite.symbolic("relu", order)
