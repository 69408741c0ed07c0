"""A formula and simulated readouts of one trained layer, as numbers of a cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from ..._support import streams
from ...experiment import Numbers
from ...network import Moments, Prediction, Problem, TrainedLayer
from ...theory import ConditionalFeatures, Spectrum

VARIABLES = ("training", "generalization", "power")
"""Errors of a readout, and the mean square of the labels."""


def readouts(
    problem: Problem, layer: int, draws: int, seed: int = 0, method: str = "equivalent"
) -> list[dict[str, float]]:
    """A formula and simulated readouts of one trained layer.

    Parameters
    ----------
    problem
        The setting; labels must be numbers.
    layer
        Trial of `seed` whose layer is taken.
    draws
        Readouts, each on a sample of its own.
    seed
        Root seed.
    method
        ``"equivalent"`` or ``"conditional"``, as for `onestep.predict`.

    Returns
    -------
    list
        ``training``, ``generalization`` and ``power``, first of the formula, then of every readout.
        `power` is the mean square of the labels: in the law of this trial, or in the sample.

    Examples
    --------
    >>> formula, *drawn = readouts(Problem(n=30, m=40, k=20), layer=0, draws=2)
    >>> len(drawn), sorted(formula)
    (2, ['generalization', 'power', 'training'])
    """
    at = TrainedLayer.train(problem, layer, seed)
    moments = at.moments()
    solver = ConditionalFeatures(at) if method == "conditional" else Spectrum(moments)
    formula = solver.errors(problem.m, problem.ridge)
    first = by_formula(formula, moments)
    return [first, *(readout(at, moments, problem.ridge, number) for number in range(draws))]


def by_formula(errors: Prediction, moments: Moments) -> dict[str, float]:
    """What a formula says, beside the labels' power in its law.

    Examples
    --------
    >>> moments = TrainedLayer.train(Problem(n=30, m=40, k=20), 0, seed=0).moments()
    >>> found = by_formula(Spectrum(moments).errors(40, 0.1), moments)
    >>> list(found), found["power"] == moments.y2
    (['training', 'generalization', 'power'], True)
    """
    return {
        "training": errors.training_error,
        "generalization": errors.generalization_error,
        "power": moments.y2,
    }


def readout(layer: TrainedLayer, moments: Moments, ridge: float, number: int) -> dict[str, float]:
    """Training and exact generalization error on a fresh sample, and the labels' power.

    Parameters
    ----------
    layer, moments
        A layer with its draws, and its moments; labels must be numbers.
    ridge
        lambda > 0.
    number
        Which fresh sample.

    Examples
    --------
    >>> layer = TrainedLayer.train(Problem(n=30, m=40, k=20), 0, seed=0)
    >>> one, two = (readout(layer, layer.moments(), 0.1, number) for number in (0, 1))
    >>> list(one), one == two
    (['training', 'generalization', 'power'], False)
    """
    rng = streams.generator(*layer.draws.key, "readout", number)
    sample = layer.sample(layer.draws.readout.y.size, rng)
    fit = layer.readout(sample, ridge)
    return {
        "training": fit.training_error,
        "generalization": moments.generalization_error(fit.weights),
        "power": float(np.mean(sample.y**2)),
    }


def in_a_row(rows: Sequence[Mapping[str, Any]], size: int) -> Numbers:
    """`VARIABLES` of rows as numbers of a cell, which has room for `size` of them.

    Examples
    --------
    >>> in_a_row([{"training": 0.1, "generalization": 0.2, "power": 1}], size=2)
    {'training': [0.1, None], 'generalization': [0.2, None], 'power': [1.0, None]}
    """
    missing = [None] * (size - len(rows))
    return {name: [*(float(row[name]) for row in rows), *missing] for name in VARIABLES}


def in_rows(
    results: xr.Dataset, dims: Sequence[str]
) -> Iterator[tuple[list[Any], dict[str, float]]]:
    """Coordinates and `VARIABLES` of every readout that a study's results have: `in_a_row` undone.

    Examples
    --------
    >>> cells = {name: ("draw", [0.1, np.nan]) for name in VARIABLES}
    >>> list(in_rows(xr.Dataset(cells, {"draw": [-1, 0]}), ["draw"]))
    [([-1], {'training': 0.1, 'generalization': 0.1, 'power': 0.1})]
    """
    arrays = {name: results[name].transpose(*dims).values for name in VARIABLES}
    coordinates = [results[dim].values.tolist() for dim in dims]
    for at in np.argwhere(np.isfinite(arrays["power"])).tolist():
        there = [values[i] for values, i in zip(coordinates, at, strict=True)]
        yield there, {name: float(array[tuple(at)]) for name, array in arrays.items()}
