"""The atlas of activations: what is known of each, its coefficients, and how they decay."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ... import activations, hermite
from ..._support.arrays import Array

ORDERS = 150
"""Largest order whose decay is followed."""


def properties(names: Sequence[str], scale: float) -> pd.DataFrame:
    """Parity, kinks, growth, and how the coefficients of an activation are computed."""
    rows = {}
    for name in names:
        sigma = activations.get(name)
        rows[name] = {
            "parity": sigma.parity,
            "kinks": len(sigma.kinks),
            "order": sigma.growth.order,
            "closed form": "yes" if hermite.has_closed_form(sigma) else "no",
            "computed by": hermite.certified(sigma, 5, scale).method,
        }
    return pd.DataFrame(rows).T


def coefficients(names: Sequence[str], degree: int, scale: float) -> pd.DataFrame:
    """Coefficients up to a degree and the residual, as the book prints them."""
    rows = {}
    for name in names:
        found = hermite.HermiteExpansion.of(name, degree, scale)
        rows[name] = {
            f"h_{p}": f"\N{NO-BREAK SPACE}{h:.4f}" for p, h in enumerate(found.coefficients)
        }
        rows[name][f"h*_{degree}"] = f"\N{NO-BREAK SPACE}{found.residual:.1e}"
    return pd.DataFrame(rows).T


def normalised(name: str, scale: float) -> Array:
    """Sizes ``sqrt(p!) |h_p|`` of the coefficients up to `ORDERS`.

    Examples
    --------
    >>> normalised("relu", 1.0)[:3].round(3)
    array([0.399, 0.5  , 0.282])
    """
    return np.abs(hermite.coefficients(name, ORDERS, scale) * hermite.sqrt_factorials(ORDERS))


def power(name: str, scale: float, orders: Sequence[int]) -> float:
    """Exponent e of ``sqrt(p!) |h_p| ~ p^e`` over some orders."""
    sizes = normalised(name, scale)[np.asarray(orders)]
    return float(np.polyfit(np.log(orders), np.log(sizes), 1)[0])


def root_slope(name: str, scale: float) -> float:
    """Slope of ``log(sqrt(p!) |h_p|)`` in ``sqrt(p)``, from order 20 on and above rounding."""
    sizes = normalised(name, scale)
    orders = np.flatnonzero(sizes > 1e-13)
    orders = orders[orders >= 20]
    return float(np.polyfit(np.sqrt(orders), np.log(sizes[orders]), 1)[0])


def growth_outside(widening: float) -> float:
    """Growth per degree of ``log E He_p(c g)^2 / p!`` at p of about 110, for ``c = widening``.

    The next factor, ``p^(-1/2)`` from the root at the singularity, is taken out.
    """
    x, weight = np.polynomial.hermite_e.hermegauss(160)
    polynomials = hermite.normalised_polynomials(widening * x, 120)
    squares = (weight / weight.sum()) @ polynomials**2
    return float(np.log(squares[120] / squares[100]) / 20 + np.log(120 / 100) / 40)


def best_degrees(names: Sequence[str], scale: float, widenings: Sequence[float]) -> pd.DataFrame:
    """Degree up to 25 with the smallest error where preactivations are wider than the scale."""
    rows = {}
    for name in names:
        expansion = hermite.HermiteExpansion.of(name, 25, scale)
        rows[name] = {c: int(np.argmin(expansion.error_at(c * scale))) for c in widenings}
    return pd.DataFrame(rows).T
