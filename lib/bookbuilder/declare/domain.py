"""What values a parameter may take: the ``in …`` at the start of its comment."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

Scalar = bool | int | float | str
Value = Scalar | list[Scalar]

_INTERVAL = re.compile(r"in\s*([\[(])\s*([^,\s]+)\s*,\s*([^\])\s]+)\s*([\])])")
_CHOICE = re.compile(r"in\s*\{([^}]*)\}")


@dataclass(frozen=True)
class Interval:
    """Numbers between `low` and `high` that a float can hold; an open end excludes its bound."""

    low: float
    high: float
    low_open: bool
    high_open: bool

    def __contains__(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if value != value or (isinstance(value, int) and not representable(value)):
            return False
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return above and below

    def __str__(self) -> str:
        left, right = "(" if self.low_open else "[", ")" if self.high_open else "]"
        return f"in {left}{_plain(self.low)}, {_plain(self.high)}{right}"


def representable(value: float) -> bool:
    """Whether a number is finite and a float can hold it: whole numbers may be too large."""
    return abs(value) <= sys.float_info.max


@dataclass(frozen=True)
class Choice:
    """One of a few values: numbers are compared as numbers, all else as text."""

    options: tuple[str, ...]

    def __contains__(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return str(value) in self.options
        return any(_number(option) == value for option in self.options)

    def __str__(self) -> str:
        return "in {" + ", ".join(self.options) + "}"


@dataclass(frozen=True)
class Anything:
    """No restriction beyond the type: for yes/no and for free text."""

    def __contains__(self, value: object) -> bool:
        return True

    def __str__(self) -> str:
        return "any"


@dataclass(frozen=True)
class Activations:
    """Names of activations, and expressions: whatever the library takes for one."""

    def __contains__(self, value: object) -> bool:
        return not self.refusal(value)

    def refusal(self, value: object) -> str:
        """What the library says against a value; empty if it takes it."""
        from onestep import activations  # here: sympy is for the few chapters that ask

        try:
            activations.get(str(value))
        except ValueError as error:
            return str(error)
        return ""

    def __str__(self) -> str:
        return "in activations"


@dataclass(frozen=True)
class Files:
    """A reader's file, or the name of a data set that the library brings."""

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str) and (value in _shipped() or Path(value).is_file())

    def absolute(self, value: str) -> str:
        """The value as a kernel finds it, which runs elsewhere."""
        return value if value in _shipped() else str(Path(value).resolve())

    def state(self, value: object) -> str:
        """Changes whenever the file does."""
        from onestep.inputs.reading import state

        return state(str(value))

    def __str__(self) -> str:
        return "in files"


def _shipped() -> Collection[str]:
    from onestep.inputs import SHIPPED  # here: for the one chapter that asks

    return SHIPPED


Domain = Interval | Choice | Activations | Files | Anything


def parse_domain(comment: str) -> tuple[Domain, bool, str]:
    """Read a comment such as ``in [0, 1]: weighting between spread and step``.

    The ranges are ``in [a, b]``, ``in {x, y}``, ``in activations`` and ``in files``; an end ``(a``
    or ``b)`` is open, and ``each in ...`` is for lists. Returned are the domain, whether it holds
    for each element of a list, and the prose that follows.
    """
    rest = comment.strip()
    each = rest.startswith("each ")
    rest = rest.removeprefix("each ").lstrip()
    if not re.match(r"in\s*[\[({]|in (activations|files)\b", rest):
        if each:
            raise ValueError(
                f"`{comment}`: `each` must be followed by `in [a, b]` or `in {{x, y}}`"
            )
        return Anything(), False, rest.lstrip(": ")
    domain: Domain
    if match := _INTERVAL.match(rest):
        low, high = _bound(match[2]), _bound(match[3])
        if not low <= high:
            raise ValueError(f"`{comment}`: the range is empty")
        domain = Interval(low, high, match[1] == "(", match[4] == ")")
    elif match := _CHOICE.match(rest):
        options = tuple(option.strip().strip("'\"") for option in match[1].split(","))
        if not all(options):
            raise ValueError(f"`{comment}`: an option is empty")
        domain = Choice(options)
    elif match := re.match("in activations", rest):
        domain = Activations()
    elif match := re.match("in files", rest):
        domain = Files()
    else:
        raise ValueError(f"`{comment}`: write `in [a, b]`, `in (a, b)` or `in {{x, y}}`")
    prose = rest[match.end() :].strip()
    if prose and not prose.startswith(":"):
        raise ValueError(f"`{comment}`: put a colon between the range and the prose")
    return domain, each, prose.lstrip(": ")


def _number(text: str) -> float | None:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return None


def _bound(text: str) -> float:
    try:
        bound = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number or inf") from None
    if math.isnan(bound):
        raise ValueError("a bound cannot be nan")
    return bound


def _plain(bound: float) -> str:
    """A bound as an author would write it: whole numbers with all their digits."""
    return str(int(bound)) if bound.is_integer() and abs(bound) < 1e15 else f"{bound:g}"
