"""The kernel that a feature makes on Gaussian coordinates, as a sum over monomials.

Let a feature be f(b g + y^T x), with g the bulk and x standard normal coordinates. Its mean given x
has the Hermite coefficients

    (p!/alpha!)^(1/2) f_p(y) y^alpha,    f_p(y) = a_p(tau) / tau^p,    tau^2 = b^2 + |y|^2,

p = |alpha|, with the normalised coefficients a_p of f at the scale tau. So the kernel of two
features, or of two inputs if these are y and neurons are x, is ``sum_p f_p(y) f_p(y') (y^T y')^p``:
of finite rank up to any accuracy. The kernel between neurons in `neuron_types` is this one. The
tests have it at quadrature nodes and up to degree 60.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..._support.arrays import Array
from ...hermite import GaussianFunction, ScaleTable

Exponents = NDArray[np.intp]

LARGEST = 3_000_000
"""Entries that a table of monomials at quadrature nodes may have."""


class TooLarge(ValueError):
    """A table over the spikes' coordinates would have more than `LARGEST` entries.

    Examples
    --------
    >>> issubclass(TooLarge, ValueError)
    True
    """


def require_size(size: int, smaller: str = "") -> None:
    """Refuse tables over the spikes' coordinates that are too large.

    `smaller` names a method whose tables are smaller, if there is one.

    Raises
    ------
    TooLarge
        If `size` exceeds `LARGEST`.
    """
    if size > LARGEST:
        less = f"; {smaller!r} needs a smaller one" if smaller else ""
        raise TooLarge(
            f"rank, weights: too many spikes of this strength: the quadrature over their "
            f"coordinates has {size} entries; at most {LARGEST} are allowed{less}, and "
            "'equivalent' and 'conditional', which are given the layer, need none"
        )


def multinomial(exponents: Exponents) -> Array:
    """``p!/alpha!`` for every row alpha of exponents, p = |alpha|."""
    top = int(exponents.sum(axis=1).max(initial=0))
    factorials = np.array([math.factorial(e) for e in range(top + 1)], dtype=float)
    return np.asarray(factorials[exponents.sum(axis=1)] / factorials[exponents].prod(axis=1))


def kept_monomials(spread: Array, coefficients: Array, floor: float) -> Exponents:
    """Exponents of the monomials whose share of a kernel is above a floor.

    Parameters
    ----------
    spread
        Root mean squares of the coordinates, shape (D,).
    coefficients
        Size of f_p up to the degree at which the series is cut, shape (degree + 1,).
    floor
        Least share ``f_p^2 p!/alpha! E u^(2 alpha)`` of a monomial, for Gaussian coordinates.

    Returns
    -------
    NDArray
        Shape (number, D), by increasing degree.

    Raises
    ------
    TooLarge
        If there are too many coordinates of this size.
    """
    top = coefficients.size - 1
    e = np.arange(top + 1)
    factorials = np.array([math.factorial(j) for j in e], dtype=float)
    odd = np.array([math.prod(range(2 * j - 1, 0, -2)) for j in e], dtype=float)
    # One column for each axis: E u^(2e) / e!.
    single = spread[None, :] ** (2 * e[:, None]) * (odd / factorials)[:, None]
    most = single.max(axis=0)
    degree = coefficients**2 * factorials
    tail = np.maximum.accumulate(degree[::-1])[::-1]
    # Axis by axis, largest first, without what no further factor can bring above the floor.
    order = np.argsort(spread)[::-1]
    kept, share = np.zeros((1, spread.size), dtype=np.intp), np.ones(1)
    for i, axis in enumerate(order):
        others = most[order[i + 1 :]].prod()
        kept = np.repeat(kept, top + 1, axis=0)
        kept[:, axis] = np.tile(e, share.size)
        share = np.multiply.outer(share, single[:, axis]).ravel()
        total = kept.sum(axis=1)
        possible = (total <= top) & (share * others * tail[np.minimum(total, top)] > floor)
        kept, share = kept[possible], share[possible]
        require_size(kept.size * (top + 1))
    kept = kept[share * degree[kept.sum(axis=1)] > floor]
    return np.asarray(kept[np.argsort(kept.sum(axis=1), kind="stable")])


def monomials(u: Array, exponents: Exponents) -> Array:
    """``(p!/alpha!)^(1/2) u^alpha``: their products, times those of series, sum to the kernel.

    Parameters
    ----------
    u
        Points, shape (N, D).
    exponents
        From `kept_monomials`.

    Returns
    -------
    Array
        Shape (N, number).
    """
    top = int(exponents.max(initial=0))
    columns = np.tile(np.sqrt(multinomial(exponents)), (len(u), 1))
    for axis, column in enumerate(u.T):
        columns *= np.vander(column, top + 1, increasing=True)[:, exponents[:, axis]]
    return np.asarray(columns)


def conditional_series(
    function: GaussianFunction,
    degree: int,
    scale: float | Array,
    points: Sequence[Array],
    shifts: Sequence[Array] | None = None,
) -> list[tuple[Array, Array]]:
    """``f_p(y)`` up to a degree, and ``E f^2``, for sets of points y.

    Parameters
    ----------
    function
        f.
    degree
        Largest p.
    scale
        b > 0, one for all points or one for each point of a set, shape (N,).
    points
        Sets of points, each of shape (N, D).
    shifts
        Means of the preactivations at the points, each of shape (N,): f is then expanded at every
        point. Without them one table in the scale serves all sets, and is good to 1e-13 of the
        size of f.

    Returns
    -------
    list
        For each set arrays of shapes (N, degree + 1) and (N,).

    Examples
    --------
    >>> from onestep import activations, hermite
    >>> relu = hermite.OfActivation(activations.get("relu"))
    >>> [(series, power)] = conditional_series(relu, 1, 0.6, [np.array([[0.0, 0.8]])])
    >>> series.round(6), power.round(6)  # tau = 1
    (array([[0.398942, 0.5     ]]), array([0.5]))
    """
    scales = [np.sqrt(scale**2 + np.sum(y**2, axis=1)) for y in points]
    if shifts is None:
        table = ScaleTable.shared(
            function,
            degree,
            min(float(tau.min()) for tau in scales),
            max(float(tau.max()) for tau in scales),
        )
        expanded = [table(tau) for tau in scales]
    else:
        laws = list(zip(scales, shifts, strict=True))
        expanded = [
            (function.coefficients(degree, *law), function.second_moment(*law)) for law in laws
        ]
    orders = np.arange(degree + 1)
    return [
        (a / tau[:, None] ** orders, power)
        for tau, (a, power) in zip(scales, expanded, strict=True)
    ]
