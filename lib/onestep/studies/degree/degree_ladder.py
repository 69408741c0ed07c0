"""Gaps of the polynomial models at the boundaries of the degree map, on a ladder of n.

``python -m onestep.studies sweep degree-ladder`` computes it anew, resumably.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from ...experiment import Numbers, Study
from .boundaries import BOUNDARIES, SIDES, measured_gap

SIZES = (400, 800, 1600)

_MANY, _SOME, _FEW = (30, 20, 14), (30, 14, 8), (12, 6, 4)
_FEW_SUFFICE = {
    "random/1": ("high",),
    "inner spread/1": ("low",),
    "inner step/1": ("high",),
    "inner step/2": SIDES,
    "rank spread/1": SIDES,
    "rank spread/2": ("low",),
    "rank step/1": ("high",),
    "shifted spread/1": ("high",),
    "shifted step/1": ("high",),
}
_MORE: Mapping[tuple[str, str], Mapping[int, tuple[int, ...]]] = {
    ("spread/4", "low"): {1: (60, 40, 36), 2: (120, 40, 100)},
    ("step/3", "low"): {1: (40, 24, 12), 2: (60, 36, 18), 3: (100, 60, 30)},
    ("step/3", "high"): {1: (40, 24, 12)},
    ("step/4", "low"): {1: (60, 30, 18), 2: (60, 30, 18)},
    ("step/4", "high"): {1: _SOME, 2: (60, 28, 16)},
}


def _trials(boundary: str, side: str) -> Mapping[int, tuple[int, ...]]:
    """Trials of every seed at each of `SIZES`.

    Gaps scatter the more the higher the degree: there are more trials where the exponent of a
    ladder would not be decided otherwise, and a second seed where they were added later.
    """
    if (boundary, side) in _MORE:
        return _MORE[boundary, side]
    if side in _FEW_SUFFICE.get(boundary, ()):
        return {1: _FEW}
    return {1: _MANY if boundary.startswith("spread") else _SOME}


def _draws(boundary: str, side: str, n: int) -> list[tuple[int, int]]:
    """Seed and trial of every draw."""
    rung = SIZES.index(n)
    counts = _trials(boundary, side)
    return [(seed, trial) for seed, count in counts.items() for trial in range(count[rung])]


def gap_numbers(boundary: str, side: str, n: int, draw: int) -> Numbers:
    """`measured_gap` as a cell of `STUDY`.

    Examples
    --------
    >>> list(gap_numbers("spread/1", "low", SIZES[0], 0))
    ['gap']
    """
    [at] = [each for each in BOUNDARIES if each.name == boundary]
    seed, trial = _draws(boundary, side, n)[draw]
    return {"gap": [measured_gap(at, side, n, trial, seed)]}


def _exists(at: Mapping[str, Any]) -> bool:
    return bool(at["draw"] < len(_draws(at["boundary"], at["side"], at["n"])))


STUDY = Study.of_function(
    gap_numbers,
    {"boundary": [each.name for each in BOUNDARIES], "side": SIDES, "n": SIZES},
    {
        "draw": max(
            len(_draws(each.name, side, n))
            for each, side, n in itertools.product(BOUNDARIES, SIDES, SIZES)
        )
    },
    ("model", ["hermite"]),
    ["gap"],
    exists=_exists,
)
