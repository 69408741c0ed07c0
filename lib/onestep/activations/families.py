"""Families of activations, with one parameter."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp
from scipy import special

from .._support.arrays import Array
from .activation import Activation
from .catalogue import step
from .compile import Kernel
from .pieces import Z

MAX_HERMITE = 64
_LEAK = sp.Rational(1, 100)


def _leaky_relu(slope: float) -> Kernel:
    choose = np.maximum if slope <= 1 else np.minimum

    def kernel(z: Array, out: Array | None) -> Array:
        return np.asarray(choose(z, slope * z, out=out))

    return kernel


def _leaky_relu_slope(z: Array, out: Array | None, slope: float) -> Array:
    result = step(z, out)
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
    right = step(z, None)
    result = np.exp(np.minimum(z, 0.0), out=out)
    result *= alpha
    result *= 1 - right
    result += right
    return result


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
