"""What the book says of the comparison in `accuracy`, and of the formulas that it compares."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ... import claims
from ...experiment import simulate
from ...network import HermiteModel, Problem
from ...theory import predict, readout_curves
from ...theory.limit import INGREDIENTS, limit_without
from .. import tables
from . import accuracy
from .differences import differences

TARGETS = {"equivalent": 0.01, "conditional": 0.01, "scalar": 0.02, "scalar-conditional": 0.02}
"""Largest relative difference that each formula is allowed; see `target`."""

HARD: dict[str, Any] = {"activation": "tanh", "direction": "aligned", "alpha": 0.0, "beta": 0.85}
"""The setting whose training error the formulas miss that average over inputs first."""

_KEY = list(accuracy.COLUMNS[:5])
_ERRORS = ("generalization", "training")


def target(method: str, error: str) -> float:
    """Largest relative difference that is allowed; training errors of `conditional` have twice.

    Examples
    --------
    >>> target("conditional", "generalization"), target("conditional", "training")
    (0.01, 0.02)
    """
    return TARGETS[method] * (2 if (method, error) == ("conditional", "training") else 1)


def judged(table: pd.DataFrame) -> pd.DataFrame:
    """`differences` with ``excess``, what of them exceeds two standard errors.

    And with ``target``; ``hard``, whether the setting is `HARD`; ``exempt``, whether this is its
    training error.

    Examples
    --------
    >>> hard = accuracy.stored().query("method == 'conditional' and beta < 1")
    >>> judged(hard)[["error", "target", "exempt"]].values.tolist()
    [['training', 0.02, True], ['generalization', 0.01, False]]
    """
    found = differences(table)
    hard = (found[list(HARD)] == list(HARD.values())).all(axis=1)
    return found.assign(
        excess=np.maximum(found.value.abs() - 2 * found.standard_error, 0),
        target=[target(*each) for each in zip(found.method, found.error, strict=True)],
        hard=hard,
        exempt=hard & (found.error == "training"),
    )


SHOWN_BY = (*_KEY, "error")


def shown(found: pd.DataFrame, by: Sequence[str] = SHOWN_BY) -> pd.DataFrame:
    """Simulated over formula - 1 in per cent, of some rows of `judged`, as the book prints it.

    Examples
    --------
    >>> found = {"error": ["training"], "value": [0.012], "standard_error": [0.003], "draws": [32]}
    >>> shown(pd.DataFrame(found), by=["error"]).loc["training"].item().split()
    ['+1.2', '±', '0.3', '%']
    """
    told = tables.percent(claims.estimate(found.value, found.standard_error, found.draws))
    return found[list(by)].assign(**{"simulated / formula − 1": told}).set_index(list(by))


def recomputed(table: pd.DataFrame, setting: accuracy.Setting) -> float:
    """Largest relative difference of a setting's first layer, drawn anew, from the store.

    Examples
    --------
    >>> recomputed(accuracy.stored(), accuracy.SETTINGS[0]) < 1e-6
    True
    """
    again = [row["training"] for row in accuracy.measure(setting, layer=0)]
    stored = _first_layer(table, setting).training.to_numpy()
    return float(np.max(np.abs(stored / again - 1)))


def _first_layer(table: pd.DataFrame, setting: accuracy.Setting) -> pd.DataFrame:
    return table[(table[_KEY] == setting.key).all(axis=1) & (table["layer"] == 0)]


def row(found: pd.DataFrame, **fields: Any) -> pd.Series:
    """The one row with these values.

    Examples
    --------
    >>> found = pd.DataFrame({"error": ["training", "generalization"], "value": [0.02, 0.01]})
    >>> float(row(found, error="training").value)
    0.02
    """
    return found[(found[list(fields)] == list(fields.values())).all(axis=1)].squeeze()


def excess_if(one: pd.Series, ratio: float) -> float:
    """Excess of a row if its formula were divided by `ratio`: what a false formula would have.

    Examples
    --------
    >>> one = pd.Series({"value": 0.01, "standard_error": 0.01})
    >>> excess_if(one, ratio=1.0), round(excess_if(one, ratio=1.1), 3)  # 1.01 * 1.1 - 1 - 0.02
    (0.0, 0.091)
    """
    difference = (1 + one.value) * ratio - 1
    return float(max(abs(difference) - 2 * one.standard_error, 0))


def conditional_over_plain(table: pd.DataFrame, error: str) -> float:
    """`conditional` over `equivalent` on a stored layer at full strength; tanh, aligned labels.

    Examples
    --------
    >>> conditional_over_plain(accuracy.stored(), "training") > 1
    True
    """
    setting = accuracy.Setting("conditional", "tanh", "aligned", 0.0, 1.0)
    plain = predict(setting.problem, seed=accuracy.SEED, models=["network"], guarded=False).isel(
        model=0, trial=0
    )
    layer = _first_layer(table, setting)
    return float(layer[layer["draw"] < 0][error].item() / plain[f"{error}_error"].item())


def fading(sizes: Sequence[int], seed: int = 0) -> pd.DataFrame:
    """How much larger the training error of `HARD` is by `conditional` than by `equivalent`.

    By size, both given the same two layers; and the share theta/tr of a spike in a preactivation.

    Examples
    --------
    >>> fading([10]).columns.tolist()
    ['difference', 'θ/tr']
    """
    rows = {}
    for n in sizes:
        problem = Problem(n=n, m=n, k=n, ridge=0.1 / n, **HARD)
        one, two = (
            predict(
                problem, method=method, trials=2, seed=seed, models=["network"], guarded=False
            ).isel(model=0)
            for method in ("equivalent", "conditional")
        )
        off = 100 * (two.training_error / one.training_error - 1).mean().item()
        rows[n] = {"difference": f"{off:+.1f} %", "θ/tr": f"{problem.theta / problem.trace:.2f}"}
    return pd.DataFrame(rows).T.rename_axis("n")


def without() -> pd.DataFrame:
    """The limit with one ingredient left out, by ingredient and error; ReLU, aligned labels.

    Examples
    --------
    >>> without().columns.tolist()
    ['generalization', 'training']
    """
    relu = accuracy.Setting("equivalent", "relu", "aligned", 0.0, 0.85)
    # A ReLU with these labels learns no constant through the norms: the kernel chapter tests them.
    found = {i: limit_without(relu.problem, i) for i in INGREDIENTS if i != "norms"}
    errors = {
        ingredient: {error: getattr(limit, f"{error}_error") for error in _ERRORS}
        for ingredient, limit in found.items()
    }
    return pd.DataFrame(errors).T


def costs(size: int, seed: int = 0) -> pd.Series:
    """Processor time of a prediction in units of a simulated trial, by method."""
    problem = Problem(n=size, m=size, k=size, direction="aligned", ridge=0.1 / size)
    predict(problem, method="scalar", models=["network"])  # imports and caches are no part of it
    start = time.process_time()
    simulate(problem, models=["network"], trials=4, seed=seed)
    trial = (time.process_time() - start) / 4
    found = {"trial": trial}
    for method in accuracy.METHODS:
        start = time.process_time()
        predict(problem, method=method, seed=seed, models=["network"])
        found[method] = time.process_time() - start
    start = time.process_time()
    ridges, samples = np.geomspace(1e-6, 1, 20).tolist(), [size, 2 * size]
    readout_curves(problem, ridges=ridges, samples=samples, method="scalar")
    curve = time.process_time() - start
    found["scalar, more along a curve"] = (curve - found["scalar"]) / 39
    return pd.Series(found) / trial


DEGREES = (1, 3, 5, 7)
"""Of the polynomials at full strength; tanh has no even ones."""


def full_strength(n: int, trials: int, seed: int = 0) -> tuple[xr.DataArray, xr.DataArray]:
    """Generalization errors where no polynomial is enough: tanh, aligned labels, alpha 0, beta 1.

    Of the simulated network and polynomials, named by their degrees; and by the formula
    ``"conditional"``, over the same trials.

    Examples
    --------
    >>> drawn, exact = full_strength(10, trials=1)
    >>> drawn.model.values.tolist(), exact.sizes["trial"]
    (['network', '1', '3', '5', '7'], 1)
    """
    problem = Problem(
        n=n, m=n, k=n, alpha=0.0, beta=1.0, activation="tanh", direction="aligned", ridge=0.1 / n
    )
    polynomials = [HermiteModel(degree=degree, name=str(degree)) for degree in DEGREES]
    drawn = simulate(problem, ["network", *polynomials], trials, seed)
    exact = predict(
        problem, method="conditional", trials=trials, seed=seed, models=["network"], guarded=False
    )
    return drawn.generalization_error, exact.generalization_error.isel(model=0)
