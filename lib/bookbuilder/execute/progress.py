"""What is running and how long it will take, on a terminal and in a log file alike."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TextIO

from tqdm import tqdm


def remaining_seconds(
    running: Sequence[float | None], waiting: Sequence[float | None], workers: int
) -> float | None:
    """Seconds until all is done, from those that running and waiting chapters need, if known."""
    if None in running or None in waiting:
        return None
    free = sorted(max(0.0, seconds) for seconds in running if seconds is not None)
    free = [0.0] * (workers - len(free)) + free
    for seconds in waiting:
        free[0] += seconds or 0.0
        free.sort()
    return free[-1] if free else 0.0


class Progress:
    """A bar on a terminal, and a line whenever a chapter starts or finishes."""

    def __init__(
        self,
        expected: Mapping[str, float | None],
        workers: int,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start the clock; expected are seconds of each chapter's last run, in starting order."""
        self._expected = dict(expected)
        self._workers = workers
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._begin = clock()
        self._started: dict[str, float] = {}
        self._waiting = list(expected)
        self._bar = tqdm(
            total=len(expected),
            disable=None,  # only on a terminal
            file=self._stream,
            unit="chapter",
            leave=False,
            bar_format="{n}/{total} chapters |{bar:20}| {elapsed} {desc}",
        )

    def started(self, chapter: str) -> None:
        """A chapter began."""
        self._waiting.remove(chapter)
        self._started[chapter] = self._clock()
        seconds = self._expected[chapter]
        last = f" (last time {seconds:.0f} s)" if seconds is not None else ""
        self._line(f"started  {chapter}{last}")

    def finished(self, chapter: str, outcome: str, complaints: str = "") -> None:
        """A chapter ended: how, in a word, and what it wrote to stderr."""
        seconds = self._clock() - self._started.pop(chapter)
        self._bar.update(1)
        done = len(self._expected) - len(self._started) - len(self._waiting)
        rest = f"{done} of {len(self._expected)} done"
        if done < len(self._expected):
            rest += f", {self._remaining()}"
        self._line(f"{outcome:8} {chapter} after {seconds:.1f} s; {rest}")
        for line in complaints.splitlines():
            tqdm.write(f"  {chapter}: {line}", file=self._stream)

    def tick(self) -> None:
        """Refresh the bar."""
        self._bar.set_description_str(f"{self._remaining()}: {', '.join(self._started)}")

    def close(self) -> None:
        """Remove the bar."""
        self._bar.close()

    def _remaining(self) -> str:
        now = self._clock()
        running = [
            None if (last := self._expected[name]) is None else last - (now - start)
            for name, start in self._started.items()
        ]
        seconds = remaining_seconds(
            running, [self._expected[name] for name in self._waiting], self._workers
        )
        return "remaining time not known yet" if seconds is None else f"about {seconds:.0f} s left"

    def _line(self, text: str) -> None:
        tqdm.write(f"[{self._clock() - self._begin:6.1f} s] {text}", file=self._stream)
        self._stream.flush()
