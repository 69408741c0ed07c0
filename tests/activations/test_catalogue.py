"""Every activation agrees with its definition, at high precision and at the ends of float64."""

from __future__ import annotations

import math
import pickle

import mpmath
import numpy as np
import pytest
import sympy as sp

from onestep import activations
from onestep.activations import Z, get

NAMES = (
    "identity", "relu", "leaky_relu", "leaky_relu(0.3)", "leaky_relu(-2)", "leaky_relu(3)", "abs",
    "step", "hard_tanh", "tanh", "sigmoid", "erf", "softplus", "gelu", "silu", "elu", "elu(0.5)",
    "sin", "cos", "exp", "exp_bump", "cubic", "he(0)", "he(1)", "he(4)", "he(5)",
)  # fmt: skip
POINTS = (-7.3, -2.0, -1.0, -0.31, -1e-9, 0.0, 1e-9, 0.5, 1.0, 1.7, 6.1)


@pytest.mark.parametrize("name", NAMES)
def test_the_fast_function_is_the_expression(name: str) -> None:
    sigma = get(name)
    exact = sp.lambdify(Z, sigma.expression, ["mpmath", {"Heaviside": _heaviside}])
    with mpmath.workdps(40):
        expected = [float(exact(mpmath.mpf(z))) for z in POINTS]
    # A Gaussian tail at z = -7.3 has condition number z^2 = 53: 53 roundings of z.
    np.testing.assert_allclose(sigma(POINTS), expected, rtol=1.2e-14, atol=1e-300)


@pytest.mark.parametrize("name", NAMES)
def test_the_fast_derivative_is_the_derivative_of_each_piece(name: str) -> None:
    sigma = get(name)
    for z in (-7.3, -2.0, -0.31, 0.5, 1.7, 6.1):
        (piece,) = [p.expression for p in sigma.pieces if p.lower < z < p.upper]
        expected = float(sp.diff(piece, Z).subs(Z, sp.Rational(z)).evalf(40))
        assert math.isclose(float(sigma.derivative(z)), expected, rel_tol=1e-14, abs_tol=1e-300)


@pytest.mark.parametrize("name", NAMES)
def test_at_a_kink_the_derivative_is_the_mean_of_both_sides(name: str) -> None:
    sigma = get(name)
    for left, right in zip(sigma.pieces[:-1], sigma.pieces[1:], strict=True):
        sides = [sp.diff(piece.expression, Z).subs(Z, right.lower) for piece in (left, right)]
        assert float(sigma.derivative(float(right.lower))) == pytest.approx(float(sum(sides)) / 2)


@pytest.mark.parametrize("name", NAMES)
def test_shapes_of_values_and_slopes(name: str) -> None:
    sigma = get(name)
    z = np.linspace(-3, 3, 14).reshape(2, 7)
    for function in (sigma.__call__, sigma.derivative):
        expected = function(z)
        assert expected.shape == z.shape
        assert not np.shares_memory(expected, z)
        assert function(0.5).shape == ()
        assert np.isnan(function([np.nan])).all()


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"exp"}))
def test_no_overflow_where_the_value_is_finite(name: str) -> None:
    sigma = get(name)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        values = sigma([-1e4, -800.0, 800.0, 1e4])
        slopes = sigma.derivative([-1e4, -800.0, 800.0, 1e4])
    assert np.isfinite(values).all()
    assert np.isfinite(slopes).all()


def test_softplus_keeps_its_digits_in_both_tails() -> None:
    values = get("softplus")([-40.0, 800.0])
    np.testing.assert_allclose(values, [math.exp(-40), 800.0], rtol=1e-15)
    np.testing.assert_allclose(get("log(1 + exp(z))")([-40.0, 800.0]), values, rtol=1e-15)


@pytest.mark.parametrize(
    ("name", "kinks", "parity", "order"),
    [
        ("relu", (0,), "none", 1), ("leaky_relu(0.1)", (0,), "none", 1), ("abs", (0,), "even", 1),
        ("step", (0,), "none", 0), ("hard_tanh", (-1, 1), "odd", 0), ("tanh", (), "odd", 0),
        ("sigmoid", (), "none", 0), ("erf", (), "odd", 0), ("softplus", (), "none", 1),
        ("gelu", (), "none", 1), ("silu", (), "none", 1), ("elu", (0,), "none", 1),
        ("sin", (), "odd", 0), ("cos", (), "even", 0), ("exp_bump", (), "even", 0),
        ("cubic", (), "odd", 3), ("he(4)", (), "even", 4), ("exp", (), "none", math.inf),
    ],
)  # fmt: skip
def test_kinks_parity_and_growth(
    name: str, kinks: tuple[float, ...], parity: str, order: float
) -> None:
    sigma = get(name)
    assert sigma.kinks == kinks
    assert sigma.parity == parity
    assert sigma.growth.order == order
    assert sigma.growth.max_scale == math.inf


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "softplus", "silu"])
def test_the_analyticity_bound_holds_in_the_strip(name: str) -> None:
    sigma = get(name)
    assert sigma.strip is not None
    function = sp.lambdify(Z, sigma.expression, "mpmath")
    rng = np.random.default_rng(5)
    for x, share in zip(
        rng.normal(scale=6, size=400), rng.uniform(-0.999, 0.999, 400), strict=True
    ):
        z = complex(x, share * sigma.strip.half_width)
        bound = (sigma.strip.constant + sigma.strip.slope * abs(z)) / math.cos(math.pi / 2 * share)
        assert abs(function(z)) <= bound


@pytest.mark.parametrize("name", [*NAMES, "z*tanh(z)"])
def test_activations_travel_between_processes(name: str) -> None:
    sigma = get(name)
    again = pickle.loads(pickle.dumps(sigma))
    assert again == sigma
    assert again.name == sigma.name
    assert hash(again) == hash(sigma)
    assert get(sigma.name) == sigma


def test_names_lists_what_get_accepts() -> None:
    listed = activations.names()
    for name in listed:
        if "(" not in name:
            assert get(name).name == name
    assert {"relu", "tanh", "he(p)"} <= set(listed)


def _heaviside(z: mpmath.mpf, at_zero: float = 0.5) -> float:
    return at_zero if z == 0 else float(z > 0)
