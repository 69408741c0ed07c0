"""Stored results: netCDF files with a digest of everything in them; nothing is unpickled."""

from __future__ import annotations

import datetime
import io
import json
import os
import platform
import tempfile
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from .._support import streams
from .._support.files import replaced
from .._support.journal import DamagedStore

__all__ = ["DamagedStore", "load", "save"]

_DIGEST = "digest"
_JSON = "json:"


def save(results: xr.Dataset, path: str | os.PathLike[str]) -> None:
    """Write results to `path`, whole or not at all; an older file is replaced in one step.

    Variables and coordinates are of numbers or strings, attributes of what JSON knows, finite
    numbers, text, lists and so on, else a ValueError. Tuples and arrays are read back as lists.
    ``~`` is the home directory, what a link leads to is written, and folders that are missing are
    made.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(xr.Dataset({"x": ("i", [1.0, 2.0])}, attrs={"seed": 3}), f"{folder}/a.nc")
    ...     print(load(f"{folder}/a.nc").attrs)
    {'seed': 3}
    """
    target, content = location(path), _content(results)
    target.parent.mkdir(parents=True, exist_ok=True)
    with replaced(target) as unfinished:
        unfinished.write_bytes(content)


def provenance() -> dict[str, str]:
    """The day, and machine and versions that compute on it: attributes of results made now."""
    return {
        "created": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        "machine": f"{platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, numpy {np.__version__}",
    }


def rehearse(results: xr.Dataset, path: Path) -> None:
    """Write results as `save` would, and remove them again: what would fail is refused now."""
    content = _content(results)
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as file:
            file.write(content)
            file.flush()
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> ValueError:
    """The refusal of a store at this path."""
    return ValueError(
        f"store = {str(path)!r} is not allowed: nothing can be written there; {error}"
    )


def location(path: str | os.PathLike[str]) -> Path:
    """Where the store of this path really is, a file: ``~`` and links are followed."""
    try:
        found = Path(path).expanduser().resolve()
    except (TypeError, ValueError, RuntimeError, OSError) as error:
        raise ValueError(f"store = {path!r} is not allowed: {error}") from None
    if found.is_dir():
        raise ValueError(f"store = {path!r} is not allowed: it is a folder, a file is needed")
    return found


def load(path: str | os.PathLike[str]) -> xr.Dataset:
    """Read what `save` wrote; a file that is no store, truncated or edited is a `DamagedStore`.

    Examples
    --------
    >>> load(__file__)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    onestep._support.journal.DamagedStore: stores.py cannot be read
    """
    target = location(path)
    content = target.read_bytes()
    try:
        stored, expected = _decoded_dataset(content)
        found = _digest(stored)
    except Exception as error:  # whatever a damaged file makes the reader say
        raise DamagedStore(f"{target} cannot be read: {type(error).__name__}: {error}") from error
    if found != expected:
        raise DamagedStore(f"{target} does not match its digest: it was changed or cut")
    return stored


def _content(results: xr.Dataset) -> bytes:
    """Results as a netCDF file, refused by name unless they are read back as they are."""
    if _DIGEST in results.attrs:
        raise ValueError(f"attribute {_DIGEST!r} is not allowed: stores have their own")
    try:
        return _checked(results, "results")
    except ValueError:
        for name, variable in results.variables.items():
            _checked(xr.Dataset({name: variable}), f"{name} = {variable.values}")
        raise  # no single variable is to blame


def _checked(results: xr.Dataset, told: str) -> bytes:
    stored = results.copy()
    stored.attrs = _encoded(results.attrs) | {_DIGEST: _digest(results)}
    for name, variable in stored.variables.items():
        variable.attrs = _encoded(results.variables[name].attrs)
    try:
        content = bytes(stored.to_netcdf(engine="scipy", format="NETCDF3_64BIT"))
        found, expected = _decoded_dataset(content)
    except Exception as error:  # whatever the writer says of what it does not know
        raise ValueError(f"{told} cannot be stored: {error}") from error
    if _digest(found) != expected:
        raise ValueError(f"{told} cannot be stored: it would be read back as something else")
    return content


def _decoded_dataset(content: bytes) -> tuple[xr.Dataset, Any]:
    """What a file holds, and the digest that it tells."""
    with xr.open_dataset(io.BytesIO(content), engine="scipy") as file:
        stored = file.load()
    stored.attrs = _decoded(stored.attrs)
    for variable in stored.variables.values():
        variable.attrs = _decoded(variable.attrs)
    return stored, stored.attrs.pop(_DIGEST)


def _digest(results: xr.Dataset) -> str:
    """Digest of everything in the results, independent of how netCDF stores it."""
    content: dict[str, Any] = {"attrs": {k: _plain(v) for k, v in results.attrs.items()}}
    for name in sorted(map(str, results.variables)):
        variable = results.variables[name]
        values = variable.values
        if values.dtype.kind not in "OUSbiuf":
            raise ValueError(f"{name} = {values} is not allowed: numbers or strings are needed")
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
