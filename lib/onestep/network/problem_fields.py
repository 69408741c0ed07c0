"""Fields of a problem that are more than a number or one of a few names, checked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .. import activations
from .._support import check


def activation_name(name: str, value: str) -> str:
    """The name under which an activation counts; ValueError if there is none."""
    try:
        found = activations.get(value)
        again = activations.get(found.name)
    except ValueError as error:
        raise ValueError(f"{name} = {value!r} is not allowed: {error}") from None
    if again != found:
        raise ValueError(f"{name} = {value!r} is not allowed: its name means {again!r}")
    return found.name


def rows(
    name: str, values: Sequence[Sequence[float]], count: int, length: int
) -> tuple[tuple[float, ...], ...]:
    """Rows of numbers, as many and as long as they must be; ValueError if they are not."""
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise ValueError(f"{name} = {values!r} is not allowed: {count} rows of numbers are needed")
    found = tuple(numbers(name, row) for row in values)
    if len(found) != count or any(len(row) != length for row in found):
        raise ValueError(
            f"{name} has rows of lengths {[len(row) for row in found]}; {count} rows of length "
            f"{length} are needed"
        )
    return found


def numbers(name: str, values: Sequence[float]) -> tuple[float, ...]:
    """Finite numbers, at least one; ValueError otherwise."""
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise ValueError(f"{name} = {values!r} is not allowed: a sequence of numbers is needed")
    found = tuple(check.number(f"{name}[{i}]", value) for i, value in enumerate(values))
    if not found:
        raise ValueError(f"{name} = {values!r} is not allowed: at least one number is needed")
    return found


def is_sign(target: str) -> bool:
    """Whether a target has the values +1 and -1 only, but for single points."""
    return bool(np.all(np.abs(activations.get(target)(np.linspace(-7.1, 7.3, 97))) == 1))
