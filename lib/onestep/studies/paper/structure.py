"""Eight studies of what the structure of the mixture does, each of one property."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ... import claims
from ..._support.arrays import Array
from ...experiment import simulate
from ...network import Problem
from ...theory import predict
from . import figures

ALIGNMENTS = (-1.0, -0.5, 0.0, 0.5, 1.0)
RELU_VARIANCE = 0.5 - 0.5 / np.pi
"""Variance of a ReLU of a standard Gaussian."""


@dataclass(frozen=True)
class Point:
    """Where a problem differs from the base, and the variance of its labels.

    Examples
    --------
    >>> point = Point({"target": "class", "alpha": 0.0}, variance=1.0)
    >>> replace(Problem(), **point.fields).target
    'class'
    """

    fields: Mapping[str, Any]
    variance: float


def studies(base: Problem, seed: int = 0) -> dict[str, dict[float, Point]]:
    """Points of every study by the value of its property; the base has two equal clusters."""
    n, theta = base.n, base.theta
    unit = np.random.default_rng(seed).standard_normal(n)
    unit /= np.linalg.norm(unit)

    def index(a: float, direction: str) -> Point:
        own = theta / n if direction == "random" else theta * (1 + a) / 2
        variance = RELU_VARIANCE * (1 + own) / (1 + theta * (1 + abs(a)) / 2)
        return Point({"alignment": a, "direction": direction}, variance)

    def classes(variance: float = 1.0, alpha: float = 0.0, **fields: Any) -> Point:
        return Point({"target": "class", "alpha": alpha, **fields}, variance)

    def shifted(s: float) -> Point:
        return classes(alpha=1.0, means=(tuple(s * unit), tuple(-s * unit)))

    def clusters(C: int) -> Point:
        return classes(1.0 if C == 2 else 1 - 1 / C, weights=tuple(np.full(C, 1 / C)))

    ratios = np.linspace(0.1, 0.9, 5)
    return {
        "alignment, random ξ": {a: index(a, "random") for a in ALIGNMENTS},
        "alignment, aligned ξ": {a: index(a, "aligned") for a in ALIGNMENTS if a > -1},
        "alignment, classes": {a: classes(alignment=a) for a in ALIGNMENTS},
        "ratio, classes": {r: classes(4 * r * (1 - r), weights=(r, 1 - r)) for r in ratios},
        "rank, classes": {d: classes(rank=d) for d in (1, 3, 6, 10)},
        "strength, classes": {b: classes(beta=b) for b in np.linspace(0, 0.85, 5)},
        "distance, classes": {s: shifted(s) for s in (0, 0.7, 1.5, 2.5, 4)},
        "clusters, one-hot": {C: clusters(C) for C in range(2, 6)},
    }


def compare(
    base: Problem, of: Mapping[str, Mapping[float, Point]], trials: int, layers: int, seed: int = 0
) -> pd.DataFrame:
    """Simulated networks, and the formula averaged over layers of its own, at every point.

    A row has ``study``, ``x`` and ``variance``; ``formula`` and ``drawn``, generalization
    errors, the latter an array over the trials; ``formula_training`` and ``drawn_training``.
    """
    rows = []
    for study, points in of.items():
        for x, point in points.items():
            problem = replace(base, **point.fields)
            formula = predict(
                problem, trials=layers, models=["network"], seed=seed + 1, guarded=False
            )
            network = simulate(problem, ["network"], trials, seed).isel(model=0)
            row = {"study": study, "x": x, "variance": point.variance}
            for error, (drawn, mean) in _COLUMNS.items():
                row[mean] = float(formula[f"{error}_error"].mean())
                row[drawn] = network[f"{error}_error"].values
            rows.append(row)
    return pd.DataFrame(rows)


_COLUMNS = {
    "generalization": ("drawn", "formula"),
    "training": ("drawn_training", "formula_training"),
}


def over_formula(results: pd.DataFrame, error: str) -> Array:
    """Simulated over formula, averaged over the points of a study; shape (studies, trials).

    Training errors, which scatter with the labels of the readout's sample, are averaged over the
    studies as well; shape (trials,).
    """
    drawn, formula = _COLUMNS[error]
    found = [
        (np.stack(table[drawn]) / table[formula].to_numpy()[:, None]).mean(axis=0)
        for _, table in results.groupby("study", sort=False)
    ]
    return np.mean(found, axis=0) if error == "training" else np.stack(found)


def over_equal_clusters(results: pd.DataFrame, error: str) -> Array:
    """Simulated networks on different clusters over the formula for equal ones; shape (trials,)."""
    drawn, formula = _COLUMNS[error]
    classes = results[results.study == "alignment, classes"].set_index("x")
    return np.asarray(classes[drawn][0.0] / classes[formula][1.0])


def different_over_equal(base: Problem, trials: int, seed: int = 0) -> dict[str, claims.Estimate]:
    """Error for different clusters over that for equal ones - 1, of tanh and of ReLU."""
    found = {}
    for activation in ("tanh", "relu"):
        at = replace(base, activation=activation, target="class", alpha=0.0)
        apart, equal = (
            simulate(replace(at, alignment=a), ["network"], trials, seed) for a in (0.0, 1.0)
        )
        ratio = apart.generalization_error.values[0] / equal.generalization_error.values[0]
        found[activation] = claims.sample(ratio - 1)
    return found


def limits(base: Problem, points: Mapping[float, Point]) -> pd.DataFrame:
    """Generalization error in the limit: ``error``, and ``normalised`` by the best constant's."""
    rows = {}
    for x, point in points.items():
        limit = predict(
            replace(base, **point.fields), method="scalar", models=["network"], guarded=False
        )
        error = limit.generalization_error.item()
        rows[x] = {"error": error, "normalised": 2 * error / point.variance}
    return pd.DataFrame(rows).T


def construction() -> tuple[xr.DataArray, xr.DataArray]:
    """Published over exact construction of an alignment - 1, and, as a control, -1 over about 0."""
    exact = figures.stored("fig2a-exact").generalization_error
    published = figures.stored("fig2a").generalization_error.sel(alignment=exact.alignment)
    one, other = (each.sel(model="network").isel(student=0) for each in (published, exact))
    middle = other.isel(alignment=4)
    control = (one.isel(alignment=0) - middle) / middle.mean("trial")
    return ((one - other) / other.mean("trial")).mean("alignment"), control
