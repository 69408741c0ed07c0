"""Rules for the normal density: Gauss, whole or between kinks; their products; quasi-random."""

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
    """Gauss rules for the standard normal density on every piece between increasing kinks, joined.

    So many nodes on each piece, but none on pieces of no probability; the weights sum to 1.
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
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    return nodes, weights / weights.sum()


def product(rules: Sequence[tuple[Array, Array]]) -> tuple[Array, Array]:
    """Product of one-dimensional rules: nodes, shape (size, number of rules), and weights."""
    grid = np.stack(np.meshgrid(*[x for x, _ in rules], indexing="ij"), axis=-1)
    weights = functools.reduce(np.multiply.outer, [w for _, w in rules])
    return grid.reshape(-1, len(rules)), np.asarray(weights).ravel()


def quasi_random(dimension: int, count: int) -> tuple[Array, Array]:
    """Sobol's points, a power of two, as standard normal nodes (count, dimension); weights.

    For more dimensions than a product has nodes for. The error falls nearly like 1 / count, for
    smooth and for kinked integrands alike.
    """
    points = scipy.stats.qmc.Sobol(dimension, scramble=False).random(count)
    # Sobol's first point is the origin: half a cell away, no node is infinite.
    return ndtri(points + 0.5 / count), np.full(count, 1 / count)


@functools.cache
def _fine() -> tuple[Array, Array]:
    """The rule under each piece; computing it takes longer than everything else here."""
    return np.polynomial.legendre.leggauss(400)


def mean_square_slope(activation: str | Activation, scale: npt.ArrayLike) -> Array:
    """``E sigma'(b g)^2``, jumps of sigma left out, with the guarantee of `second_moment`."""
    return second_moment(get(activation).slope, scale)
