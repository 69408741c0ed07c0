"""A reader's own data: arrays that are checked, or a reason why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._support import check
from .._support.arrays import Array

LEAST = 20
"""Samples that every class needs, or labels that are numbers."""

KINDS = ("auto", "classes", "numbers")
"""What labels are; ``"auto"``: numbers, if they are floats and some are not whole, else classes."""


@dataclass(frozen=True)
class Data:
    """Inputs and their labels, checked.

    Attributes
    ----------
    X
        Inputs, shape (N, n), finite; no column is constant.
    y, names
        Class of every input, 0 to C - 1, shape (N,); and what the classes are called. Or numbers,
        and no names.
    constant
        Constant columns that were left out.

    Examples
    --------
    >>> from onestep.inputs import read
    >>> data = read("digits", drop_constant=True)
    >>> data.X.shape, len(data.names), data.constant, data.duplicates
    ((1797, 61), 10, 3, 0)
    """

    X: Array
    y: NDArray[np.intp] | Array
    names: tuple[str, ...]
    constant: int = 0

    @classmethod
    def of(
        cls, X: ArrayLike, y: ArrayLike, *, labels: str = "auto", drop_constant: bool = False
    ) -> Data:
        """Arrays, checked.

        Parameters
        ----------
        X
            Real numbers, shape (N, ...): axes behind the first are flattened.
        y
            A class for every input: whole numbers, truth values or texts, shape (N,) or (N, 1). Or
            a number for every input.
        labels
            Which of the two they are, one of `KINDS`.
        drop_constant
            Whether constant columns are left out; else they are refused.

        Examples
        --------
        >>> X = np.random.default_rng(0).standard_normal((40, 3))
        >>> Data.of(X, ["cat", "dog"] * 20).names
        ('cat', 'dog')
        >>> Data.of(X, X[:, 0]).names, Data.of(X, range(40), labels="numbers").y.max()
        ((), np.float64(39.0))
        >>> Data.of(X, np.zeros(40))
        Traceback (most recent call last):
            ...
        ValueError: y has one class, '0': two or more are needed
        """
        inputs, given = _inputs(X), _one_each(y)
        if len(inputs) != len(given):
            raise ValueError(f"X has {len(inputs)} rows and y {len(given)}: as many are needed")
        numbers = labels == "numbers" or (
            check.choice("labels", labels, KINDS) == "auto" and _some_between(given)
        )
        names, found = ((), _numbers(given)) if numbers else _classes(given)
        varying = np.ptp(inputs, axis=0) > 0
        constant = np.flatnonzero(~varying)
        if constant.size and not drop_constant:
            shown = ", ".join(map(str, constant[:5])) + (", ..." if constant.size > 5 else "")
            raise ValueError(
                f"X has {constant.size} constant columns ({shown}): they tell nothing; "
                "drop_constant = True leaves them out"
            )
        if not varying.any():
            raise ValueError("X has constant columns only")
        return cls(inputs[:, varying], found, names, int(constant.size))

    @property
    def duplicates(self) -> int:
        """Inputs that occurred before."""
        return len(self.X) - len({row.tobytes() for row in self.X})


def _inputs(X: ArrayLike) -> Array:
    array = np.asarray(X)
    if array.dtype.kind not in "buif":
        raise ValueError(f"X is of type {array.dtype}: real numbers are needed")
    if array.ndim < 2 or not array.size:
        raise ValueError(f"X has shape {array.shape}: (N, n) is needed")
    array = array.reshape(len(array), -1).astype(float)
    missing = np.argwhere(~np.isfinite(array))
    if missing.size:
        row, column = missing[0].tolist()
        raise ValueError(
            f"X has {len(missing)} entries that are NaN or infinite, the first in row {row}, "
            f"column {column}: finite numbers are needed"
        )
    if np.abs(array).max() > 1e100:
        raise ValueError("X has entries above 1e100: their squares are beyond float64")
    return array


def _one_each(y: ArrayLike) -> NDArray[Any]:
    """Labels of shape (N,), finite if they are floats."""
    array = np.asarray(y)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(f"y has shape {array.shape}: one label for each input is needed, (N,)")
    if array.dtype.kind == "f" and not np.all(np.isfinite(array)):
        raise ValueError("y has labels that are NaN or infinite")
    return array


def _some_between(y: NDArray[Any]) -> bool:
    """Whether some are between whole numbers."""
    return y.dtype.kind == "f" and bool(np.any(y % 1))


def _numbers(y: NDArray[Any]) -> Array:
    if y.dtype.kind not in "buif":
        raise ValueError(f"y is of type {y.dtype}: real numbers are needed")
    numbers = y.astype(float)
    if len(numbers) < LEAST or np.ptp(numbers) == 0:
        raise ValueError(
            f"y has {len(numbers)} labels, of which {np.unique(numbers).size} are different: "
            f"{LEAST} that are not all equal are needed"
        )
    if np.abs(numbers).max() > 1e100:
        raise ValueError("y has labels above 1e100: their squares are beyond float64")
    return numbers


def _classes(y: NDArray[Any]) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    number = y.dtype.kind in "iuf"
    if y.dtype == object and all(isinstance(each, str) for each in y):
        y = y.astype(str)
    if _some_between(y):
        raise ValueError(
            f"y has labels such as {y[np.argmax(y % 1 != 0)]:g}: classes are needed, "
            "whole numbers or texts"
        )
    if y.dtype.kind not in "buifUS":
        raise ValueError(f"y is of type {y.dtype}: whole numbers or texts are needed")
    values, index, counts = np.unique(y, return_inverse=True, return_counts=True)
    if values.size < 2:
        raise ValueError(f"y has one class, {_called(values[0])!r}: two or more are needed")
    if counts.min() < LEAST:
        raise ValueError(
            f"y has {counts.min()} samples of the class {_called(values[counts.argmin()])!r}: "
            f"{LEAST} of every class are needed"
            + ("; labels = 'numbers' takes them as numbers" if number else "")
        )
    return tuple(map(_called, values)), index.astype(np.intp)


def _called(value: Any) -> str:
    """A class by its name: whole floats are written as whole numbers."""
    return f"{value + 0.0:.0f}" if isinstance(value, np.floating) else str(value)
