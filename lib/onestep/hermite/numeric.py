"""Hermite coefficients h_p(b) with error bounds, for many scales and means at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .._support.arrays import Array
from ..activations import Activation, get
from .methods import normalised_coefficients, square_mean
from .polynomials import require_degree, sqrt_factorials

MIN_SCALE, MAX_SCALE, MAX_MEAN = 1e-6, 1000.0, 10_000.0
_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Certified:
    """Coefficients h_0..h_degree on the last axis, and how far they can be off.

    Attributes
    ----------
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
    activation: str | Activation, degree: int, scale: npt.ArrayLike = 1.0, mean: npt.ArrayLike = 0.0
) -> Array:
    """Return h_0..h_degree with h_p = E[sigma(mean + scale g) He_p(g)] / p!.

    Closed form where there is one that is stable in float64, else quadrature split at the kinks;
    see :func:`certified` for the bound, and the chapter *Hermite coefficients* for both.

    Parameters
    ----------
    activation
        Name, expression or Activation, see :func:`onestep.activations.get`.
    degree
        In [0, 150].
    scale, mean
        Standard deviation b of the preactivation, in [1e-6, 1000], and its mean, in
        [-10000, 10000]; of any shapes that broadcast.

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

    Examples
    --------
    >>> coefficients("he(2)", degree=2, scale=2.0).round(12)  # (2 g)^2 - 1
    array([3., 0., 4.])
    >>> coefficients("relu", degree=4, scale=[0.5, 1.0]).shape
    (2, 5)
    """
    return certified(activation, degree, scale, mean).coefficients


def certified(
    activation: str | Activation, degree: int, scale: npt.ArrayLike = 1.0, mean: npt.ArrayLike = 0.0
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
    return square_mean(sigma, b, mu).reshape(shape)


# One law is that of a label, which recurs with every student and model.
@lru_cache(maxsize=256)
def _normalised_of_one(
    sigma: Activation, degree: int, scale: float, mean: float
) -> tuple[Array, Array, str]:
    return normalised_coefficients(sigma, degree, np.array([scale]), np.array([mean]))


@lru_cache(maxsize=256)
def _second_moment_of_one(sigma: Activation, scale: float, mean: float) -> float:
    return float(square_mean(sigma, np.array([scale]), np.array([mean]))[0])


class BeyondTables(ValueError):
    """A scale or a mean of a Gaussian at which expansions are not known."""


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
            raise BeyondTables(f"{name}: {worst!r}; allowed are numbers in [{low:g}, {high:g}]")
    return b.ravel(), mu.ravel(), b.shape
