"""A study: cells at labelled positions, and the labelled results that they make."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from .._support import check
from .._support.version import __version__
from .cell import Cell, FunctionCell, Numbers

At = Mapping[str, Any]
"""A position by name: a coordinate for every dimension of points and repetitions."""


@dataclass(frozen=True)
class Study:
    """A grid of points, repetitions at each of them, and a row of numbers for each of these.

    `onestep.experiment.fill` computes, stores and resumes it.

    Attributes
    ----------
    cell
        The cell at a position; None where the study has none.
    points, repeats
        Dimensions and coordinates, different numbers or strings, whose combinations are the points;
        dimensions and sizes, >= 1, of the repetitions at every point, numbered from 0.
    row
        Dimension and coordinates of the numbers that a cell gives of each variable.
    variables
        What cells can give, in the order of the results.
    constants
        What must be equal for two results to be parts of one; attributes of the results.

    Examples
    --------
    >>> study = Study.of_function(dict, {"base": [2, 3]}, {"trial": 2}, ("power", [1]), ["value"])
    >>> list(study.each_point()), len(list(study.cells()))
    ([{'base': 2}, {'base': 3}], 4)
    """

    cell: Callable[[At], Cell | None]
    points: Mapping[str, Sequence[Any]]
    repeats: Mapping[str, int]
    row: tuple[str, Sequence[Any]]
    variables: Sequence[str]
    constants: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the labels, and give coordinates the type under which equal ones are equal."""
        check.keep(
            self,
            points={name: check.several(name, each) for name, each in self.points.items()},
            repeats={name: check.integer(name, each, 1) for name, each in self.repeats.items()},
        )
        names = [*self.points, *self.repeats, self.row[0], *self.variables, "first_cell"]
        for name in names:
            if not isinstance(name, str) or names.count(name) > 1:
                raise ValueError(f"{name!r} is not allowed as a dimension: {names} must differ")

    @classmethod
    def of_function(
        cls,
        function: Callable[..., Numbers],
        points: Mapping[str, Sequence[Any]],
        repeats: Mapping[str, int],
        row: tuple[str, Sequence[Any]],
        variables: Sequence[str],
        *,
        exists: Callable[[At], bool] = lambda at: True,
        **constants: Any,
    ) -> Study:
        """A function of a module, found by its name everywhere, over a grid of its arguments.

        The dimensions are its arguments, of types that JSON knows. `exists` says at which positions
        there is a cell; further constants are what else defines the study.

        Examples
        --------
        >>> from onestep.experiment import Study, fill
        >>> def powers(base, trial):
        ...     return {"value": [float(base**p) for p in (1, 2)]}
        >>> study = Study.of_function(
        ...     powers, {"base": [2, 3]}, {"trial": 1}, ("power", [1, 2]), ["value"]
        ... )
        >>> fill(study).value.sel(base=3, power=2).item()
        9.0
        """

        def cell(at: At) -> FunctionCell | None:
            return FunctionCell(function, at) if exists(at) else None

        told = {"function": function.__name__, **constants, "onestep_version": __version__}
        return cls(cell, points, repeats, row, variables, told)

    def each_point(self) -> Iterator[dict[str, Any]]:
        """Every combination of the coordinates, the last dimension fastest."""
        for values in itertools.product(*self.points.values()):
            yield dict(zip(self.points, values, strict=True))

    def cells(self) -> Iterator[tuple[tuple[int, ...], Cell]]:
        """Position, of points and repetitions, and cell, for all that there are."""
        shape, counts = tuple(map(len, self.points.values())), tuple(self.repeats.values())
        for position, point in zip(np.ndindex(shape), self.each_point(), strict=True):
            for numbers in np.ndindex(counts):
                cell = self.cell({**point, **dict(zip(self.repeats, numbers, strict=True))})
                if cell is not None:
                    yield (*position, *numbers), cell

    def first_cells(self) -> xr.DataArray:
        """Identity of the first repetition at every point: what a store tells of its cells."""
        first = [
            self.cell({**point, **dict.fromkeys(self.repeats, 0)}) for point in self.each_point()
        ]
        names = ["" if cell is None else cell.identity for cell in first]
        shape = [len(values) for values in self.points.values()]
        return xr.DataArray(np.array(names).reshape(shape), dims=tuple(self.points))

    def checked(self, numbers: Numbers) -> Numbers:
        """Numbers of a cell, refused unless they are finite, or NaN, and rows of this study."""
        length = len(self.row[1])
        for name, row in numbers.items():
            if name not in self.variables:
                raise ValueError(f"{name} is not allowed: one of {list(self.variables)} is needed")
            if len(row) != length or any(each is not None and math.isinf(each) for each in row):
                raise ValueError(f"{name} = {row} is not allowed: {length} finite numbers, or NaN")
        return numbers

    def blank(self) -> xr.Dataset:
        """Results without a number: labels and shape of what will be."""
        nothing = dict.fromkeys(self.variables, [None] * len(self.row[1]))
        first = (0,) * (len(self.points) + len(self.repeats))
        return self.dataset([(first, nothing)])

    def dataset(self, found: Iterable[tuple[tuple[int, ...], Numbers]]) -> xr.Dataset:
        """Numbers of cells at their positions in labelled form; NaN where there are none."""
        name, values = self.row
        coords = {axis: np.asarray(each) for axis, each in self.points.items()}
        coords |= {axis: np.arange(count) for axis, count in self.repeats.items()}
        coords[name] = np.asarray(values)
        shape = tuple(each.size for each in coords.values())
        arrays: dict[str, np.ndarray] = {}
        for position, numbers in found:
            for variable, row in numbers.items():
                if variable not in arrays:
                    arrays[variable] = np.full(shape, np.nan)
                arrays[variable][position] = np.array(row, dtype=float)
        dims = tuple(coords)
        return xr.Dataset(
            {each: (dims, arrays[each]) for each in self.variables if each in arrays},
            coords=coords,
            attrs=dict(self.constants),
        )
