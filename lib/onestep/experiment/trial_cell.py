"""One trial of one problem as a cell: what `simulate` computes, under a name of its own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from .._support.version import __version__
from ..network import Errors, Model, Problem, TrainedLayer, readout_errors
from .cell import Cell, Numbers

VARIABLES = tuple(field.name for field in fields(Errors))


@dataclass(frozen=True)
class TrialCell(Cell):
    """One trial of one problem, with all models."""

    # As for `onestep.simulate`; the degree is a number.
    problem: Problem
    models: tuple[Model, ...]
    degree: int
    test_size: int | None
    seed: int
    trial: int
    # Which of the students that learn from this trial's data: cells that differ in it only share
    # structure, direction and samples, but not F, w and the feature noise
    student: int = 0

    @property
    def content(self) -> Mapping[str, Any]:
        """See `Cell`."""
        return {
            "problem": self.problem.to_dict(),
            "models": describe(self.models),
            "degree": self.degree,
            "test_size": self.test_size,
            "seed": self.seed,
            "trial": self.trial,
            "student": self.student,
            "version": __version__,
        }

    @property
    def named(self) -> Sequence[str]:
        """See `Cell`."""
        return self.problem.activation, self.problem.target

    @cached_property
    def together(self) -> str:
        """Cells that agree in this share draws: they differ in activation and readout only."""
        shared = replace(
            self.problem, activation="identity", ridge=1.0, loss="square", intercept=False
        )
        return replace(self, problem=shared, degree=0).identity

    @classmethod
    def compute(cls, cells: Sequence[Self]) -> list[Numbers]:
        """See `Cell`; a number that is not finite is an error."""
        first = cells[0]
        layers = TrainedLayer.train_each(
            [cell.problem for cell in cells],
            first.trial,
            first.seed,
            test_size=first.test_size,
            student=first.student,
        )
        return [_numbers(cell, layer) for cell, layer in zip(cells, layers, strict=True)]


def describe(models: Sequence[Model]) -> list[dict[str, Any]]:
    """The models as JSON types; one that is no dataclass is refused: nothing would define it."""
    for model in models:
        if not hasattr(model, "__dataclass_fields__"):
            raise ValueError(f"models contains {model!r}: a sweep needs dataclasses as models")
    return [{"class": type(model).__name__, **asdict(model)} for model in models]  # type: ignore[call-overload]


def _numbers(cell: TrialCell, layer: TrainedLayer) -> Numbers:
    rows = readout_errors(layer, cell.models, cell.degree, cell.problem)
    found = {
        name: [getattr(errors, name) for errors in rows]
        for name in VARIABLES
        if getattr(rows[0], name) is not None
    }
    if not all(math.isfinite(number) for row in found.values() for number in row):
        raise FloatingPointError(f"not all numbers are finite: {found}, {cell}")
    # As Python's own floats, which JSON keeps to the last bit.
    return {name: np.asarray(row, dtype=float).tolist() for name, row in found.items()}
