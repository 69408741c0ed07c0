"""A declared sweep: its points, its cells, and the labelled results."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import xarray as xr

from .._support.version import __version__
from ..degrees import default_degree
from ..network import Model, Problem
from .cell import VARIABLES, Cell, Values, definitions, describe, described

Point = Mapping[str, Any]


Fields = Callable[[Point, int], Mapping[str, Any]]


@dataclass(frozen=True)
class Grid:
    """A declared sweep: dimensions and coordinates, and what is constant.

    Arguments as for `sweep`, which checks them.
    """

    problem: Problem
    over: Mapping[str, Sequence[Any]]
    models: tuple[Model, ...]
    trials: int
    seed: int
    degree: int | None
    test_size: int | None
    students: int
    fields: Fields | None

    def points(self) -> Iterator[dict[str, Any]]:
        """Every combination of the coordinates, the last dimension fastest."""
        for values in itertools.product(*self.over.values()):
            yield dict(zip(self.over, values, strict=True))

    def cell(self, point: Point, trial: int, student: int = 0) -> Cell:
        """The cell of a point, a trial and a student."""
        own = dict(point if self.fields is None else self.fields(point, trial))
        degree = own.pop("degree", self.degree)
        problem = replace(self.problem, **own)
        return Cell(
            problem,
            self.models,
            default_degree(problem) if degree is None else degree,
            self.test_size,
            self.seed,
            trial,
            student,
        )

    def cells(self) -> Iterator[tuple[tuple[int, ...], Cell]]:
        """Position (*over, trial, student) and cell, for all."""
        shape = tuple(map(len, self.over.values()))
        for position, point in zip(np.ndindex(shape), self.points(), strict=True):
            for trial in range(self.trials):
                for student in range(self.students):
                    yield (*position, trial, student), self.cell(point, trial, student)

    def constants(self) -> dict[str, Any]:
        """What must be equal for two sweeps to be parts of one."""
        swept = asdict(self.problem)
        for name in self.over.keys() & swept.keys():
            del swept[name]
        # What a swept name means is in the identity of its cells.
        named = definitions(*(swept.get(name, "") for name in ("activation", "target")))
        return {
            "problem": json.dumps(swept, sort_keys=True),
            "models": json.dumps(describe(self.models)),
            "seed": self.seed,
            "degree": "by problem" if self.degree is None else self.degree,
            "test_size": "exact" if self.test_size is None else self.test_size,
            "onestep_version": __version__,
            **{name: json.dumps(value) for name, value in described(named).items()},
        }

    def dataset(self, found: Mapping[str, Values]) -> xr.Dataset:
        """Results in labelled form; NaN where a cell is not among those found."""
        names = [model.name for model in self.models]
        coords = {name: np.asarray(values) for name, values in self.over.items()}
        coords |= {"trial": np.arange(self.trials), "student": np.arange(self.students)}
        shape = tuple(values.size for values in coords.values())
        arrays: dict[str, np.ndarray] = {}
        for position, cell in self.cells():
            for name, row in found.get(cell.identity, {}).items():
                if name not in arrays:
                    arrays[name] = np.full((*shape, len(names)), np.nan)
                arrays[name][position] = row
        dims = (*self.over, "trial", "student", "model")
        results = xr.Dataset(
            {name: (dims, arrays[name]) for name in VARIABLES if name in arrays},
            coords={**coords, "model": names},
        )
        return results.transpose(*self.over, "student", "model", "trial")
