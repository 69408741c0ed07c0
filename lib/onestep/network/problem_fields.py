"""What the fields of a problem may be, and in which type they are kept."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence

import numpy as np

from .. import activations
from .._support import check
from ..hermite import BeyondTables
from .losses import LOSSES

PAPER = (
    *(("loss", "square"), ("intercept", False), ("steps", 1), ("batch", "fresh")),
    *(("step_samples", None), ("second_layer", "gaussian"), ("update", "gradient"), ("decay", 0.0)),
)
"""Fields of training and readout that came later, as the paper has them."""


@contextlib.contextmanager
def blamed() -> Iterator[None]:
    """Name the fields that make preactivations too small, too large or too far from 0."""
    try:
        yield
    except BeyondTables as error:
        raise ValueError(
            "spread, strengths, step or means must be smaller: preactivations, or the index of the "
            f"labels, have the {error}"
        ) from error


def activation_name(name: str, value: str) -> str:
    """The name of an activation under which it is found again."""
    try:
        found = activations.get(value)
        again = activations.get(found.name)
    except ValueError as error:
        raise ValueError(f"{name} = {value!r} is not allowed: {error}") from None
    if again != found:
        raise ValueError(f"{name} = {value!r} is not allowed: its name means {again!r}")
    return found.name


def numbers(name: str, values: Sequence[float]) -> tuple[float, ...]:
    """At least one finite number."""
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise ValueError(f"{name} = {values!r} is not allowed: a sequence of numbers is needed")
    most = check.MAGNITUDE
    found = tuple(
        check.number(f"{name}[{i}]", value, -most, most) for i, value in enumerate(values)
    )
    if not found:
        raise ValueError(f"{name} = {values!r} is not allowed: at least one number is needed")
    return found


def rows(
    name: str, values: Sequence[Sequence[float]], count: int, length: int
) -> tuple[tuple[float, ...], ...]:
    """So many rows of so many numbers."""
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise ValueError(f"{name} = {values!r} is not allowed: {count} rows of numbers are needed")
    found = tuple(numbers(f"{name}[{i}]", row) for i, row in enumerate(values))
    if len(found) != count or any(len(row) != length for row in found):
        raise ValueError(
            f"{name} has rows of lengths {[len(row) for row in found]}; {count} rows of length "
            f"{length} are needed"
        )
    return found


def strengths(
    values: Sequence[Sequence[float]], clusters: int, rank: int
) -> tuple[tuple[float, ...], ...]:
    """Numbers >= 0, a row for each cluster, with equal sums."""
    found = rows("strengths", values, clusters, rank)
    sums = [math.fsum(row) for row in found]
    if min(map(min, found)) < 0 or max(sums) - min(sums) > 1e-9 * max(sums):
        raise ValueError(
            f"strengths = {found!r} is not allowed: numbers >= 0 with equal sums over "
            "the clusters are needed"
        )
    return found


def direction(value: str | Sequence[float], n: int) -> str | tuple[float, ...]:
    """``"random"``, ``"aligned"``, or n numbers that are not all 0."""
    if isinstance(value, str):
        return check.choice("direction", value, ("random", "aligned"))
    xi = numbers("direction", value)
    if len(xi) != n or not any(xi):
        raise ValueError(
            f"direction has {len(xi)} numbers of norm {math.hypot(*xi):.3g}; n = {n} of a "
            "norm above 0 are needed"
        )
    return xi


def step(value: float | Sequence[float] | None, steps: int) -> float | tuple[float, ...] | None:
    """None, one size >= 0 for all steps, or one for each of them."""
    if value is None or isinstance(value, str) or not np.ndim(value):
        return None if value is None else check.magnitude("step", value)
    sizes = tuple(check.magnitude(f"step[{i}]", size) for i, size in enumerate(value))  # type: ignore[arg-type]
    if len(sizes) != steps:
        raise ValueError(
            f"step = {sizes!r} is not allowed with steps = {steps}: one size, or {steps}, is needed"
        )
    return sizes


def decay(value: float, sizes: tuple[float, ...]) -> float:
    """A number >= 0 that leaves the weights their sign at every step."""
    found = check.number("decay", value, 0.0)
    if found * max(sizes) > 1:
        raise ValueError(
            f"decay = {found!r} is not allowed with steps of size {max(sizes):g}: decay times step "
            "must be at most 1"
        )
    return found


def require_suitable_loss(loss: str, target: str, noise: float) -> None:
    """Refuse a loss for labels that it does not take."""
    signs = (target == "class" or is_sign(target)) and not noise
    if LOSSES[loss].margin and not signs:
        raise ValueError(
            f"loss = {loss!r} is not allowed with target = {target!r} and noise = {noise!r}: "
            "classes or signs, without noise, are needed"
        )


def is_sign(target: str) -> bool:
    """Whether a target has the values +1 and -1 only, but for single points."""
    return bool(np.all(np.abs(activations.get(target)(np.linspace(-7.1, 7.3, 97))) == 1))
