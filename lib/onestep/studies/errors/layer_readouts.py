"""A formula and simulated readouts of one trained layer, as numbers of a cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..._support import streams
from ...experiment import Numbers, listed
from ...network import Moments, Prediction, TrainedLayer

VARIABLES = ("training", "generalization", "power")
"""Errors of a readout, and the mean square of the labels: in its sample, or in the layer's law."""

__all__ = ["VARIABLES"]


def by_formula(errors: Prediction, moments: Moments) -> list[float]:
    """`VARIABLES` by a formula."""
    return [errors.training_error, errors.generalization_error, moments.y2]


def readouts(at: TrainedLayer, moments: Moments, ridge: float, draws: int) -> list[list[float]]:
    """`VARIABLES` of simulated readouts, each on a sample of its own, with exact errors."""
    rows = []
    for number in range(draws):
        rng = streams.generator(*at.draws.key, "readout", number)
        sample = at.sample(at.draws.readout.y.size, rng)
        fit = at.readout(sample, ridge)
        power = float(np.mean(sample.y**2))
        rows.append([fit.training_error, moments.generalization_error(fit.weights), power])
    return rows


def as_numbers(rows: Sequence[Sequence[float]], size: int) -> Numbers:
    """Rows of `VARIABLES` as numbers of a cell, which has room for `size` of them."""
    table = np.full((size, len(VARIABLES)), np.nan)
    table[: len(rows)] = rows
    return {name: listed(column) for name, column in zip(VARIABLES, table.T, strict=True)}
