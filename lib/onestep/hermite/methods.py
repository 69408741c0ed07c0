"""Which method gives the coefficients and E sigma^2, and whether its bound is good enough."""

from __future__ import annotations

import numpy as np

from .._support.arrays import Array
from ..activations import Activation
from .closed import square_terms, term_coefficients, terms
from .piecewise import (
    exact_second_moment,
    piecewise_coefficients,
    piecewise_polynomial,
    polynomial_coefficients,
    squared,
)
from .quadrature import ACCEPTED, rules

_SETTLED = 1e-13  # relative error bound up to which a closed form of E sigma^2 is taken


def normalised_coefficients(
    sigma: Activation, degree: int, scale: Array, mean: Array
) -> tuple[Array, Array, str]:
    """Return (sqrt(p!) h_p, error bound of each, method) for 1-d ``scale`` and ``mean``."""
    sigma.require_scale(float(scale.max(initial=0)))
    with np.errstate(over="ignore", invalid="ignore"):
        values, bound, method = _closed(sigma, degree, scale, mean)
    norm = _norm(values)  # at most that of sigma, and mostly enough
    lost = ~(bound <= ACCEPTED * np.maximum(1.0, norm))  # also nan: overflow
    if np.any(lost) and method != "polynomial":
        try:
            found = _by_quadrature(sigma, degree, scale[lost], mean[lost])
        except ValueError:
            if method == "none":
                raise
        else:
            values[lost], bound[lost], method = found
            norm[lost] = _norm(values[lost])
    if method != "polynomial" and sigma.parity != "none":
        # An even or odd function has exact zeros; rounding must not fill them.
        values[mean == 0.0, (1 if sigma.parity == "even" else 0) :: 2] = 0.0
    rest = ~(bound <= ACCEPTED * np.maximum(1.0, norm))
    if np.any(rest):
        norm[rest] = _known_norm(sigma, scale[rest], mean[rest], norm[rest])
    _require_accepted(bound, norm, f"activation {sigma.name!r}, degree {degree}", "", scale, mean)
    return values, bound, method


def _require_accepted(
    bound: Array, size: Array, asked: str, of: str, scale: Array, mean: Array
) -> None:
    """Refuse error bounds that are too large beside what they bound."""
    accepted = bound <= ACCEPTED * np.maximum(1.0, size)
    if not np.all(accepted):
        worst = int(np.argmin(accepted))
        raise ValueError(
            f"scale, mean: {scale[worst]:g}, {mean[worst]:g} with {asked}: the error bound "
            f"{bound[worst]:.1e}{of} is above 1e-12 max(1, {size[worst]:.3g})"
        )


def _closed(sigma: Activation, degree: int, scale: Array, mean: Array) -> tuple[Array, Array, str]:
    """Return what closed forms give; a bound of nan where there is none."""
    polynomial = piecewise_polynomial(sigma)
    if polynomial is not None and not polynomial.kinks:
        return *polynomial_coefficients(polynomial, degree, scale, mean), "polynomial"
    if polynomial is not None:
        return *piecewise_coefficients(polynomial, degree, scale, mean), "piecewise polynomial"
    found = terms(sigma)
    if found is not None:
        return *term_coefficients(found, degree, scale, mean), "closed form"
    return np.zeros((len(scale), degree + 1)), np.full(len(scale), np.nan), "none"


def _norm(values: Array) -> Array:
    """Return the norms of the rows."""
    with np.errstate(all="ignore"):
        norm = np.sqrt(np.einsum("ij,ij->i", values, values))
        large = ~(norm < 1e150)
        if np.any(large):  # the squares overflow
            largest = np.abs(values[large]).max(axis=1)
            norm[large] = largest * np.linalg.norm(values[large] / largest[:, None], axis=1)
    return np.asarray(norm)


def _known_norm(sigma: Activation, scale: Array, mean: Array, least: Array) -> Array:
    """Return sqrt(E sigma^2), or ``least`` where it cannot be computed in float64."""
    try:
        return np.sqrt(square_mean(sigma, scale, mean))
    except ValueError:
        return least


def _by_quadrature(
    sigma: Activation, degree: int, scale: Array, mean: Array
) -> tuple[Array, Array, str]:
    values = np.empty((len(scale), degree + 1))
    bound = np.empty(len(scale))
    method = ""
    for block, nodes in rules(sigma, degree, scale, mean):
        values[block], bound[block] = nodes.coefficients(degree)
        method = nodes.method
    return values, bound, method


def square_mean(sigma: Activation, scale: Array, mean: Array) -> Array:
    """Return E sigma^2 for 1-d ``scale`` and ``mean``."""
    polynomial = piecewise_polynomial(sigma)
    if polynomial is not None and not polynomial.kinks:
        with np.errstate(over="ignore", invalid="ignore"):
            values, bound = polynomial_coefficients(polynomial, polynomial.degree, scale, mean)
            squares = np.asarray((values**2).sum(axis=1))
        for i in np.flatnonzero(~(bound <= ACCEPTED * np.sqrt(squares))):  # cancellation
            squares[i] = exact_second_moment(polynomial, float(scale[i]), float(mean[i]))
        return squares
    result, bound = _closed_second_moment(sigma, scale, mean)
    rest = np.flatnonzero(~(bound <= _SETTLED * result))
    # A sum of squares with positive weights: no cancellation, unlike the closed form.
    try:
        for block, nodes in rules(sigma, 0, scale[rest], mean[rest]):
            result[rest[block]], bound[rest[block]] = nodes.second_moment()
    except ValueError:
        if not np.all(bound <= ACCEPTED * np.maximum(1.0, result)):
            raise
    _require_accepted(bound, result, f"activation {sigma.name!r}", " of E sigma^2", scale, mean)
    return result


def _closed_second_moment(sigma: Activation, scale: Array, mean: Array) -> tuple[Array, Array]:
    """Return E sigma^2 and its bound in closed form; the bound is inf where there is none."""
    polynomial, square = piecewise_polynomial(sigma), square_terms(sigma)
    if polynomial is not None:
        values, bound = piecewise_coefficients(squared(polynomial), 0, scale, mean)
    elif square is not None:
        with np.errstate(over="ignore", invalid="ignore"):
            values, bound = term_coefficients(square, 0, scale, mean)
    else:
        return np.full(len(scale), np.nan), np.full(len(scale), np.inf)
    return values[:, 0].copy(), bound
