"""Checks of arguments, with messages that name the argument, the value and what is allowed.

What a check returns is the value in Python's own type, whichever type it came in: callers go on
with that, so that equal values have equal names and can be written as JSON.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Collection, Iterable
from numbers import Integral, Real
from typing import Any, TypeVar

T = TypeVar("T")
MAGNITUDE = 1e30
"""The most that a quantity of a problem may be: products of several, and their fourth powers, that
formulas are made of, stay finite."""
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
    kind, value = Real if floats else Integral, scalar(value)
    number = isinstance(value, kind) and not isinstance(value, bool)
    if not number or not least <= value <= most or value % 1 != 0:
        allowed = f">= {least}" if math.isinf(most) else f"in [{least}, {most}]"
        raise _refused(name, value, f"a whole number {allowed}")
    return int(value)


def number(name: str, value: Any, low: float = -math.inf, high: float = math.inf) -> float:
    """`value` as a float, refused unless it is a finite real number in ``[low, high]``.

    >>> number("ridge", "1e-2", 0.0)
    Traceback (most recent call last):
    ValueError: ridge = '1e-2' is not allowed: a finite number >= 0 is needed, and this is text \
(YAML reads 1e-2 as text, 1.0e-2 as a number)
    """
    value = scalar(value)
    real = isinstance(value, Real) and not isinstance(value, bool)
    # An integer beyond float64 compares, but cannot be converted.
    if not real or not abs(value) <= _LARGEST or not low <= value <= high:
        allowed = f"a number in [{low:g}, {high:g}]"
        if math.isinf(high):
            allowed = "a finite number" + ("" if math.isinf(low) else f" >= {low:g}")
        raise _refused(name, value, allowed)
    return float(value)


def magnitude(name: str, value: Any) -> float:
    """`value` as a float, refused unless it is a number in ``[0, MAGNITUDE]``.

    >>> magnitude("noise", 1e160)
    Traceback (most recent call last):
    ValueError: noise = 1e+160 is not allowed: a number in [0, 1e+30] is needed
    """
    return number(name, value, 0.0, MAGNITUDE)


def positive(name: str, value: Any, most: float = _LARGEST) -> float:
    """`value` as a float, refused unless it is a finite number in ``(0, most]``."""
    value = scalar(value)
    real = isinstance(value, Real) and not isinstance(value, bool)
    if not real or not 0 < value <= most or float(value) == 0.0:
        allowed = "a finite number > 0" if most == _LARGEST else f"a number in (0, {most:g}]"
        raise _refused(name, value, allowed)
    return float(value)


def choice(name: str, value: Any, allowed: Collection[str]) -> str:
    """`value`, refused unless it is one of `allowed`."""
    value = scalar(value)
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name} = {value!r} is not allowed: one of {sorted(allowed)} is needed")
    return str(value)


def instance(name: str, value: Any, kind: type[T]) -> T:
    """`value`, refused unless it is of this class."""
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        raise ValueError(f"{name} = {value!r} is not allowed: {article} {kind.__name__} is needed")
    return value


def several(name: str, values: Any) -> list[Any]:
    """Different numbers, or different strings, as a list; refused unless there is at least one.

    Any iterable is taken but text. Numbers are ints if all are whole numbers by type, else floats:
    one dimension has coordinates of one type.

    >>> several("beta", (each / 4 for each in range(3)))
    [0.0, 0.25, 0.5]
    >>> several("beta", 0.5)
    Traceback (most recent call last):
    ValueError: beta = 0.5 is not allowed: a list of different numbers or strings is needed
    """
    wanted = "a list of different numbers or strings"
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise _refused(name, values, wanted)
    try:
        found = [scalar(each) for each in values]
    except TypeError:  # an array of no dimension
        raise _refused(name, values, wanted) from None
    if all(isinstance(each, str) for each in found):
        plain: list[Any] = [str(each) for each in found]
    elif all(isinstance(each, Integral) and not isinstance(each, bool) for each in found):
        plain = [int(each) for each in found]
    else:
        plain = [number(f"{name}[{i}]", each) for i, each in enumerate(found)]
    if not plain or len(set(plain)) < len(plain) or any(_beyond(each) for each in plain):
        raise _refused(name, found, wanted)
    return plain


def _beyond(value: Any) -> bool:
    return isinstance(value, int) and not -(2**63) <= value < 2**63


def scalar(value: Any) -> Any:
    """What an array of no dimension holds, or the value itself."""
    return value.item() if getattr(value, "shape", None) == () else value


def keep(record: Any, **checked: Any) -> None:
    """Give the fields of a frozen dataclass their checked values."""
    for name, value in checked.items():
        object.__setattr__(record, name, value)


def _refused(name: str, value: Any, allowed: str) -> ValueError:
    hint = ""
    if isinstance(value, str):
        hint = ", and this is text"
        try:
            float(value)
        except ValueError:
            pass
        else:
            hint += " (YAML reads 1e-2 as text, 1.0e-2 as a number)"
    return ValueError(f"{name} = {value!r} is not allowed: {allowed} is needed{hint}")
