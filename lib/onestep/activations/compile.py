"""Fast numpy functions from sympy expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from .._support.arrays import Array
from .pieces import Z

Kernel = Callable[[Array, Array], Array]
"""``kernel(z, out)``: fill ``out``, another array, elementwise and return it."""


def compile_expression(expression: Any) -> Kernel:
    """Compile an expression to a numpy function; values not finite at a finite z are refused."""
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
        missing = np.isnan(z)
        wrong = ~np.isfinite(value) & np.isfinite(z)
        if np.any(wrong):
            where = float(z[wrong].flat[0])
            raise ValueError(
                f"activation: {expression} cannot be evaluated in float64 at z = {where:g}"
            )
        np.copyto(out, value)
        out[missing] = np.nan  # where a condition would choose a branch
        return out

    return kernel


def weak_derivative(expression: Any) -> Any:
    """Return the derivative away from the kinks (a jump contributes nothing)."""
    derivative = sp.diff(expression, Z).replace(sp.DiracDelta, lambda *_: sp.Integer(0))
    if derivative.has(sp.Derivative, sp.Subs):
        raise ValueError(f"activation: {expression} could not be differentiated")
    return derivative.replace(
        sp.Piecewise, lambda *branches: _mean_of_sides(sp.Piecewise(*branches))
    )


_OTHER_SIDE = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


def _mean_of_sides(choice: Any) -> Any:
    """Return a Piecewise whose value where it switches is the mean of both sides."""
    turned = {
        each: sp.Rel(each.lhs, each.rhs, _OTHER_SIDE[each.rel_op])
        if each.rel_op in _OTHER_SIDE
        else each.rel_op == "!="  # a single point counts nothing
        for each in choice.atoms(sp.core.relational.Relational)
    }
    single = {each: to for each, to in turned.items() if isinstance(to, bool)}
    return (choice.xreplace(single) + choice.xreplace(turned)) / 2
