"""Checks of arguments, with messages that name the argument, the value and what is allowed."""

from __future__ import annotations

import math
import sys
from collections.abc import Collection
from numbers import Integral, Real
from typing import Any

_LARGEST = sys.float_info.max


def integer(
    name: str, value: Any, least: int, most: float = math.inf, *, floats: bool = False
) -> int:
    """`value` as an int, refused unless it is a whole number in ``[least, most]``.

    Floats are refused: a field or a loop needs an int. With `floats`, whole ones are taken, for
    callers that go on with what is returned.

    >>> integer("degree", 4.0, 0, 150, floats=True)
    4
    >>> integer("trials", 0, 1)
    Traceback (most recent call last):
    ValueError: trials = 0 is not allowed: a whole number >= 1 is needed
    """
    kind = Real if floats else Integral
    number = isinstance(value, kind) and not isinstance(value, bool)
    if not number or not least <= value <= most or value % 1 != 0:
        allowed = f">= {least}" if math.isinf(most) else f"in [{least}, {most}]"
        raise ValueError(f"{name} = {value!r} is not allowed: a whole number {allowed} is needed")
    return int(value)


def number(name: str, value: Any, low: float = -math.inf, high: float = math.inf) -> float:
    """`value` as a float, refused unless it is a finite real number in ``[low, high]``."""
    real = isinstance(value, Real) and not isinstance(value, bool)
    # An integer beyond float64 compares, but cannot be converted.
    if not real or not abs(value) <= _LARGEST or not low <= value <= high:
        allowed = "a finite number" if math.isinf(low) else f"a number in [{low:g}, {high:g}]"
        raise ValueError(f"{name} = {value!r} is not allowed: {allowed} is needed")
    return float(value)


def positive(name: str, value: Any) -> float:
    """`value` as a float, refused unless it is a finite number above 0."""
    if number(name, value, 0.0) == 0.0:
        raise ValueError(f"{name} = {value!r} is not allowed: a number > 0 is needed")
    return float(value)


def choice(name: str, value: Any, allowed: Collection[str]) -> str:
    """`value`, refused unless it is one of `allowed`."""
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name} = {value!r} is not allowed: one of {sorted(allowed)} is needed")
    return value
