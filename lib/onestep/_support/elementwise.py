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


def evaluate(function: Callable[[Array, Array], Any], z: npt.ArrayLike) -> Array:
    """Evaluate ``function(source, target)``, which fills target from source, at all of z.

    It sees 1-d arrays of at most `BLOCK` numbers.
    """
    values = np.asarray(z, dtype=np.float64)
    out = np.empty_like(values)
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
