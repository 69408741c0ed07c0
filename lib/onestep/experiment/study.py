"""A study: cells at labelled positions, and the labelled results that they make."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np
import xarray as xr

from .cell import Cell, Numbers

Point = Mapping[str, Any]
"""Coordinates of one point of a study, by dimension."""


class Study(ABC):
    """A grid of points, repetitions at each of them, and a row of numbers for each of these.

    Subclasses are frozen dataclasses; most studies are a `FunctionStudy` or a
    `onestep.experiment.Grid`. `onestep.experiment.fill` computes, stores and resumes them.
    """

    @property
    @abstractmethod
    def variables(self) -> Sequence[str]:
        """What the cells of the study can give, in the order of the results."""

    @property
    @abstractmethod
    def points(self) -> Mapping[str, Sequence[Any]]:
        """Dimensions and coordinates whose combinations are the points."""

    @property
    @abstractmethod
    def repeats(self) -> Mapping[str, int]:
        """Dimensions and sizes of the repetitions at every point."""

    @property
    @abstractmethod
    def row(self) -> tuple[str, Sequence[Any]]:
        """Dimension and coordinates of the numbers that a cell gives of each variable."""

    @abstractmethod
    def resized(self, points: Mapping[str, Sequence[Any]], repeats: Mapping[str, int]) -> Self:
        """The same study over other points and repetitions."""

    @abstractmethod
    def cell(self, point: Point, **repeat: int) -> Cell | None:
        """The cell at a point and a repetition; None where the study has none."""

    @abstractmethod
    def constants(self) -> Mapping[str, Any]:
        """What must be equal for two results to be parts of one; attributes of the results."""

    def each_point(self) -> Iterator[dict[str, Any]]:
        """Every combination of the coordinates, the last dimension fastest."""
        for values in itertools.product(*self.points.values()):
            yield dict(zip(self.points, values, strict=True))

    def cells(self) -> Iterator[tuple[tuple[int, ...], Cell]]:
        """Position, of points and repetitions, and cell, for all that there are."""
        shape, counts = tuple(map(len, self.points.values())), tuple(self.repeats.values())
        for position, point in zip(np.ndindex(shape), self.each_point(), strict=True):
            for numbers in np.ndindex(counts):
                cell = self.cell(point, **dict(zip(self.repeats, numbers, strict=True)))
                if cell is not None:
                    yield (*position, *numbers), cell

    def first_cells(self) -> xr.DataArray:
        """Identity of the first repetition at every point: what a store tells of its cells."""
        first = [self.cell(point, **dict.fromkeys(self.repeats, 0)) for point in self.each_point()]
        names = ["" if cell is None else cell.identity for cell in first]
        shape = [len(values) for values in self.points.values()]
        return xr.DataArray(np.array(names).reshape(shape), dims=tuple(self.points))

    def dataset(self, found: Mapping[str, Numbers]) -> xr.Dataset:
        """Results in labelled form; NaN where a cell or a number is not among those found."""
        name, values = self.row
        coords = {axis: np.asarray(each) for axis, each in self.points.items()}
        coords |= {axis: np.arange(count) for axis, count in self.repeats.items()}
        coords[name] = np.asarray(values)
        shape = tuple(each.size for each in coords.values())
        arrays: dict[str, np.ndarray] = {}
        for position, cell in self.cells():
            for variable, row in found.get(cell.identity, {}).items():
                if variable not in arrays:
                    arrays[variable] = np.full(shape, np.nan)
                arrays[variable][position] = np.array(row, dtype=float)
        dims = tuple(coords)
        return xr.Dataset(
            {each: (dims, arrays[each]) for each in self.variables if each in arrays},
            coords=coords,
        )
