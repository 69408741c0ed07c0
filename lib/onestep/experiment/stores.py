"""Stored results: netCDF files that tell whether they are whole.

A store carries a digest of its coordinates, values and attributes. A file that is truncated or
edited is refused by name and never half read, and nothing in it is unpickled.
"""

from __future__ import annotations

import json
import os
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from .._support import streams
from .._support.files import replaced
from .journal import DamagedStore

__all__ = ["DamagedStore", "load", "save"]

_DIGEST = "digest"
_JSON = "json:"


def save(results: xr.Dataset, path: str | os.PathLike[str]) -> None:
    """Write results to `path`, whole or not at all.

    Parameters
    ----------
    results
        Variables and coordinates of numbers or strings; attributes of what JSON knows, finite
        numbers, text, lists and so on. Tuples and arrays are read back as lists.
    path
        File; an older one is replaced in one step.

    Raises
    ------
    ValueError
        If an attribute cannot be stored, or has the name that the digest has.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(xr.Dataset({"x": ("i", [1.0, 2.0])}, attrs={"seed": 3}), f"{folder}/a.nc")
    ...     print(load(f"{folder}/a.nc").attrs)
    {'seed': 3}
    """
    target = Path(path)
    stored = results.copy()
    stored.attrs = _encoded(results.attrs)
    for name, variable in stored.variables.items():
        variable.attrs = _encoded(results.variables[name].attrs)
    if _DIGEST in stored.attrs:
        raise ValueError(f"attribute {_DIGEST!r} is not allowed: stores have their own")
    stored.attrs[_DIGEST] = _digest(results)
    target.parent.mkdir(parents=True, exist_ok=True)
    with replaced(target) as unfinished:
        stored.to_netcdf(unfinished, engine="scipy", format="NETCDF3_64BIT")


def load(path: str | os.PathLike[str]) -> xr.Dataset:
    """Read what `save` wrote.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    DamagedStore
        If the file is no store, truncated, or edited.

    Examples
    --------
    >>> load(__file__)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    onestep.experiment.journal.DamagedStore: stores.py cannot be read
    """
    target = Path(path)
    try:
        with xr.open_dataset(target, engine="scipy") as file:
            stored = file.load()
        stored.attrs = _decoded(stored.attrs)
        for variable in stored.variables.values():
            variable.attrs = _decoded(variable.attrs)
        expected = stored.attrs.pop(_DIGEST)
        found = _digest(stored)
    except FileNotFoundError:
        raise
    except Exception as error:  # whatever a damaged file makes the reader say
        raise DamagedStore(f"{target} cannot be read: {type(error).__name__}: {error}") from error
    if found != expected:
        raise DamagedStore(f"{target} does not match its digest: it was changed or cut")
    return stored


def _digest(results: xr.Dataset) -> str:
    """Digest of everything in the results, independent of how netCDF stores it."""
    content: dict[str, Any] = {"attrs": {k: _plain(v) for k, v in results.attrs.items()}}
    for name in sorted(map(str, results.variables)):
        variable = results.variables[name]
        values = variable.values
        content[name] = {
            "dims": [str(dim) for dim in variable.dims],
            "attrs": {k: _plain(v) for k, v in variable.attrs.items()},
            # Text that is missing, between two grids, is read back as empty.
            "values": ["" if each != each else str(each) for each in values.ravel()]
            if values.dtype.kind in "OUS"
            else streams.array_digest(np.asarray(values, dtype=float)),
        }
    return streams.digest(content)


def _encoded(attrs: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
    """Attributes that are read back as they are: as JSON, unless netCDF itself does that."""
    found = {}
    for name, value in attrs.items():
        plain = _plain(value)
        try:
            text = json.dumps(plain, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"attribute {name!r} = {value!r} is not allowed: what JSON knows is needed; {error}"
            ) from None
        found[name] = plain if _survives(plain) else _JSON + text
    return found


def _survives(value: Any) -> bool:
    """Whether netCDF gives back this value, in its type."""
    if isinstance(value, str):
        return not value.startswith(_JSON) and "\0" not in value
    return type(value) is float or (type(value) is int and -(2**31) <= value < 2**31)


def _decoded(attrs: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
    # netCDF gives numpy's scalars back where Python's were stored.
    plain = {name: _plain(value) for name, value in attrs.items()}
    return {
        name: json.loads(value.removeprefix(_JSON))
        if isinstance(value, str) and value.startswith(_JSON)
        else value
        for name, value in plain.items()
    }


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value
