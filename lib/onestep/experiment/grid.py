"""A problem over a grid of some of its fields."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

import numpy as np
import xarray as xr

from .._support import check
from .._support.version import __version__
from ..degrees import default_degree
from ..network import Model, Problem, named_models
from .cell import Numbers, definitions, described
from .study import Point, Study
from .trial_cell import VARIABLES, TrialCell, describe

Fields = Callable[[Point, int], Mapping[str, Any]]
"""Fields of the problem, and its degree, from a point of the grid and a trial."""


@dataclass(frozen=True)
class Grid(Study):
    """Trials of a problem at every point of a grid: a declared sweep.

    Attributes
    ----------
    problem, over, models, trials, seed, degree, test_size, students, fields
        As for `onestep.sweep`.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """

    problem: Problem
    over: Mapping[str, Sequence[Any]]
    models: Sequence[str | Model] = ("network", "hermite")
    trials: int = 20
    seed: int = 0
    degree: int | None = None
    test_size: int | None = None
    students: int = 1
    fields: Fields | None = None

    def __post_init__(self) -> None:
        _check_over(self.over, self.fields is not None)
        check.integer("trials", self.trials, 1)
        check.integer("seed", self.seed, 0)
        check.integer("students", self.students, 1)
        for name, value, least in (("degree", self.degree, 0), ("test_size", self.test_size, 1)):
            if value is not None:
                check.integer(name, value, least)
        object.__setattr__(self, "models", tuple(named_models(self.models)))

    @property
    def variables(self) -> Sequence[str]:
        """See `Study`."""
        return VARIABLES

    @property
    def points(self) -> Mapping[str, Sequence[Any]]:
        """See `Study`."""
        return self.over

    @property
    def repeats(self) -> Mapping[str, int]:
        """See `Study`."""
        return {"trial": self.trials, "student": self.students}

    @property
    def row(self) -> tuple[str, Sequence[Any]]:
        """See `Study`: one number for each model."""
        return "model", [model.name for model in self._models]

    @property
    def _models(self) -> tuple[Model, ...]:
        return self.models  # type: ignore[return-value]  # __post_init__ resolved the names

    def resized(self, points: Mapping[str, Sequence[Any]], repeats: Mapping[str, int]) -> Self:
        """See `Study`."""
        return replace(self, over=points, trials=repeats["trial"], students=repeats["student"])

    def cell(self, point: Point, **repeat: int) -> TrialCell:
        """See `Study`."""
        trial = repeat["trial"]
        own = dict(point if self.fields is None else self.fields(point, trial))
        degree = own.pop("degree", self.degree)
        problem = replace(self.problem, **own)
        return TrialCell(
            problem,
            self._models,
            default_degree(problem) if degree is None else degree,
            self.test_size,
            self.seed,
            trial,
            repeat["student"],
        )

    def constants(self) -> Mapping[str, Any]:
        """See `Study`."""
        swept = asdict(self.problem)
        for name in self.over.keys() & swept.keys():
            del swept[name]
        # What a swept name means is in the identity of its cells.
        named = definitions(*(swept.get(name, "") for name in ("activation", "target")))
        return {
            "problem": json.dumps(swept, sort_keys=True),
            "models": json.dumps(describe(self._models)),
            "seed": self.seed,
            "degree": "by problem" if self.degree is None else self.degree,
            "test_size": "exact" if self.test_size is None else self.test_size,
            "onestep_version": __version__,
            **{name: json.dumps(value) for name, value in described(named).items()},
        }

    def dataset(self, found: Mapping[str, Numbers]) -> xr.Dataset:
        """See `Study`; trials are the last dimension, as from `onestep.simulate`."""
        return super().dataset(found).transpose(*self.over, "student", "model", "trial")


def _check_over(over: Mapping[str, Sequence[Any]], free: bool) -> None:
    known = [field.name for field in fields(Problem)]
    for name, values in over.items():
        if name not in known and not free:
            raise ValueError(f"over = {name!r} is not allowed: one of {known} is needed")
        if name in ("trial", "student", "model"):
            raise ValueError(f"over = {name!r} is not allowed: results have this dimension already")
        if not len(values) or len(set(values)) < len(values):
            raise ValueError(f"{name} = {values!r} is not allowed: different values are needed")
        if np.asarray(values).ndim != 1 or np.asarray(values).dtype.kind not in "iufU":
            raise ValueError(f"{name} = {values!r} is not allowed: numbers or strings are needed")
