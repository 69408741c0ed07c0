"""A reader's own data: arrays from a file, or a reason why not."""

from __future__ import annotations

import importlib.util
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from .._support.arrays import Array

LABELS = ("y", "label", "class", "target")
"""Names that a column of labels may have."""

LEAST = 20
"""Samples that every class needs."""

SHIPPED = {"digits": Path(__file__).parent / "data" / "digits.npz"}
"""Data sets that come with the package, by name; their sources and licences lie beside them."""

_PICKLES = (".pkl", ".pickle", ".joblib", ".pt", ".pth")
_DAMAGED = (
    OSError, EOFError, UnicodeError, zipfile.BadZipFile, zlib.error,
    pd.errors.EmptyDataError, pd.errors.ParserError,
)  # fmt: skip


@dataclass(frozen=True)
class Data:
    """Inputs and their classes, checked.

    Attributes
    ----------
    X
        Inputs, shape (N, n), finite; no column is constant.
    y, names
        Class of every input, 0 to C - 1, shape (N,); and what the classes are called.
    constant
        Constant columns that were left out.

    Examples
    --------
    >>> data = read("digits", drop_constant=True)
    >>> data.X.shape, len(data.names), data.constant, data.duplicates
    ((1797, 61), 10, 3, 0)
    """

    X: Array
    y: NDArray[np.intp]
    names: tuple[str, ...]
    constant: int = 0

    @classmethod
    def of(cls, X: ArrayLike, y: ArrayLike, *, drop_constant: bool = False) -> Data:
        """Arrays, checked.

        Parameters
        ----------
        X
            Real numbers, shape (N, ...): axes behind the first are flattened.
        y
            A class for every input: whole numbers, truth values or texts, shape (N,) or (N, 1).
        drop_constant
            Whether constant columns are left out; else they are refused.

        Examples
        --------
        >>> X = np.random.default_rng(0).standard_normal((40, 3))
        >>> Data.of(X, ["cat", "dog"] * 20).names
        ('cat', 'dog')
        >>> Data.of(X, np.zeros(40))
        Traceback (most recent call last):
            ...
        ValueError: y has one class, '0': two or more are needed
        """
        inputs, (names, index) = _inputs(X), _classes(y)
        if len(inputs) != len(index):
            raise ValueError(f"X has {len(inputs)} rows and y {len(index)}: as many are needed")
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
        counts = np.bincount(index)
        if counts.min() < LEAST:
            raise ValueError(
                f"y has {counts.min()} samples of the class {names[int(counts.argmin())]!r}: "
                f"{LEAST} of every class are needed"
            )
        return cls(inputs[:, varying], index, names, int(constant.size))

    @property
    def duplicates(self) -> int:
        """Inputs that occurred before."""
        return len(self.X) - len({row.tobytes() for row in self.X})


def read(path: str | Path, *, drop_constant: bool = False) -> Data:
    """Inputs and classes from a file.

    Parameters
    ----------
    path
        ``.npz`` with the arrays X and y; ``X.npy``, beside it ``y.npy`` (or ``train_X.npy`` and
        ``train_y.npy``); ``.csv`` or ``.csv.gz`` with a line of names and a column called as in
        `LABELS`; ``.parquet`` likewise, where pyarrow is installed; or a name in `SHIPPED`.
    drop_constant
        As for `Data.of`.

    Raises
    ------
    ValueError
        If the file has no labels, or one class; something is missing, infinite or no number;
        columns are constant; a class has fewer than `LEAST` samples; or the format is another. A
        pickle is never loaded, and neither is an array of objects: it can run any code. The message
        names the file.

    Examples
    --------
    >>> read("digits")
    Traceback (most recent call last):
        ...
    ValueError: path = 'digits' is not allowed: X has 3 constant columns (0, 32, 39): they tell \
nothing; drop_constant = True leaves them out
    """
    name = str(path) if str(path) in SHIPPED else Path(path).name
    try:
        X, y = _arrays(SHIPPED.get(str(path), Path(path)))
        return Data.of(X, y, drop_constant=drop_constant)
    except ValueError as error:
        raise ValueError(f"path = {name!r} is not allowed: {error}") from None


def state(path: str | Path) -> str:
    """What `read` would find: equal texts, equal files; nothing is read."""
    file = SHIPPED.get(str(path), Path(path))
    files = [file, _beside(file)] if file.suffix == ".npy" else [file]
    stats = [(each.name, each.stat() if each.is_file() else None) for each in files]
    return ", ".join(
        f"{name} {f'{found.st_size} {found.st_mtime_ns}' if found else 'absent'}"
        for name, found in stats
    )


def _arrays(path: Path) -> tuple[Any, Any]:
    kind = ".csv" if path.name.lower().endswith(".csv.gz") else path.suffix.lower()
    if kind in _PICKLES:
        raise ValueError("it is a pickle, which is never loaded: it can run any code")
    if (reader := _READERS.get(kind)) is None:
        raise ValueError(f"its name ends in none of {sorted(_READERS)}")
    if not path.is_file():
        raise ValueError("there is no such file")
    return reader(path)


def _beside(path: Path) -> Path:
    """Where the labels of ``X.npy`` are."""
    head, found, tail = path.stem.rpartition("X")
    return path.with_name(f"{head}y{tail}.npy" if found else "y.npy")


def _npz(path: Path) -> tuple[Any, Any]:
    with _readable():
        archive = np.load(path, allow_pickle=False)
        if isinstance(archive, np.ndarray):
            raise ValueError("it holds one array: the arrays X and y are needed")
        with archive:
            if not {"X", "y"} <= set(archive.files):
                raise ValueError(f"it holds {archive.files[:5]}: the arrays X and y are needed")
            return archive["X"], archive["y"]


def _npy(path: Path) -> tuple[Any, Any]:
    labels = _beside(path)
    if "X" not in path.stem or not labels.is_file():
        raise ValueError(f"no labels: the inputs X.npy, and beside them {labels.name}, are needed")
    with _readable():
        return np.load(path, allow_pickle=False), np.load(labels, allow_pickle=False)


def _csv(path: Path) -> tuple[Any, Any]:
    with _readable():
        return _table(pd.read_csv(path))


def _parquet(path: Path) -> tuple[Any, Any]:
    if not any(importlib.util.find_spec(each) for each in ("pyarrow", "fastparquet")):
        raise ValueError(
            "Parquet needs pyarrow, which this library does not require: install it "
            "(pip install pyarrow), or write the table as .csv"
        )
    with _readable():
        return _table(pd.read_parquet(path))


@contextmanager
def _readable() -> Iterator[None]:
    """Damaged files, and pickles, are refused in words."""
    try:
        yield
    except (*_DAMAGED, ImportError) as error:
        raise ValueError(f"it cannot be read: {error}") from None
    except ValueError as error:
        if "allow_pickle" in str(error):
            raise ValueError("it holds a pickle or objects, which are never loaded") from None
        raise


def _table(table: Any) -> tuple[Any, Any]:
    named = [each for each in table.columns if str(each).strip().lower() in LABELS]
    if len(named) != 1:
        raise ValueError(
            f"no labels: one column named as in {LABELS} is needed, in a first line of names; "
            f"found {named or list(map(str, table.columns[:5]))}"
        )
    inputs = table.drop(columns=named)
    texts = [str(each) for each in inputs if not pd.api.types.is_numeric_dtype(inputs[each])]
    if texts:
        raise ValueError(f"columns {texts[:5]} hold no numbers")
    if table[named[0]].isna().any():
        raise ValueError(f"the column {named[0]!r} has labels that are missing")
    return inputs.to_numpy(dtype=float), table[named[0]].to_numpy()


_READERS: Mapping[str, Callable[[Path], tuple[Any, Any]]] = {
    ".npz": _npz, ".npy": _npy, ".csv": _csv, ".parquet": _parquet,
}  # fmt: skip


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


def _classes(y: ArrayLike) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    array = np.asarray(y)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(f"y has shape {array.shape}: one class for each input is needed, (N,)")
    if array.dtype == object and all(isinstance(each, str) for each in array):
        array = array.astype(str)
    if array.dtype.kind == "f":
        if not np.all(np.isfinite(array)):
            raise ValueError("y has labels that are NaN or infinite")
        if np.any(array % 1):
            raise ValueError(
                f"y has labels such as {array[np.argmax(array % 1 != 0)]:g}: classes are needed, "
                "whole numbers or texts"
            )
        array = array.astype(np.int64)
    if array.dtype.kind not in "buiUS":
        raise ValueError(f"y is of type {array.dtype}: whole numbers or texts are needed")
    values, index = np.unique(array, return_inverse=True)
    if values.size < 2:
        raise ValueError(f"y has one class, {str(values[0])!r}: two or more are needed")
    return tuple(map(str, values)), index.astype(np.intp)
