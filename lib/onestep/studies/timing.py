"""How long a piece of work takes, computed anew whatever an interrupted run has kept."""

from __future__ import annotations

import time
from collections.abc import Callable

from .._support.kept import anew


def seconds(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Seconds that `work` takes by a clock: that of the processor, all threads together.

    Examples
    --------
    >>> seconds(lambda: None) < 1.0
    True
    """
    with anew():
        start = clock()
        work()
        return clock() - start
