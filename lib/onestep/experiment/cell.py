"""Cells of a sweep: what is computed, and under which name it is known.

A cell is one trial of one problem, with all models. Its identity is a digest of everything that
defines its numbers, so that it never matters which sweep asked for it, in which order, or where it
was computed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp
from threadpoolctl import threadpool_limits

from .. import activations
from .._support import streams
from .._support.version import __version__
from ..network import Errors, Model, Problem, TrainedLayer, readout_errors

VARIABLES = tuple(field.name for field in fields(Errors))

Values = Mapping[str, list[float]]
"""Errors of a cell by variable: one number for each model; without those that do not exist."""


@dataclass(frozen=True)
class Cell:
    """One trial of one problem.

    Attributes
    ----------
    problem, models, degree, test_size, seed, trial
        As for `simulate`; the degree is a number.
    student
        Which of the students that learn from this trial's data: cells that differ in it only
        share structure, direction and samples, but not F, w and the feature noise.
    """

    problem: Problem
    models: tuple[Model, ...]
    degree: int
    test_size: int | None
    seed: int
    trial: int
    student: int = 0

    @cached_property
    def identity(self) -> str:
        """Digest of everything that defines the numbers, the version of the library included."""
        content = {
            "problem": asdict(self.problem),
            "models": describe(self.models),
            "degree": self.degree,
            "test_size": self.test_size,
            "seed": self.seed,
            "trial": self.trial,
            "student": self.student,
            "version": __version__,
        }
        found = definitions(self.problem.activation, self.problem.target)
        return streams.digest(content | described(found))[:32]

    @cached_property
    def together(self) -> str:
        """Cells that agree in this share their draws: they differ in activation and ridge only."""
        shared = replace(self.problem, activation="identity", ridge=1.0)
        return replace(self, problem=shared, degree=0).identity


def definitions(*names: str) -> dict[str, Any]:
    """Expressions of the registered activations that occur in these names or expressions.

    Names of the library, and expressions of them, mean the same everywhere; registered names mean
    what they do in this process alone.
    """
    words = {word for text in names for word in re.findall(r"\w+", text)}
    return {name: meant for name, meant in activations.registered().items() if name in words}


def described(found: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """What `definitions` found as an entry of a JSON object; no entry if there are none."""
    return {"registered": {name: sp.srepr(found[name]) for name in sorted(found)}} if found else {}


def describe(models: Sequence[Model]) -> list[dict[str, Any]]:
    """The models as JSON types.

    Raises
    ------
    ValueError
        If a model is no dataclass, so that nothing tells what defines it.
    """
    for model in models:
        if not hasattr(model, "__dataclass_fields__"):
            raise ValueError(f"models contains {model!r}: a sweep needs dataclasses as models")
    return [{"class": type(model).__name__, **asdict(model)} for model in models]  # type: ignore[call-overload]


def compute(cells: Sequence[Cell]) -> list[Values]:
    """Numbers of cells that can be computed together, with one thread.

    A pure function of the cells: processes and machines are free to share them out.

    Raises
    ------
    FloatingPointError
        If a number is not finite.
    """
    first = cells[0]
    with threadpool_limits(1):
        layers = TrainedLayer.train_each(
            [cell.problem for cell in cells],
            first.trial,
            first.seed,
            test_size=first.test_size,
            student=first.student,
        )
        return [_values(cell, layer) for cell, layer in zip(cells, layers, strict=True)]


def compute_elsewhere(cells: Sequence[Cell], registered: Mapping[str, Any]) -> list[Values]:
    """`compute` in another process, where the names of these `definitions` may be unknown.

    Raises
    ------
    ValueError
        If a name has another definition there.
    """
    for name, expression in registered.items():
        activations.register(name, expression)
    return compute(cells)


def _values(cell: Cell, layer: TrainedLayer) -> Values:
    rows = readout_errors(layer, cell.models, cell.degree, cell.problem.ridge)
    found = {
        name: [getattr(errors, name) for errors in rows]
        for name in VARIABLES
        if getattr(rows[0], name) is not None
    }
    if not all(math.isfinite(number) for row in found.values() for number in row):
        raise FloatingPointError(f"not all numbers are finite: {found}, {cell}")
    # As Python's own floats, which JSON keeps to the last bit.
    return {name: np.asarray(row, dtype=float).tolist() for name, row in found.items()}
