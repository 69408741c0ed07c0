"""What sympy prints is read again: names, symbols, conditions, constants."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import xlogy

import onestep
from onestep import activations
from onestep.activations import Z, get

POINTS = np.linspace(-3.03, 2.97, 25)
X = sp.Symbol("x")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Max(0, z)", "relu"),
        ("Min(Max(z, 0), 6)", "min(max(z, 0), 6)"),
        ("Heaviside(z)", "step"),
        ("Heaviside(z, 1/2)", "step"),
        ("Abs(z)", "abs"),
        ("x*tanh(x)", "z*tanh(z)"),
        ("Max(0, x_1 - 1)", "relu(z - 1)"),
        ("relu + g", "relu + z"),
        ("exp(-ξ**2/2)", "exp_bump"),
        ("E*z + E**z", "e*z + exp(z)"),
        ("2**z", "exp(z*log(2))"),
        ("pi**(-z**2)", "exp(-z**2*log(pi))"),
        ("z/GoldenRatio", "2*z/(1 + sqrt(5))"),
        ("-z*sign(z)/2", "-abs(z)/2"),
    ],
)
def test_sympys_spelling_is_a_spelling(text, same):
    one, other = get(text), get(same)
    np.testing.assert_allclose(one(POINTS), other(POINTS), rtol=1e-14)
    assert get(one.name) == one


@pytest.mark.parametrize(
    ("text", "function", "kinks"),
    [
        ("Piecewise((0, z < 0), (z, True))", lambda z: np.maximum(z, 0), [0]),
        ("Piecewise((-1, z < -1), (1, z > 1), (z, True))", lambda z: np.clip(z, -1, 1), [-1, 1]),
        (
            "Piecewise((z, (z > -1) & (z <= 1)), (sign(z), True))",
            lambda z: np.clip(z, -1, 1),
            [-1, 1],
        ),
        ("Piecewise((z, -1 <= z <= 1), (0, True))", lambda z: z * (abs(z) <= 1), [-1, 1]),
        (
            "Piecewise((z, ~(z < 0) | (z < -2)), (0, True))",
            lambda z: z * ((z >= 0) | (z < -2)),
            [-2, 0],
        ),
        ("Piecewise((5, Eq(z, 0)), (z, True))", lambda z: np.where(z == 0, 5, z), [0]),
        ("Piecewise((0, t <= 0), (t*log(t), True))", lambda z: xlogy(z, abs(z)) * (z > 0), [0]),
    ],
)
def test_conditions(text, function, kinks):
    sigma = get(text)
    np.testing.assert_allclose(sigma(POINTS), function(POINTS), atol=1e-14)
    assert set(sigma.kinks) <= set(kinks)
    assert get(str(sigma.expression)) == sigma
    assert np.isnan(sigma(np.nan)) and np.isnan(sigma.derivative(np.nan))


@pytest.mark.parametrize("relation", ["<", "<="])
def test_the_slope_at_a_condition_is_the_mean_of_both_sides(relation):
    sigma = get(f"Piecewise((0, z {relation} 0), (z, True))")
    z = np.array([-1.0, 0.0, 2.0])
    assert np.array_equal(sigma.derivative(z), get("relu").derivative(z))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("rulu", "'rulu' in"),
        ("LambertW(z)", "'LambertW' in"),
        ("Heaviside(z, 1)", "Heaviside in .* 2 arguments"),
        ("I*tanh(1)", "'I' in"),
        ("Max(x, y)", r"symbols \['x', 'y'\]; one is allowed"),
        ("Piecewise(z)", "pairs of a value and a condition"),
        ("Piecewise((z, z))", "conditions such as"),
        ("Piecewise()", "0 arguments"),
        ("Piecewise((z, z < 0))", "no value at z = 1"),
        ("Piecewise((z, sin(z) < 0), (0, True))", "cannot find where"),
        ("z < 0", "'z < 0' in"),
        ("(-2)**z", "exponent z"),
        ("abs(z)**65", "exponent 65"),
        ("z**sqrt(2)", "not real and finite"),
        ("-" * 1400 + "nope", "'nope'|nested too deeply"),
        ("-(" * 700 + "z" + ")" * 700, "not an arithmetic|nested too deeply|at most"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(text, reason):
    with pytest.raises(ValueError, match=reason):
        get(text)


KNOWN = [name for name in activations.names() if "(" not in name]


@pytest.mark.parametrize(
    "name", [*KNOWN, "he(0)", "he(7)", "he(64)", "leaky_relu(-0.3)", "elu(2.5)"]
)
def test_what_sympy_prints_of_a_known_activation_is_that_activation(name):
    sigma = get(name)
    assert get(str(sigma.expression)) == sigma
    assert get(str(sigma.expression.subs(Z, X))) == sigma
    assert get(sigma.expression.subs(Z, X)) == sigma


UNARY = [
    *("tanh({})", "Abs({})", "sign({} - 1/3)", "erf({})", "atan({})", "exp(-({})**2)", "sin({})"),
    *("sqrt(1 + ({})**2)", "relu({})", "-({})/3", "2**tanh({})"),
]
BINARY = [
    *("{} + {}", "{} - {}/2", "({})*erf({})", "pi*({}) + sqrt(2)*({})"),
    "Piecewise(({}, z < 1/2), ({}, True))",
]


def _grown(parts):
    one = st.builds(str.format, st.sampled_from(UNARY), parts)
    return one | st.builds(str.format, st.sampled_from(BINARY), parts, parts)


EXPRESSIONS = st.recursive(
    st.sampled_from(["z", "z/2 - 1", "Max(0, z)", "Min(1, z)", "Heaviside(z)", "0.1", "E", "z**2"]),
    _grown,
    max_leaves=4,
)


@settings(max_examples=60)
@given(EXPRESSIONS)
def test_what_sympy_prints_of_any_expression_is_the_same_function(text):
    try:
        sigma = get(text)
    except ValueError as error:
        assert "activation" in str(error)
        return
    again = get(str(sigma.expression))
    assert again == sigma or sp.expand(again.expression - sigma.expression) == 0
    assert get(sigma.expression.subs(Z, X)).name == get(str(sigma.expression)).name
    np.testing.assert_allclose(again(POINTS), sigma(POINTS), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "expression",
    [
        sp.Float(0.1) * X,
        sp.Float(1 / 3) * sp.tanh(X),
        sp.Pow(2, X),
        sp.Abs(X) ** sp.sqrt(2),
        sp.Abs(X) ** sp.pi,
        sp.GoldenRatio * X + sp.EulerGamma + sp.Catalan + sp.TribonacciConstant,
        sp.Piecewise((0, X < 0), (X, True)),
        sp.Piecewise((X, sp.And(X > -1, X < 1)), (sp.sign(X), True)),
        sp.hermite_prob(64, X),
    ],
)
def test_the_name_of_every_accepted_expression_finds_it_again(expression):
    sigma = get(expression)
    assert get(sigma.name) == sigma


def test_a_problem_is_accepted_only_if_its_names_are_found_again():
    small = {"n": 12, "m": 10, "k": 7}
    kinked = onestep.Problem(**small, activation=sp.Piecewise((0, X < 0), (X, True)))
    relu = onestep.Problem(**small, activation="relu")
    one, other = (onestep.simulate(each, trials=2, degree=2) for each in (kinked, relu))
    np.testing.assert_allclose(one.training_error, other.training_error, rtol=1e-9)
    with pytest.raises(ValueError, match="exponent 80"):
        onestep.Problem(**small, activation=X**80 * sp.exp(-(X**2)))
    relu_alone = get("relu")
    mine = activations.Activation("mine", X, relu_alone._value, relu_alone._slope)
    with pytest.raises(ValueError, match=r"activation = .*'mine'"):
        onestep.Problem(**small, activation=mine)


def test_one_letter_stands_for_z_and_is_no_name():
    for name in ("x", "E", "Max", "Piecewise"):
        with pytest.raises(ValueError, match="name"):
            activations.register(name, "z*tanh(z)")
