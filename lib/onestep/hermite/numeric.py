"""Hermite coefficients h_p(b) with error bounds, for many scales and means at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .._support.arrays import Array
from ..activations import Activation, get
from .closed import square_terms, term_coefficients, terms
from .panels import Unresolved
from .piecewise import (
    exact_second_moment,
    piecewise_coefficients,
    piecewise_polynomial,
    polynomial_coefficients,
    squared,
)
from .polynomials import require_degree, sqrt_factorials
from .quadrature import ACCEPTED, Rule, rule

MIN_SCALE, MAX_SCALE, MAX_MEAN = 1e-6, 1000.0, 10_000.0
_EPS = float(np.finfo(np.float64).eps)
_SETTLED = 1e-13  # relative error bound up to which a closed form of E sigma^2 is taken
_BLOCK = 100_000  # floats of a block of quadrature nodes: stays in cache


@dataclass(frozen=True)
class Certified:
    """Coefficients and how far they can be off.

    Attributes
    ----------
    coefficients
        h_0..h_degree on the last axis.
    bound
        Bound of the absolute error, same shape. The error of closed forms and of quadrature is
        proven; that of rounding is counted operation by operation in sigma, and by a model (a
        multiple of the unit roundoff) in sums and polynomials.
    method
        ``"polynomial"``, ``"piecewise polynomial"``, ``"closed form"``, ``"strip"`` or
        ``"panels"``; the last two are quadratures, also used at single scales where a closed form
        cancels.

    Examples
    --------
    >>> found = certified("tanh", degree=3)
    >>> found.method, bool(found.bound.max() < 1e-14)
    ('strip', True)
    """

    coefficients: Array
    bound: Array
    method: str


def coefficients(
    activation: str | Activation,
    degree: int,
    scale: npt.ArrayLike = 1.0,
    mean: npt.ArrayLike = 0.0,
) -> Array:
    """Return h_0..h_degree with h_p = E[sigma(mean + scale g) He_p(g)] / p!.

    Parameters
    ----------
    activation
        Name, expression or Activation, see :func:`onestep.activations.get`.
    degree
        In [0, 150].
    scale
        Standard deviation b of the preactivation, in [1e-6, 1000]; any shape.
    mean
        Mean of the preactivation, in [-10000, 10000]; broadcasts with ``scale``.

    Returns
    -------
    ndarray
        Shape ``broadcast(scale, mean).shape + (degree + 1,)``.

    Raises
    ------
    ValueError
        An argument outside its range; a scale at which sigma is not square-integrable; or an
        error that cannot be proven to be below 1e-12 max(1, sqrt(E sigma^2)) in every
        sqrt(p!) h_p.

    Notes
    -----
    Closed form where there is one that is stable in float64, else quadrature split at the kinks.
    Chapter "Hermite coefficients" derives both. See :func:`certified` for the bound.

    Examples
    --------
    >>> coefficients("he(2)", degree=2, scale=2.0).round(12)  # (2 g)^2 - 1
    array([3., 0., 4.])
    >>> coefficients("relu", degree=4, scale=[0.5, 1.0]).shape
    (2, 5)
    """
    return certified(activation, degree, scale, mean).coefficients


def certified(
    activation: str | Activation,
    degree: int,
    scale: npt.ArrayLike = 1.0,
    mean: npt.ArrayLike = 0.0,
) -> Certified:
    """Return the coefficients and their error bounds; arguments and errors as :func:`coefficients`.

    Examples
    --------
    >>> found = certified("relu", degree=2)
    >>> found.method, found.coefficients.round(6)
    ('piecewise polynomial', array([0.398942, 0.5     , 0.199471]))
    """
    sigma = get(activation)
    top = require_degree(degree)
    b, mu, shape = broadcast_law(scale, mean)
    if b.size == 1:
        normalised, bound, method = _normalised_of_one(sigma, top, float(b[0]), float(mu[0]))
    else:
        normalised, bound, method = normalised_coefficients(sigma, top, b, mu)
    roots = sqrt_factorials(top)
    values = normalised / roots
    return Certified(
        values.reshape(*shape, top + 1),
        (bound[:, None] / roots + _EPS * np.abs(values)).reshape(*shape, top + 1),
        method,
    )


def second_moment(
    activation: str | Activation, scale: npt.ArrayLike = 1.0, mean: npt.ArrayLike = 0.0
) -> Array:
    """Return E sigma(mean + scale g)^2; arguments and errors as :func:`coefficients`.

    Examples
    --------
    >>> second_moment("relu", scale=[1.0, 2.0]).round(12)
    array([0.5, 2. ])
    """
    sigma = get(activation)
    b, mu, shape = broadcast_law(scale, mean)
    sigma.require_scale(float(b.max(initial=0)))
    if b.size == 1:
        return np.full(shape, _second_moment_of_one(sigma, float(b[0]), float(mu[0])))
    return _second_moment(sigma, b, mu).reshape(shape)


# One law is that of a label, which recurs with every student and model.
@lru_cache(maxsize=256)
def _normalised_of_one(
    sigma: Activation, degree: int, scale: float, mean: float
) -> tuple[Array, Array, str]:
    return normalised_coefficients(sigma, degree, np.array([scale]), np.array([mean]))


@lru_cache(maxsize=256)
def _second_moment_of_one(sigma: Activation, scale: float, mean: float) -> float:
    return float(_second_moment(sigma, np.array([scale]), np.array([mean]))[0])


def normalised_coefficients(
    sigma: Activation, degree: int, scale: Array, mean: Array
) -> tuple[Array, Array, str]:
    """Return (sqrt(p!) h_p, error bound of each, method) for 1-d ``scale`` and ``mean``."""
    sigma.require_scale(float(scale.max(initial=0)))
    polynomial = piecewise_polynomial(sigma)
    found = terms(sigma)
    if polynomial is not None and not polynomial.kinks:
        method = "polynomial"
        with np.errstate(over="ignore", invalid="ignore"):
            values, bound = polynomial_coefficients(polynomial, degree, scale, mean)
    elif polynomial is not None:
        method = "piecewise polynomial"
        values, bound = piecewise_coefficients(polynomial, degree, scale, mean)
    elif found is not None:
        method = "closed form"
        with np.errstate(over="ignore", invalid="ignore"):
            values, bound = term_coefficients(found, degree, scale, mean)
            lost = ~(bound <= ACCEPTED * np.maximum(1.0, np.linalg.norm(values, axis=1)))
        if np.any(lost):
            values[lost], bound[lost], method = _instead_of_closed_form(
                sigma, degree, scale[lost], mean[lost], (values[lost], bound[lost], method)
            )
    else:
        values, bound, method = _by_quadrature(sigma, degree, scale, mean)
    if method != "polynomial" and sigma.parity != "none":
        # An even or odd function has exact zeros; rounding must not fill them.
        values[mean == 0.0, (1 if sigma.parity == "even" else 0) :: 2] = 0.0
    norm = np.linalg.norm(values, axis=1)  # at most that of sigma, and mostly enough
    rest = ~(bound <= ACCEPTED * np.maximum(1.0, norm))  # also nan: overflow
    if np.any(rest):
        norm[rest] = _known_norm(sigma, scale[rest], mean[rest], norm[rest])
    accepted = bound <= ACCEPTED * np.maximum(1.0, norm)
    if not np.all(accepted):
        worst = int(np.argmin(accepted))
        raise ValueError(
            f"scale, mean: {scale[worst]:g}, {mean[worst]:g} with activation {sigma.name!r}, "
            f"degree {degree}: the error bound {bound[worst]:.1e} is above "
            f"1e-12 max(1, {norm[worst]:.3g})"
        )
    return values, bound, method


def _known_norm(sigma: Activation, scale: Array, mean: Array, least: Array) -> Array:
    """Return sqrt(E sigma^2), or ``least`` where it cannot be computed in float64."""
    try:
        return np.sqrt(_second_moment(sigma, scale, mean))
    except ValueError:
        return least


def broadcast_law(
    scale: npt.ArrayLike, mean: npt.ArrayLike
) -> tuple[Array, Array, tuple[int, ...]]:
    """Return scale and mean, checked and flat, and the shape that they have together."""
    b, mu = np.broadcast_arrays(np.asarray(scale, np.float64), np.asarray(mean, np.float64))
    for name, values, low, high in (
        ("scale", b, MIN_SCALE, MAX_SCALE),
        ("mean", mu, -MAX_MEAN, MAX_MEAN),
    ):
        wrong = ~((values >= low) & (values <= high))
        if np.any(wrong):
            worst = float(values[wrong].flat[0])
            raise ValueError(f"{name}: {worst!r}; allowed are numbers in [{low:g}, {high:g}]")
    return b.ravel(), mu.ravel(), b.shape


def _instead_of_closed_form(
    sigma: Activation,
    degree: int,
    scale: Array,
    mean: Array,
    closed: tuple[Array, Array, str],
) -> tuple[Array, Array, str]:
    """Return what quadrature gives where the closed form cancels, or ``closed`` without one."""
    try:
        return _by_quadrature(sigma, degree, scale, mean)
    except ValueError:
        return closed


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


def rules(
    sigma: Activation, degree: int, scale: Array, mean: Array
) -> Iterator[tuple[slice, Rule]]:
    """Yield a rule per block of scales; a block's nodes stay in cache."""
    start, size = 0, min(len(scale), 64)
    while start < len(scale):
        block = slice(start, min(start + size, len(scale)))
        try:
            found = rule(sigma, degree, scale[block], mean[block])
        except Unresolved:
            if block.stop > start + 1:
                size = max(1, (block.stop - start) // 4)
                continue
            raise ValueError(
                f"activation: {sigma.name!r} at scale {scale[start]:g}, mean {mean[start]:g}, "
                f"degree {degree}: no error bound could be proven; it varies too fast for this "
                "scale, or is too wild near a point; allowed are smaller scales or smoother functions"
            ) from None
        yield block, found
        start = block.stop
        per_scale = found.values.shape[1] * (1 if found.x.ndim == 1 else degree + 1)
        size = max(1, _BLOCK // per_scale)


def _second_moment(sigma: Activation, scale: Array, mean: Array) -> Array:
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
    accepted = bound <= ACCEPTED * np.maximum(1.0, result)
    if not np.all(accepted):
        worst = int(np.argmin(accepted))
        raise ValueError(
            f"scale, mean: {scale[worst]:g}, {mean[worst]:g} with activation {sigma.name!r}: the "
            f"error bound {bound[worst]:.1e} of E sigma^2 is above 1e-12 max(1, {result[worst]:.3g})"
        )
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
