"""A soft committee machine and its teacher: the exact error of given weights."""

from __future__ import annotations

import numpy as np

from ... import activations
from ..._support.arrays import Array
from ...inputs import SingleIndex, spiked
from ...network import TrainedLayer

UNIT = "erf(z/sqrt(2))"
"""The activation of every unit."""


def error(J: Array, B: Array) -> float:
    """Generalization error of Saad and Solla (1995), equation for ``<(sigma - zeta)^2> / 2``.

    Student and teacher are sums, with weights 1, of ``erf(h / sqrt(2))`` of ``h = J x`` and
    ``B x`` for standard normal x; rows J, (K, n), and B, (M, n).
    """

    def mean(left: Array, right: Array) -> float:
        sizes = np.outer(1 + np.sum(left**2, axis=1), 1 + np.sum(right**2, axis=1))
        return float(np.sum(np.arcsin(left @ right.T / np.sqrt(sizes)))) / np.pi

    return mean(J, J) + mean(B, B) - 2 * mean(J, B)


def rows(count: int, n: int) -> Array:
    """Rows of any kind, of squared norms near 1, shape (count, n); nothing is drawn."""
    at = 1 + np.arange(count * n).reshape(count, n)
    return np.asarray(np.sqrt(2 / n) * np.sin(at**1.3))


def student(J: Array, B: Array) -> TrainedLayer:
    """The same student as a layer of this library, its labels those of a teacher of one unit.

    J has the shape (K, n), B (1, n): labels here have one index, and other teachers are refused.
    """
    if len(B) != 1:
        raise ValueError(f"B has {len(B)} rows; 1 is needed, as labels have one index")
    unit, n = activations.get(UNIT), J.shape[1]
    inputs = spiked(n, (1.0,), 1, 0.0, 0.0, np.random.default_rng(0))
    return TrainedLayer(J, unit, inputs, SingleIndex(B[0], unit, 0.0))
