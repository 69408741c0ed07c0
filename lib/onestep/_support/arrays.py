"""Arrays of numbers: their types, and the one product that may be taken in single precision."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
"""Real numbers."""

RealOrComplex = NDArray[Any]
"""Real in, real out; complex in, complex out."""

PRECISIONS: dict[str, type[np.floating[Any]]] = {"double": np.float64, "single": np.float32}


def unit(x: Array) -> Array:
    """``x / ||x||`` of a vector that is not 0, whose squares may vanish in float64.

    >>> unit(np.array([3e-300, 4e-300]))
    array([0.6, 0.8])
    """
    x = x / np.abs(x).max()
    return np.asarray(x / np.linalg.norm(x))


def product(A: Array, X: Array) -> Array:
    """``A X^T``, computed in the precision of X, in double.

    >>> product(np.eye(2), np.float32([[0.1, 1.0]] * 2))[0]
    array([0.1, 0.1])
    """
    return np.asarray((A.astype(X.dtype, copy=False) @ X.T).astype(np.float64, copy=False))
