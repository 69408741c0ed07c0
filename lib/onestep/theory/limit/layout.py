"""Which special coordinates are what."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Layout(NamedTuple):
    """Which of the D coordinates are what.

    Attributes
    ----------
    spikes
        Of all clusters, that of cluster c with number j at ``c d + j``.
    means
        The span of the means.
    direction
        What xi has outside of both: one coordinate; none for labels by class or aligned ones.
    noise
        Sampling noise of the step, one coordinate for each output of the label.

    Examples
    --------
    >>> Layout.of(2, 0, 1, 1).noise
    slice(3, 4, None)
    """

    spikes: slice
    means: slice
    direction: slice
    noise: slice

    @classmethod
    def of(cls, *sizes: int) -> Layout:
        """In this order, one after the other."""
        ends = np.cumsum([0, *sizes]).tolist()
        return cls(*map(slice, ends[:-1], ends[1:]))
