"""A function of JSON-able arguments at every point of a grid, as a study."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from .._support.version import __version__
from .cell import Cell, Numbers
from .study import Point, Study


def _always(at: Mapping[str, Any]) -> bool:
    return True


@dataclass(frozen=True)
class FunctionCell(Cell):
    """One call of a function.

    Attributes
    ----------
    function
        A function of a module, which other processes find by its name.
    arguments
        By name, JSON-able; they and the function's name are the definition.

    Examples
    --------
    >>> sorted(FunctionCell(divmod, {"x": 7, "y": 2}).content)
    ['arguments', 'function', 'version']
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
        return [cell.function(**cell.arguments) for cell in cells]


@dataclass(frozen=True)
class FunctionStudy(Study):
    """A function over a grid of its arguments.

    Attributes
    ----------
    function
        As for `FunctionCell`; its arguments are the dimensions of `over` and `counts`.
    over
        Dimensions and coordinates of the points.
    counts
        Dimensions and sizes of the repetitions, numbered from 0.
    inner
        Dimension and coordinates of what the function gives of each variable.
    names
        Variables that the function gives.
    fixed
        What else defines the study, as attributes of its results.
    exists
        Which arguments there are; by default all.

    Examples
    --------
    >>> from onestep.experiment import FunctionStudy, fill
    >>> def powers(base, trial):
    ...     return {"value": [float(base**p) for p in (1, 2)]}
    >>> study = FunctionStudy(powers, {"base": [2, 3]}, {"trial": 1}, ("power", [1, 2]), ["value"])
    >>> fill(study).value.sel(base=3, power=2).item()
    9.0
    """

    function: Callable[..., Numbers]
    over: Mapping[str, Sequence[Any]]
    counts: Mapping[str, int]
    inner: tuple[str, Sequence[Any]]
    names: Sequence[str]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    exists: Callable[[Mapping[str, Any]], bool] = _always

    @property
    def variables(self) -> Sequence[str]:
        """See `Study`."""
        return self.names

    @property
    def points(self) -> Mapping[str, Sequence[Any]]:
        """See `Study`."""
        return self.over

    @property
    def repeats(self) -> Mapping[str, int]:
        """See `Study`."""
        return self.counts

    @property
    def row(self) -> tuple[str, Sequence[Any]]:
        """See `Study`."""
        return self.inner

    def resized(self, points: Mapping[str, Sequence[Any]], repeats: Mapping[str, int]) -> Self:
        """See `Study`."""
        return replace(self, over=points, counts=repeats)

    def cell(self, point: Point, **repeat: int) -> FunctionCell | None:
        """See `Study`."""
        at = {**point, **repeat}
        return FunctionCell(self.function, at) if self.exists(at) else None

    def constants(self) -> Mapping[str, Any]:
        """See `Study`."""
        return {"function": self.function.__name__, **self.fixed, "onestep_version": __version__}
