"""Functions of many numbers, evaluated in blocks that stay in the cache.

A function of several passes over a large array is limited by memory, and so are the arrays that
each pass makes. In blocks it makes no array of the size of its argument besides the result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .arrays import Array

BLOCK = 16_384
"""Numbers of a block: it and two more such arrays stay in the L2 cache."""


def evaluate(function: Callable[[Array, Array], Any], z: npt.ArrayLike, out: Array | None) -> Array:
    """Evaluate ``function(source, target)``, which fills target from source, at all of z.

    It sees 1-d arrays of at most `BLOCK` numbers. ``out``, an array of the same shape to write
    to, may be ``z`` itself.
    """
    values = np.asarray(z, dtype=np.float64)
    if out is None:
        out = np.empty_like(values)
    elif out.shape != values.shape or out.dtype != np.float64:
        raise ValueError(
            f"out: shape {out.shape}, {out.dtype}; allowed is float64 of shape {values.shape}"
        )
    iterator = np.nditer(
        [values, out],
        flags=["external_loop", "buffered", "zerosize_ok"],
        op_flags=[["readonly"], ["writeonly"]],
        buffersize=BLOCK,
        order="K",
    )
    with iterator:
        for source, target in iterator:
            function(source, target)
    return out
