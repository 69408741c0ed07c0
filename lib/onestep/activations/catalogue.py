"""The activations of the book, each defined once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy as sp
from scipy import special

from .._support.arrays import Array
from .activation import Activation, Strip
from .compile import Kernel, compile_expression, weak_derivative
from .pieces import Z

MAX_HERMITE = 64
_HALF = sp.Rational(1, 2)
_LEAK = sp.Rational(1, 100)
_WIDE = 2.5  # half the strip that entire functions are given
_INVERSE_SQRT_TWO_PI = 1 / math.sqrt(2 * math.pi)


def _step(z: Array, out: Array | None) -> Array:
    """Heaviside's function, 1/2 at 0; several times faster than numpy's."""
    result = np.sign(z, out=out)
    result *= 0.5
    result += 0.5
    return result


def _leaky_relu(slope: float) -> Kernel:
    choose = np.maximum if slope <= 1 else np.minimum

    def kernel(z: Array, out: Array | None) -> Array:
        return np.asarray(choose(z, slope * z, out=out))

    return kernel


def _leaky_relu_slope(z: Array, out: Array | None, slope: float) -> Array:
    result = _step(z, out)
    result *= 1 - slope
    result += slope
    return result


def _elu(z: Array, out: Array | None, alpha: float) -> Array:
    negative = np.minimum(z, 0.0)
    np.expm1(negative, out=negative)
    negative *= alpha
    result = np.maximum(z, 0.0, out=out)
    result += negative
    return result


def _elu_slope(z: Array, out: Array | None, alpha: float) -> Array:
    right = _step(z, None)
    result = np.exp(np.minimum(z, 0.0), out=out)
    result *= alpha
    result *= 1 - right
    result += right
    return result


def _hard_tanh_slope(z: Array, out: Array | None) -> Array:
    inner = 1 - np.abs(z)
    return _step(inner, out)


def _logistic(z: Array, out: Array | None) -> Array:
    """``1 / (1 + e^{-z})``: with the digits of scipy's ``expit``, in half the time."""
    result = np.asarray(np.negative(z, out=out))
    with np.errstate(over="ignore"):  # of e^{-z}: the result is 0
        np.exp(result, out=result)
    result += 1
    return np.asarray(np.divide(1.0, result, out=result))


def _logistic_slope(z: Array, out: Array | None, rate: float = 1.0) -> Array:
    """``d / (1 + d)^2`` with ``d = e^{-rate |z|}``: no cancellation, all digits in the tails."""
    decay = np.asarray(np.abs(z, out=out))
    decay *= -rate
    np.exp(decay, out=decay)
    square = 1 + decay
    square *= square
    decay /= square
    return decay


def _tanh_slope(z: Array, out: Array | None) -> Array:
    result = _logistic_slope(z, out, rate=2.0)
    result *= 4
    return result


def _erf_slope(z: Array, out: Array | None) -> Array:
    result = np.exp(-(z * z), out=out)
    result *= 2 / math.sqrt(math.pi)
    return result


def _gelu_slope(z: Array, out: Array | None) -> Array:
    density = np.exp(-0.5 * z * z) * _INVERSE_SQRT_TWO_PI * z
    result = np.asarray(special.ndtr(z, out=out))
    result += density
    return result


def _silu_slope(z: Array, out: Array | None) -> Array:
    gate = _logistic(z, None)
    rest = 1 + z * _logistic(-z, None)
    return np.asarray(np.multiply(gate, rest, out=out))


def _softplus(z: Array, out: Array | None) -> Array:
    tail = np.log1p(np.exp(-np.abs(z)))
    result = np.maximum(z, 0.0, out=out)
    result += tail
    return result


def _bump(z: Array, out: Array | None) -> Array:
    result = np.multiply(z, z, out=out)
    result *= -0.5
    return np.asarray(np.exp(result, out=result))


def _zeros(z: Array, out: Array | None) -> Array:
    result = np.empty_like(z) if out is None else out
    result[...] = np.where(np.isnan(z), np.nan, 0.0)
    return result


def _ones(z: Array, out: Array | None) -> Array:
    result = _zeros(z, out)
    result += 1.0
    return result


def _largest_erf(y: float) -> float:
    """Return a bound of |erf| for |Im z| <= y: |erf'| is at most 2/sqrt(pi) e^(y^2) there."""
    return 1 + 2 / math.sqrt(math.pi) * y * math.exp(y**2)


def fixed() -> tuple[Activation, ...]:
    """Return the activations without parameters."""
    z = Z
    return (
        Activation("identity", z, lambda x, out: np.asarray(np.positive(x, out=out)), _ones),
        Activation(
            "relu",
            sp.Max(z, 0),
            lambda x, out: np.asarray(np.maximum(x, 0.0, out=out)),
            _step,
        ),
        Activation(
            "abs",
            sp.Abs(z),
            lambda x, out: np.asarray(np.abs(x, out=out)),
            lambda x, out: np.asarray(np.sign(x, out=out)),
        ),
        Activation(
            "step",
            sp.Heaviside(z),
            _step,
            _zeros,
        ),
        Activation(
            "hard_tanh",
            sp.Max(-1, sp.Min(1, z)),
            lambda x, out: np.asarray(np.clip(x, -1.0, 1.0, out=out)),
            _hard_tanh_slope,
        ),
        Activation(
            "tanh",
            sp.tanh(z),
            lambda x, out: np.asarray(np.tanh(x, out=out)),
            _tanh_slope,
            Strip(math.pi / 2, 1.0, 0.0),
        ),
        Activation(
            "sigmoid",
            1 / (1 + sp.exp(-z)),
            _logistic,
            _logistic_slope,
            Strip(math.pi, 1.0, 0.0),
        ),
        Activation(
            "erf",
            sp.erf(z),
            lambda x, out: np.asarray(special.erf(x, out=out)),
            _erf_slope,
            Strip(_WIDE, _largest_erf(_WIDE), 0.0, share=1 / _largest_erf(_WIDE)),
        ),
        Activation(
            "softplus",
            sp.log(1 + sp.exp(z)),
            _softplus,
            _logistic,
            Strip(math.pi, math.log(2), math.sqrt(2)),
        ),
        Activation(
            "gelu",
            z * (1 + sp.erf(z / sp.sqrt(2))) * _HALF,
            lambda x, out: np.asarray(np.multiply(x, special.ndtr(x), out=out)),
            _gelu_slope,
            Strip(
                _WIDE,
                0.0,
                0.5 + 0.5 * _largest_erf(_WIDE / math.sqrt(2)),
                share=1 / (0.5 + 0.5 * _largest_erf(_WIDE / math.sqrt(2))),
            ),
        ),
        Activation(
            "silu",
            z / (1 + sp.exp(-z)),
            lambda x, out: np.asarray(np.multiply(x, _logistic(x, None), out=out)),
            _silu_slope,
            Strip(math.pi, 0.0, 1.0),
        ),
        Activation(
            "sin",
            sp.sin(z),
            lambda x, out: np.asarray(np.sin(x, out=out)),
            lambda x, out: np.asarray(np.cos(x, out=out)),
        ),
        Activation(
            "cos",
            sp.cos(z),
            lambda x, out: np.asarray(np.cos(x, out=out)),
            lambda x, out: np.asarray(np.negative(np.sin(x), out=out)),
        ),
        _checked("exp", sp.exp(z)),
        Activation(
            "exp_bump",
            sp.exp(-(z**2) / 2),
            _bump,
            lambda x, out: np.asarray(np.multiply(-x, _bump(x, None), out=out)),
            Strip(_WIDE, math.exp(_WIDE**2 / 2), 0.0, share=math.exp(-(_WIDE**2) / 2)),
        ),
        Activation(
            "cubic",
            z**3,
            lambda x, out: np.asarray(np.multiply(x, x * x, out=out)),
            lambda x, out: np.asarray(np.multiply(3.0 * x, x, out=out)),
        ),
    )


def _checked(name: str, expression: Any) -> Activation:
    return Activation(
        name,
        expression,
        compile_expression(expression),
        compile_expression(weak_derivative(expression)),
    )


def leaky_relu(slope: Any = _LEAK) -> Activation:
    """Return max(z, 0) + slope * min(z, 0); ``slope`` in [-10, 10]."""
    _require("leaky_relu slope", slope, -10, 10)
    number = float(slope)
    return Activation(
        f"leaky_relu({_show(slope)})",
        sp.Max(Z, 0) + slope * sp.Min(Z, 0),
        _leaky_relu(number),
        lambda x, out: _leaky_relu_slope(x, out, number),
    )


def elu(alpha: Any = sp.S.One) -> Activation:
    """Return z for z > 0 and alpha * (exp(z) - 1) otherwise; ``alpha`` in [0, 10]."""
    _require("elu alpha", alpha, 0, 10)
    number = float(alpha)
    return Activation(
        "elu" if alpha == 1 else f"elu({_show(alpha)})",
        sp.Max(Z, 0) + alpha * (sp.exp(sp.Min(Z, 0)) - 1),
        lambda x, out: _elu(x, out, number),
        lambda x, out: _elu_slope(x, out, number),
    )


def he(degree: Any) -> Activation:
    """Return the probabilists' Hermite polynomial He_degree; ``degree`` an integer in [0, 64]."""
    _require("he degree", degree, 0, MAX_HERMITE)
    if not degree.is_integer:
        raise ValueError(
            f"activation: he degree = {degree}; allowed are integers in [0, {MAX_HERMITE}]"
        )
    p = int(degree)
    expression = sp.expand(sp.hermite_prob(p, Z))
    return Activation(
        f"he({p})",
        expression,
        lambda x, out: _write(special.eval_hermitenorm(p, x), out),
        lambda x, out: _write(p * special.eval_hermitenorm(max(p - 1, 0), x), out),
    )


def _write(value: Array, out: Array | None) -> Array:
    if out is None:
        return np.asarray(value)
    np.copyto(out, value)
    return out


def _require(argument: str, value: Any, low: int, high: int) -> None:
    if not (value.is_rational and low <= value <= high):
        raise ValueError(
            f"activation: {argument} = {value}; allowed are numbers in [{low}, {high}]"
        )


def _show(value: Any) -> str:
    return str(int(value)) if value.is_integer else repr(float(value))
