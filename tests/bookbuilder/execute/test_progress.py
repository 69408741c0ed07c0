"""What is running, and how long it will take."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from bookbuilder.execute.progress import Progress, remaining_seconds


def test_remaining_time() -> None:
    assert remaining_seconds([10.0], [5.0, 5.0], 2) == 10
    assert remaining_seconds([], [6.0, 4.0, 3.0], 2) == 7
    assert remaining_seconds([-3.0], [], 1) == 0
    assert remaining_seconds([None], [1.0], 2) is None
    assert remaining_seconds([1.0], [None], 2) is None


@given(st.lists(st.floats(0, 100), max_size=8), st.integers(1, 4))
def test_remaining_time_is_between_its_bounds(seconds: list[float], workers: int) -> None:
    estimate = remaining_seconds([], seconds, workers)
    assert estimate is not None
    lower = max(max(seconds, default=0), sum(seconds) / workers)
    assert lower - 1e-9 <= estimate <= sum(seconds) + 1e-9


def test_progress_in_a_log_file() -> None:
    log, now = io.StringIO(), [0.0]
    progress = Progress({"long": 10.0, "short": 4.0}, 1, log, lambda: now[0])
    progress.started("long")
    now[0] = 12.0
    progress.finished("long", "finished")
    progress.started("short")
    progress.tick()
    now[0] = 17.0
    progress.finished("short", "FAILED")
    progress.close()
    assert log.getvalue().splitlines() == [
        "[   0.0 s] started  long (last time 10 s)",
        "[  12.0 s] finished long after 12.0 s; 1 of 2 done, about 4 s left",
        "[  12.0 s] started  short (last time 4 s)",
        "[  17.0 s] FAILED   short after 5.0 s; 2 of 2 done",
    ]
