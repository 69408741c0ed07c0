"""Random generators keyed by content.

A generator is identified by everything that defines what it draws, never by the order of calls:
adding a grid point, a trial or a worker changes no number that was there before.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray


def digest(content: Any) -> str:
    """Hexadecimal SHA-256 of JSON-able content; floats enter by their shortest exact decimals.

    Numpy's numbers and arrays count as Python's.
    """
    text = json.dumps(
        content, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"key {value!r} is not allowed: what JSON knows is needed")


def array_digest(*arrays: NDArray[np.float64]) -> str:
    """Hexadecimal SHA-256 of the shapes and the values of arrays of floats."""
    found = hashlib.sha256()
    for array in arrays:
        found.update(repr(array.shape).encode())
        found.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return found.hexdigest()


def generator(*key: Any) -> np.random.Generator:
    """Generator for the JSON-able `key`, independent of the generators of all other keys.

    Examples
    --------
    >>> first, again, other = (generator("readout", seed) for seed in (0, 0, 1))
    >>> (x := first.standard_normal()) == again.standard_normal(), x == other.standard_normal()
    (True, False)
    """
    words = np.frombuffer(bytes.fromhex(digest(key)), dtype=np.uint32)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(words.tolist())))
