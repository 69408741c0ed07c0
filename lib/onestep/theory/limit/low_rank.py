"""Principal axes of a Gram matrix of low rank."""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dpstrf

from ..._support.arrays import Array

_LEFT = 1e-6  # of the floor: what the factor may leave of the trace


def principal_axes(factor: Array, floor: float) -> Array:
    """Eigenvectors of ``factor factor^T`` whose eigenvalues are above a floor.

    Far fewer axes than rows count: a pivoted Cholesky factor of them costs little.

    Parameters
    ----------
    factor
        Shape (size, R).
    floor
        Least eigenvalue that counts.

    Returns
    -------
    numpy.ndarray
        Orthonormal columns, shape (size, kept), in ascending order of their eigenvalues.

    Examples
    --------
    >>> principal_axes(np.array([[3.0, 0.0], [0.0, 0.1]]), floor=1.0).round(6) ** 2
    array([[1.],
           [0.]])
    """
    size, R = factor.shape
    gram = factor @ factor.T if size < R else factor.T @ factor
    tolerance = _LEFT * floor / max(len(gram), 1)
    if size >= R:  # the columns would not be orthonormal along axes that are rounding
        tolerance = max(tolerance, np.finfo(float).eps * np.diagonal(gram).max(initial=0.0))
    found, order, rank, _ = dpstrf(gram, tol=tolerance, lower=True)
    root = np.empty((len(gram), rank))
    root[order - 1] = np.tril(found[:, :rank])
    values, turn = np.linalg.eigh(root.T @ root)
    kept = values > floor
    axes = root @ (turn[:, kept] / np.sqrt(values[kept]))
    return np.asarray(axes if size < R else factor @ (axes / np.sqrt(values[kept])))


def factors(matrix: Array, left: Array, right: Array, share: float) -> tuple[Array, Array]:
    """Factors of a matrix, without modes below this share of its weighted square norm.

    Parameters
    ----------
    matrix
        Shape (N, S).
    left, right
        Weights of its rows and columns, shapes (N,) and (S,), positive.
    share
        Of the sum of all weighted squares.

    Examples
    --------
    >>> rows, columns = factors(np.outer([1.0, 2.0], [3.0, 4.0, 5.0]), np.ones(2), np.ones(3), 1e-9)
    >>> rows.shape, (rows @ columns).round(9).tolist()
    ((2, 1), [[3.0, 4.0, 5.0], [6.0, 8.0, 10.0]])
    """
    root = np.sqrt(right)
    factor = (matrix * np.sqrt(left)[:, None] * root).T
    axes = principal_axes(factor, share * float(np.sum(factor**2)))
    return matrix @ (axes * root[:, None]), axes.T / root
