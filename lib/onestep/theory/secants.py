"""Solving ``x = f(x)`` where f is dear: what the steps so far tell of its slope.

Given coordinates, a readout is solved by numbers V(s) at many nodes s, each a trace over a random
matrix at all the others. The plain iteration for log V is a contraction, which few modes keep from
being a fast one; the differences of a few steps hold these modes (Anderson's acceleration).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .._support.arrays import Array

_STEPS = 100  # at most; ten are the rule
_WORSE = 10.0  # than the best so far: from there on the plain iteration is taken
_NOTHING = 1e-13  # a smaller V changes no weight 1/(1 + V)
_RESOLVED = 1e-4  # directions of the changes that are smaller, as parts of the largest, are noise


def positive(V: Array) -> Array:
    """V(s) where it counts, and else a number whose logarithm is in reach.

    Examples
    --------
    >>> positive(np.array([0.0, 0.5]))
    array([1.e-13, 5.e-01])
    """
    return np.maximum(V, _NOTHING)


class Secants:
    """Differences of x and of ``x - f(x)`` along the way, shapes (nodes, steps).

    Examples
    --------
    >>> secants = Secants()
    >>> x, residual = secants.solve(lambda x: 1 + 0.5 * np.cos(x), np.zeros(2), 1e-12)
    >>> bool((abs(x - 1 - 0.5 * np.cos(x)) < 1e-11).all())
    True
    """

    def __init__(self) -> None:
        self._moved = np.zeros((0, 0))
        self._changed = np.zeros((0, 0))

    def solve(self, f: Callable[[Array], Array], x: Array, tolerance: float) -> tuple[Array, float]:
        """The x where f was last asked, and the largest ``|x - f(x)|`` there.

        Parameters
        ----------
        f
            A contraction, at best.
        x
            Where to start.
        tolerance
            At which to stop.
        """
        mismatch = x - f(x)
        residual = least = float(np.abs(mismatch).max())
        moved: list[Array] = []
        changed: list[Array] = []
        while residual > tolerance and len(moved) < _STEPS:
            # What leads away was no slope: then the plain iteration, which is a contraction.
            step = self.inverse(mismatch) if residual <= _WORSE * least else mismatch
            least = min(least, residual)
            before, missed = x, mismatch
            x = x - np.clip(step, -2.0, 2.0)
            mismatch = x - f(x)
            residual = float(np.abs(mismatch).max())
            size = max(float(np.linalg.norm(mismatch - missed)), 1e-300)
            moved.append((x - before) / size)
            changed.append((mismatch - missed) / size)
            self._moved, self._changed = np.stack(moved, axis=1), np.stack(changed, axis=1)
        return x, residual

    def inverse(self, change: Array) -> Array:
        """The x whose slope is `change`, as far as the steps tell: elsewhere f is flat."""
        if not self._moved.size:
            return change
        part = np.linalg.lstsq(self._changed, change, rcond=_RESOLVED)[0]
        return np.asarray(change + (self._moved - self._changed) @ part)
