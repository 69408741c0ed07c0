"""A reader's own data: from a file, or a reason why not."""

from __future__ import annotations

import importlib.util
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .checked import Data

LABELS = ("y", "label", "class", "target")
"""Names that a column of labels may have."""

SHIPPED = {"digits": Path(__file__).parent / "data" / "digits.npz"}
"""Data sets that come with the package, by name; their sources and licences lie beside them."""

_PICKLES = (".pkl", ".pickle", ".joblib", ".pt", ".pth")
_DAMAGED = (
    OSError, EOFError, UnicodeError, zipfile.BadZipFile, zlib.error,
    pd.errors.EmptyDataError, pd.errors.ParserError,
)  # fmt: skip


def read(path: str | Path, *, labels: str = "auto", drop_constant: bool = False) -> Data:
    """Inputs and labels from a file.

    Parameters
    ----------
    path
        ``.npz`` with the arrays X and y; ``X.npy``, beside it ``y.npy`` (or ``train_X.npy`` and
        ``train_y.npy``); ``.csv`` or ``.csv.gz`` with a line of names and a column called as in
        `LABELS`; ``.parquet`` likewise, where pyarrow is installed; or a name in `SHIPPED`.
    labels, drop_constant
        As for `Data.of`: classes or numbers, and what becomes of constant columns.

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
        return Data.of(X, y, labels=labels, drop_constant=drop_constant)
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
