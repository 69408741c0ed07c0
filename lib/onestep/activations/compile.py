"""Fast numpy functions from sympy expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from .._support.arrays import Array
from .pieces import Z

Kernel = Callable[[Array, Array], Array]
"""``kernel(z, out)``: fill ``out`` elementwise and return it; ``out`` may be ``z`` itself."""


def compile_expression(expression: Any) -> Kernel:
    """Compile an expression in ``Z`` to a numpy function.

    The result raises ``ValueError`` where a finite ``z`` gives a value that is not finite
    (overflow, or a pole), so that no wrong number goes on.
    """
    # log(1 + exp(u)) would overflow at u = 710, and it is a common activation.
    logistic = sp.Wild("u")
    stable = expression.replace(
        sp.log(1 + sp.exp(logistic)),
        lambda u: sp.Max(u, 0) + sp.Function("log1p")(sp.exp(-sp.Abs(u))),
    )
    function = sp.lambdify(Z, stable, [{"log1p": np.log1p}, "scipy", "numpy"], cse=True)

    def kernel(z: Array, out: Array) -> Array:
        with np.errstate(all="ignore"):
            value = np.broadcast_to(np.asarray(function(z), dtype=np.float64), z.shape)
        wrong = ~np.isfinite(value) & np.isfinite(z)
        if np.any(wrong):
            where = float(z[wrong].flat[0])
            raise ValueError(
                f"activation: {expression} cannot be evaluated in float64 at z = {where:g}"
            )
        np.copyto(out, value)
        return out

    return kernel


def weak_derivative(expression: Any) -> Any:
    """Return the derivative away from the kinks (a jump contributes nothing)."""
    derivative = sp.diff(expression, Z).replace(sp.DiracDelta, lambda *_: sp.Integer(0))
    if derivative.has(sp.Derivative, sp.Subs):
        raise ValueError(f"activation: {expression} could not be differentiated")
    return derivative
