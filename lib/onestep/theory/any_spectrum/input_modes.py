"""Which Hermite polynomials of an input the features can be seen to hold.

On standard normal coordinates g of a cluster a neuron of preactivation ``s v^T g``, v a unit
vector, has along ``prod_j He_(gamma_j)(g_j) / (gamma_j!)^{1/2}`` the coefficient

    a_p(s) (p!/gamma!)^{1/2} v^gamma,    p = |gamma|,

whose square is a_p^2 times the multinomial probability of gamma in p trials of probabilities v_j^2.
So what is left for an unfinished gamma is known, and a branch below the floor is left at once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import comb

from ..._support.arrays import Array
from ...hermite import normalised_polynomials
from ..limit.kernel_series import Exponents, TooLarge, multinomial

_MOST = 12_000  # modes


def kept_modes(v2: Array, powers: Array, floor: float) -> Exponents:
    """Exponents of the modes that hold more than a floor of the mean power.

    Parameters
    ----------
    v2
        Squared unit vectors, shape (N, n).
    powers
        ``a_p^2``, shape (N, degree + 1).
    floor
        Least mean power of a mode.

    Returns
    -------
    NDArray
        Shape (number, n), by increasing degree.

    Raises
    ------
    TooLarge
        If there are more than 12,000.

    Examples
    --------
    >>> v2 = np.array([[0.8, 0.2]])
    >>> kept_modes(v2, np.array([[1.0, 1.0, 1.0]]), 0.3)  # 1; .8, .2; .64, .32, .04
    array([[0, 0],
           [1, 0],
           [2, 0],
           [1, 1]])
    """
    order = np.argsort(-v2.mean(axis=0), kind="stable")
    v2 = v2[:, order]
    left = np.cumsum(v2[:, ::-1], axis=1)[:, ::-1]  # on this axis and those after it
    left = np.hstack([left, np.zeros((len(v2), 1))])
    found = [
        _of_degree(p, v2, left, power, floor)
        for p, power in enumerate(powers.T)
        if power.mean() > floor
    ]
    kept = np.vstack([np.zeros((0, v2.shape[1]), dtype=np.intp), *found])
    back = np.empty_like(order)
    back[order] = np.arange(order.size)
    return np.asarray(kept[:, back])


def unlearned(v2: Array, powers: Array, k: int) -> float:
    """Mean power beside the modes that k neurons hold at least once each.

    Which are those that hold more than the k-th part of it; arguments as for `kept_modes`.

    Examples
    --------
    >>> v2 = np.array([[0.8, 0.2]])
    >>> round(unlearned(v2, np.array([[0.0, 1.0, 0.0]]), k=3), 6)  # .2 is more than its third
    0.0
    """
    total = float(powers.sum(axis=1).mean())
    exponents = kept_modes(v2, powers, 1e-2 * total / k)
    roots = multinomial(exponents)[:, None] * powers.T[exponents.sum(axis=1)]
    held = np.sort(power_products(v2, exponents, roots).mean(axis=1))[::-1]
    left = np.maximum(total - np.append(0.0, np.cumsum(held)), 0.0)
    learned = np.append(held, 0.0) > left / k
    return float(left[int(np.argmin(learned))])


def _of_degree(p: int, v2: Array, left: Array, power: Array, floor: float) -> NDArray[np.intp]:
    """Modes of one degree: axis by axis, the largest first."""
    n = v2.shape[1]
    kept, missing, share = np.zeros((1, n), np.intp), np.array([p]), power[None].copy()
    done = [kept[missing == 0]]
    for j in range(n if p else 0):
        grown = []
        for e in range(int(missing.max()) + 1):
            can = missing >= e
            after = missing[can] - e
            part = share[can] * comb(missing[can], e)[:, None] * v2[:, j] ** e
            good = np.mean(part * left[:, j + 1] ** after[:, None], axis=1) > floor
            row = kept[can][good]
            row[:, j] = e
            grown.append((row, after[good], part[good]))
        kept, missing, share = (np.concatenate(each) for each in zip(*grown, strict=True))
        done.append(kept[missing == 0])
        kept, share, missing = kept[missing > 0], share[missing > 0], missing[missing > 0]
        if len(kept) + sum(map(len, done)) > _MOST:
            raise TooLarge(
                f"inputs, k: more than {_MOST} polynomials of an input matter to a layer of this "
                "width; 'equivalent' and 'conditional', which are given the layer, need none"
            )
        if not len(kept):
            break
    return np.vstack(done)


def power_products(x: Array, exponents: Exponents, factors: Array) -> Array:
    """``factors`` times ``x^gamma``: of points (N, n) and factors (number, N), (number, N)."""

    def powers(column: Array, top: int) -> Array:
        return np.vander(column, top + 1, increasing=True)

    return _products(x, exponents, powers, factors)


def hermite_products(g: Array, exponents: Exponents) -> Array:
    """``prod_j He_(gamma_j)(g_j) / (gamma_j!)^{1/2}`` at points (size, n): (number, size).

    Examples
    --------
    >>> hermite_products(np.array([[2.0, 3.0]]), np.array([[1, 1], [2, 0]])).round(4)
    array([[6.    ],
           [2.1213]])
    """
    return _products(g, exponents, normalised_polynomials, np.ones((len(exponents), len(g))))


def _products(
    x: Array, exponents: Exponents, powers: Callable[[Array, int], Array], factors: Array
) -> Array:
    """``factors`` times products of functions of one axis, which `powers` has up to a degree."""
    found = factors.copy()
    for axis in np.flatnonzero(exponents.any(axis=0)):
        rows = np.flatnonzero(exponents[:, axis])
        table = powers(x[:, axis], int(exponents[rows, axis].max()))
        found[rows] *= table.T[exponents[rows, axis]]
    return found
