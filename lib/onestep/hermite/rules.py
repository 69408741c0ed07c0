"""Rules for the normal density: Gauss, whole or between kinks; their products; quasi-random.

At the end the mean square of a slope.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import scipy  # loads its `stats`, a second, when `quasi_random` is first called
from scipy.special import ndtri

from .._support.arrays import Array
from ..activations import Activation, get
from .numeric import second_moment


def gauss_on_pieces(kinks: Sequence[float], count: int) -> tuple[Array, Array]:
    """Gauss rules for the standard normal density on every piece between kinks, joined.

    Parameters
    ----------
    kinks
        Increasing points, where the integrand need not be smooth.
    count
        Nodes on each piece, >= 1; pieces of no probability have none.

    Returns
    -------
    tuple
        Nodes and weights; the weights sum to 1.

    Examples
    --------
    >>> nodes, weights = gauss_on_pieces([0.0], 20)
    >>> nodes.shape, round(float(weights @ np.maximum(nodes, 0) ** 2), 12)  # E relu^2
    ((40,), 0.5)
    """
    limit = 9.0
    ends = [-limit, *[x for x in kinks if abs(x) < limit], limit]
    fine, fine_weight = _fine()
    nodes, weights = [], []
    for low, high in itertools.pairwise(ends):
        x = 0.5 * (low + high) + 0.5 * (high - low) * fine
        measure = 0.5 * (high - low) * fine_weight * np.exp(-0.5 * x**2) / math.sqrt(2 * math.pi)
        if measure.sum() < 1e-16:
            continue
        # Stieltjes' procedure on the fine rule, then Golub and Welsch.
        alpha, beta = np.empty(count), np.empty(count)
        before, now, norm = np.zeros_like(x), np.ones_like(x), float(measure.sum())
        beta[0] = norm
        for j in range(count):
            alpha[j] = float(measure @ (x * now**2)) / norm
            before, now = now, (x - alpha[j]) * now - (beta[j] * before if j else 0.0)
            if j + 1 < count:
                following = float(measure @ now**2)
                beta[j + 1], norm = following / norm, following
        jacobi = np.diag(alpha) + np.diag(np.sqrt(beta[1:]), 1) + np.diag(np.sqrt(beta[1:]), -1)
        values, vectors = np.linalg.eigh(jacobi)
        nodes.append(values)
        weights.append(beta[0] * vectors[0] ** 2)
    joined = np.concatenate(weights)
    return np.concatenate(nodes), joined / joined.sum()


def gauss(count: int) -> tuple[Array, Array]:
    """Gauss rule for the standard normal density: `count` nodes, and weights that sum to 1.

    Exact for polynomials of degree ``2 count - 1``; above 180 nodes the outer weights underflow.

    Examples
    --------
    >>> nodes, weights = gauss(3)
    >>> (nodes**2).round(12), (6 * weights).round(12)
    (array([3., 0., 3.]), array([1., 4., 1.]))
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    return nodes, weights / weights.sum()


def product(rules: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
    """Product of one-dimensional rules: nodes, shape (size, number of rules), and weights.

    Examples
    --------
    >>> nodes, weights = product([gauss(2), gauss(3)])
    >>> nodes.shape, round(float(weights @ (nodes[:, 0] * nodes[:, 1]) ** 2), 12)
    ((6, 2), 1.0)
    """
    grid = np.stack(np.meshgrid(*[x for x, _ in rules], indexing="ij"), axis=-1)
    weights = functools.reduce(np.multiply.outer, [w for _, w in rules])
    return grid.reshape(-1, len(rules)), np.asarray(weights).ravel()


def quasi_random(dimension: int, count: int) -> tuple[Array, Array]:
    """Sobol's points as standard normal nodes, and their equal weights.

    For more dimensions than a product has nodes for. The error falls nearly like 1 / count, for
    smooth and for kinked integrands alike.

    Parameters
    ----------
    dimension
        Columns of the nodes, >= 1.
    count
        Rows of the nodes: a power of two.

    Examples
    --------
    >>> nodes, weights = quasi_random(dimension=2, count=64)
    >>> nodes.shape, float(weights.sum()), (weights @ nodes**2).round(1)
    ((64, 2), 1.0, array([1., 1.]))
    """
    points = scipy.stats.qmc.Sobol(dimension, scramble=False).random(count)
    # Sobol's first point is the origin: half a cell away, no node is infinite.
    return ndtri(points + 0.5 / count), np.full(count, 1 / count)


@functools.cache
def _fine() -> tuple[Array, Array]:
    """The rule under each piece; computing it takes longer than everything else here."""
    return np.polynomial.legendre.leggauss(400)


def mean_square_slope(activation: str | Activation, scale: npt.ArrayLike) -> Array:
    """``E sigma'(b g)^2``: the second moment of the slope, with the same guarantee.

    Jumps of sigma itself do not count: its slope there is no function.

    Parameters
    ----------
    activation
        Name, expression or Activation.
    scale
        Standard deviation b of the preactivation, in [1e-6, 1000]; the result has its shape.

    Raises
    ------
    ValueError
        As :func:`second_moment`, of the slope; so where that has no second moment, as at the kink
        of sqrt(abs(z)).

    Examples
    --------
    >>> mean_square_slope("relu", [0.7, 2.0]).round(12)
    array([0.5, 0.5])
    """
    return second_moment(get(activation).slope, scale)
