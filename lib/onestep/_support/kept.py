"""What an interrupted run had finished, for the next run of the same program.

The builder, which knows when two runs of a chapter are the same, has its kernel `keep` what each
piece of `onestep._support.cores.side_by_side` gave. Pieces are known by the order of calls: a
program with the same text, library and parameters makes the same ones. Nothing is unpickled.
"""

from __future__ import annotations

import base64
import contextlib
import importlib
import itertools
import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from .journal import Journal

Item = TypeVar("Item")
Found = TypeVar("Found")

_LIBRARY = __name__.partition(".")[0]
_lock = threading.Lock()
_calls = itertools.count()
_inside = threading.local()
_journal: Journal[Any] | None = None


def keep(path: Path) -> None:
    """From here on, write what is found into the journal at `path`, and find it there again.

    The process holds the journal until it ends.
    """
    global _journal
    _journal = Journal(path).__enter__()


@contextlib.contextmanager
def anew() -> Iterator[None]:
    """Within: nothing is kept, and nothing is found again. Work that is timed needs it."""
    outer = getattr(_inside, "work", False)
    _inside.work = True
    try:
        yield
    finally:
        _inside.work = outer


def resumed(function: Callable[[Item], Found]) -> Callable[[tuple[int, Item]], Found]:
    """`function` of numbered items, which finds again what an interrupted run had found.

    Pieces of pieces are not kept; neither is what `encoded` does not know.
    """
    if _journal is None or getattr(_inside, "work", False):
        return lambda numbered: function(numbered[1])
    journal, call = _journal, next(_calls)

    def piece(numbered: tuple[int, Item]) -> Found:
        number, item = numbered
        identity = f"{call}/{number}"
        if identity in journal.finished:
            found: Found = decoded(journal.finished[identity])
            return found
        with anew():
            found = function(item)
        with contextlib.suppress(TypeError):
            text = encoded(found)
            with _lock:
                journal.append({identity: text})
        return found

    return piece


def encoded(value: Any) -> Any:
    """A result as what JSON knows, to the last bit; a TypeError for what `decoded` cannot make.

    It may hold numbers, texts, numpy's arrays, lists, tuples, dictionaries by text, and dataclasses
    of this library.

    Examples
    --------
    >>> decoded(encoded((0.1, [np.arange(2.0), None])))
    (0.1, [array([0., 1.]), None])
    """
    if type(value) is float and not math.isfinite(value):
        return {"float": repr(value)}
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) is list:
        return [encoded(each) for each in value]
    if type(value) is tuple:
        return {"tuple": [encoded(each) for each in value]}
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biufc":
        array = np.asarray(value, order="C")
        text = base64.b64encode(array.tobytes()).decode("ascii")
        kind = "array" if isinstance(value, np.ndarray) else "number"
        return {kind: [array.dtype.str, list(array.shape), text]}
    if type(value) is dict and all(type(name) is str for name in value):
        return {"dictionary": {name: encoded(each) for name, each in value.items()}}
    made = type(value)
    if is_dataclass(value) and made.__module__.partition(".")[0] == _LIBRARY:
        parts = {each.name: encoded(getattr(value, each.name)) for each in fields(value)}
        return {"dataclass": [made.__module__, made.__qualname__, parts]}
    raise TypeError(f"{made} is not kept")


def decoded(value: Any) -> Any:
    """What `encoded` made, again."""
    if isinstance(value, list):
        return [decoded(each) for each in value]
    if not isinstance(value, dict):
        return value
    [(kind, content)] = value.items()
    match kind:
        case "float":
            return float(content)
        case "tuple":
            return tuple(decoded(each) for each in content)
        case "dictionary":
            return {name: decoded(each) for name, each in content.items()}
        case "array" | "number":
            dtype, shape, text = content
            array = np.frombuffer(base64.b64decode(text), dtype).reshape(shape).copy()
            return array if kind == "array" else array[()]
        case "dataclass":
            module, name, parts = content
            made = getattr(importlib.import_module(module), name)
            return made(**{each: decoded(part) for each, part in parts.items()})
    raise ValueError(f"{kind!r} is not allowed: what was kept is of another kind")
