"""The activations of the book without parameters, each defined once."""

from __future__ import annotations

import math

import numpy as np
import sympy as sp
from scipy import special

from .._support.arrays import Array
from .activation import Activation, Strip
from .pieces import Z

_HALF = sp.Rational(1, 2)
_LOGISTIC = 1 / (1 + sp.exp(-Z))
_WIDE = 2.5  # half the strip that entire functions are given
_INVERSE_SQRT_TWO_PI = 1 / math.sqrt(2 * math.pi)


def step(z: Array, out: Array | None) -> Array:
    """Heaviside's function, 1/2 at 0; several times faster than numpy's."""
    result = np.sign(z, out=out)
    result *= 0.5
    result += 0.5
    return result


def _hard_tanh(z: Array, out: Array | None) -> Array:
    return np.asarray(np.clip(z, -1.0, 1.0, out=out))


def _hard_tanh_slope(z: Array, out: Array | None) -> Array:
    inner = 1 - np.abs(z)
    return step(inner, out)


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


def _entire(constant: float = 0.0, slope: float = 0.0) -> Strip:
    """Return the strip of a function that on the real axis is at most 1, or at most |z|."""
    return Strip(_WIDE, constant, slope, share=1 / max(constant, slope))


def fixed() -> tuple[Activation, ...]:
    """Return the activations without parameters."""
    z = Z
    in_gelu = 0.5 + 0.5 * _largest_erf(_WIDE / math.sqrt(2))
    return (
        Activation("identity", z, np.positive, _ones),
        Activation("relu", sp.Max(z, 0), lambda x, out: np.maximum(x, 0.0, out=out), step),
        Activation("abs", sp.Abs(z), np.abs, np.sign),
        Activation("step", sp.Heaviside(z), step, _zeros),
        Activation("hard_tanh", sp.Max(-1, sp.Min(1, z)), _hard_tanh, _hard_tanh_slope),
        Activation("tanh", sp.tanh(z), np.tanh, _tanh_slope, Strip(math.pi / 2, 1.0, 0.0)),
        Activation("sigmoid", _LOGISTIC, _logistic, _logistic_slope, Strip(math.pi, 1.0, 0.0)),
        Activation("erf", sp.erf(z), special.erf, _erf_slope, _entire(_largest_erf(_WIDE))),
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
            lambda x, out: np.multiply(x, special.ndtr(x), out),
            _gelu_slope,
            _entire(slope=in_gelu),
        ),
        Activation(
            "silu",
            z / (1 + sp.exp(-z)),
            lambda x, out: np.multiply(x, _logistic(x, None), out),
            _silu_slope,
            Strip(math.pi, 0.0, 1.0),
        ),
        Activation("sin", sp.sin(z), np.sin, np.cos),
        Activation("cos", sp.cos(z), np.cos, lambda x, out: np.negative(np.sin(x), out)),
        Activation.compiled("exp", sp.exp(z)),
        Activation(
            "exp_bump",
            sp.exp(-(z**2) / 2),
            _bump,
            lambda x, out: np.multiply(-x, _bump(x, None), out),
            _entire(math.exp(_WIDE**2 / 2)),
        ),
        Activation(
            "cubic",
            z**3,
            lambda x, out: np.multiply(x, x * x, out),
            lambda x, out: np.multiply(3.0 * x, x, out),
        ),
    )
