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
    least = np.finfo(float).eps * np.diagonal(gram).max(initial=0.0)
    tolerance = max(_LEFT * floor / max(len(gram), 1), least)
    found, order, rank, _ = dpstrf(gram, tol=tolerance, lower=True)
    root = np.empty((len(gram), rank))
    root[order - 1] = np.tril(found[:, :rank])
    values, turn = np.linalg.eigh(root.T @ root)
    kept = values > floor
    axes = root @ (turn[:, kept] / np.sqrt(values[kept]))
    return np.asarray(axes if size < R else factor @ (axes / np.sqrt(values[kept])))
