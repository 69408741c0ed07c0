"""Activations of the reader's own: what is accepted, what is refused, and why."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from onestep import activations
from onestep.activations import Z, get


@pytest.mark.parametrize(
    ("text", "function", "kinks"),
    [
        ("z*tanh(z)", lambda z: z * np.tanh(z), ()),
        ("he(2) + 0.5*he(3)", lambda z: z**2 - 1 + 0.5 * (z**3 - 3 * z), ()),
        ("relu(z - 1)", lambda z: np.maximum(z - 1, 0), (1.0,)),
        ("relu - leaky_relu(0.5)", lambda z: np.maximum(z, 0) - np.where(z > 0, z, z / 2), (0.0,)),
        ("max(z, abs(z - 1), z**2/4)", lambda z: np.maximum.reduce([z, abs(z - 1), z**2 / 4]),
         (-2 - 2 * math.sqrt(2), 0.5, 4.0)),
        ("abs(abs(z) - 1)", lambda z: abs(abs(z) - 1), (-1.0, 0.0, 1.0)),
        ("sign(z**2 - 2)", lambda z: np.sign(z**2 - 2), (-math.sqrt(2), math.sqrt(2))),
        ("min(z, 1)*exp(-abs(z))", lambda z: np.minimum(z, 1) * np.exp(-abs(z)), (0.0, 1.0)),
        ("max(z, z)", lambda z: z, ()),
    ],
)  # fmt: skip
def test_expressions(text: str, function, kinks: tuple[float, ...]) -> None:
    z = np.linspace(-4.03, 4.95, 41)
    sigma = get(text)
    np.testing.assert_allclose(sigma(z), function(z), rtol=1e-14, atol=1e-14)
    assert sigma.kinks == pytest.approx(kinks, abs=1e-15)
    step = 1e-6
    slope = (function(z + step) - function(z - step)) / (2 * step)
    np.testing.assert_allclose(sigma.derivative(z), slope, atol=1e-7)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nope", "'nope' in 'nope' is neither.*Known activations: identity"),
        ("exp(z**4)", "not square-integrable.*grows faster"),
        ("exp(exp(z))", "not square-integrable.*grows faster"),
        ("exp(exp(exp(z)))", "nests exponentials"),
        ("1/z", r"not square-integrable.*\|\^-1.00 near z = 0"),
        ("abs(z)**(-1/2)", "not square-integrable"),
        ("1/(z**2 - 1)", "not square-integrable.*near z = -1"),
        ("log(z)", "not real"),
        ("sqrt(z)", "not real"),
        ("abs(sin(z))", "cannot find where"),
        ("he(2.5)", "allowed are integers"),
        ("he(65)", r"allowed are numbers in \[0, 64\]"),
        ("leaky_relu(1e9)", r"allowed are numbers in \[-10, 10\]"),
        ("he(2, 3) + z", "he with 2 parameters; allowed is one"),
        ("1e400*z", "beyond 1e50"),
        ("elu(1e-9999999)", "allowed are decimal exponents up to 50"),
        ("9**9**9", "exponent 387420489"),
        ("z**1000", "exponent 1000"),
        ("z**z", "exponent z"),
        ("z + y", r"symbols \['y', 'z'\]; one is allowed"),
        ("1/0", "not a real, finite"),
        ("__import__('os')", "not allowed"),
        ("z.real", "not allowed"),
        ("(lambda: z)()", "not allowed"),
        ("[z for z in z]", "not allowed"),
        ("z if z else z", "not allowed"),
        ("exp(z, z)", "got 2 arguments"),
        ("", "not an arithmetic expression"),
        ("z" + "+z" * 800, "at most 1500"),
    ],
)
def test_refusals_say_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        get(text)


@given(st.text("z0123456789.+-*/() ,exploginsurab'[]_", max_size=14))
def test_any_text_gives_an_activation_or_a_value_error(text: str) -> None:
    try:
        sigma = get(text)
    except ValueError as error:
        assert "activation" in str(error)
        return
    assert sigma.growth.max_scale > 0


@pytest.mark.parametrize(
    ("text", "parity"),
    [
        ("z + max(z - 9, 0)", "none"),
        ("tanh(z) + step(z - 20)", "none"),
        ("abs(z) + max(abs(z) - 9, 0)*sign(z)", "none"),
        ("tanh(z) + 100*exp(-100000*(z - 3.1)**2)*tanh(z)", "none"),
        ("z + max(z - 9, 0) + min(z + 9, 0)", "odd"),
        ("abs(z) + max(abs(z) - 9, 0)", "even"),
        ("max(z**2 - 2, 0)*sin(z)", "odd"),
        ("sigmoid - 1/2", "odd"),
        ("softplus - z/2", "even"),
        ("gelu - z/2", "even"),
        ("silu - z/2", "even"),
        ("z/(1 + abs(z))", "odd"),
        ("sqrt(abs(z))", "even"),
        ("exp(z) - exp(-z)", "odd"),
        ("sinh(z)*tanh(z)", "even"),
        ("step - 1/2", "odd"),
        ("he(2)*exp(-z**2/3)*cos(z)", "even"),
    ],
)
def test_parity_holds_on_the_whole_line(text: str, parity: str) -> None:
    assert get(text).parity == parity


def test_a_gaussian_growth_limits_the_scale() -> None:
    sigma = get("exp(z**2/8)")
    assert sigma.growth.max_scale == pytest.approx(math.sqrt(2), rel=1e-9)
    sigma.require_scale(1.41)
    with pytest.raises(ValueError, match="finite only for b <"):
        sigma.require_scale(1.42)


def test_a_sympy_expression_is_an_activation() -> None:
    x = sp.Symbol("x")
    assert get(x * sp.tanh(x)) == get("z*tanh(z)")
    with pytest.raises(ValueError, match="one is allowed"):
        get(x + sp.Symbol("y"))
    with pytest.raises(ValueError, match="gamma in"):
        get(sp.gamma(x))
    with pytest.raises(ValueError, match="not a finite real number"):
        get(sp.I * x)


@pytest.mark.parametrize("symbol", ["x", "e", "pi", "z"])
def test_the_name_of_a_sympy_expression_finds_it_again(symbol: str) -> None:
    x = sp.Symbol(symbol)
    for expression in (
        sp.tanh(x),
        sp.Max(x, 0) * sp.E + sp.Abs(x - 1),
        sp.Heaviside(x) * sp.sign(x) / 3 + sp.sqrt(2) * sp.Min(x, 1, 2 * x),
        sp.exp(-(x**2) / 2) * sp.pi,
    ):
        sigma = get(expression)
        assert get(sigma.name) == sigma
        assert sigma.expression == expression.subs(x, Z)


def test_register_one_line_and_never_twice() -> None:
    new = activations.register("test_swish", "z/(1 + exp(-2*z))")
    assert get("test_swish") is new
    assert get("test_swish + relu").kinks == (0.0,)
    assert activations.register("test_swish", Z / (1 + sp.exp(-2 * Z))) == new
    with pytest.raises(ValueError, match="is taken"):
        activations.register("test_swish", "z")
    for name in ("relu", "he", "exp", "z", "not a name", 3):
        with pytest.raises(ValueError, match="name"):
            activations.register(name, "z*tanh(z)")


def test_a_value_that_float64_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be evaluated in float64 at z = 800"):
        get("exp")([1.0, 800.0])
