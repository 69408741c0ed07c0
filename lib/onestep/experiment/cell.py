"""Cells: the smallest pieces of work, known by a digest of all that defines their numbers."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from threadpoolctl import threadpool_limits

from .. import activations
from .._support import streams
from .._support.version import __version__, code_digest

CODE = code_digest()
"""Digest of the code that this process runs: rooms that compute are loaded with this one."""

Numbers = Mapping[str, Sequence[float | None]]
"""What a cell gives, by variable: one number for each coordinate of its study, None if missing."""


class Cell(ABC):
    """A piece of work that is defined by JSON-able content; subclasses are frozen dataclasses."""

    @property
    @abstractmethod
    def content(self) -> Mapping[str, Any]:
        """Everything that defines the numbers, the version of the library included."""

    @classmethod
    @abstractmethod
    def compute(cls, cells: Sequence[Self]) -> list[Numbers]:
        """Numbers of cells that agree in `together`: a pure function of them."""

    @property
    def together(self) -> str:
        """Cells that agree in this share work; by default none do."""
        return self.identity

    @property
    def named(self) -> Sequence[str]:
        """Names or expressions of activations that occur in the definition."""
        return ()

    @cached_property
    def identity(self) -> str:
        """Digest of the content, and of what registered names in it mean."""
        return streams.digest({**self.content, **described(definitions(*self.named))})[:32]


@dataclass(frozen=True)
class FunctionCell(Cell):
    """One call of a function of a module, which other processes find by its name.

    Its name and its arguments, by name and JSON-able, are the definition.
    """

    function: Callable[..., Numbers]
    arguments: Mapping[str, Any]

    @property
    def content(self) -> Mapping[str, Any]:
        """See `Cell`."""
        name = self.function.__name__
        return {"function": name, "arguments": dict(self.arguments), "version": __version__}

    @classmethod
    def compute(cls, cells: Sequence[Self]) -> list[Numbers]:
        """See `Cell`."""
        return [_listed_rows(cell, cell.function(**cell.arguments)) for cell in cells]


def _listed_rows(cell: FunctionCell, found: Any) -> Numbers:
    try:
        return {str(name): listed(row) for name, row in dict(found).items()}
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{cell.function.__name__}({dict(cell.arguments)}) = {found!r} is not allowed: a "
            f"dictionary of rows of numbers is needed; {error}"
        ) from error


def definitions(*names: str) -> dict[str, Any]:
    """Expressions of the registered activations that occur in these names or expressions.

    All other names mean the same everywhere; these mean what they do in this process alone.
    """
    words = {word for text in names for word in re.findall(r"\w+", text)}
    return {name: meant for name, meant in activations.registered().items() if name in words}


def described(found: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """What `definitions` found as an entry of a JSON object; no entry if there are none."""
    if not found:
        return {}
    import sympy as sp

    return {"registered": {name: sp.srepr(found[name]) for name in sorted(found)}}


def listed(values: Iterable[float | None]) -> list[float | None]:
    """Numbers of one variable as the journal keeps them: None, as JSON has no NaN, if missing."""
    return [None if each is None or each != each else float(each) for each in values]


def compute(cells: Sequence[Cell]) -> list[Numbers]:
    """Numbers of cells that agree in `Cell.together`, with one thread: the same everywhere."""
    with threadpool_limits(1):
        return type(cells[0]).compute(cells)


def compute_elsewhere(
    cells: Sequence[Cell], registered: Mapping[str, Any], code: str
) -> list[Numbers]:
    """`compute` in another process, with what `definitions` found here; other `CODE` is refused."""
    if code != CODE:
        raise ValueError(
            f"a worker runs other code, onestep {__version__} ({CODE[:12]}), than the process that "
            f"asks it ({code[:12]}): install the same there, and start both anew"
        )
    for name, expression in registered.items():
        activations.register(name, expression)
    return compute(cells)
