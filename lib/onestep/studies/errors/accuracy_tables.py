"""What the book says of the comparison in `accuracy`, and of the formulas that it compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ... import claims
from ...experiment import simulate
from ...network import HermiteModel, Problem
from ...theory import predict, readout_curves
from ...theory.limit import limit_without
from .. import tables
from ..timing import seconds
from . import accuracy
from .differences import differences

TARGETS = {"equivalent": 0.01, "conditional": 0.01, "scalar": 0.02, "scalar-conditional": 0.02}
"""Largest relative difference that each formula is allowed; see `target`."""

HARD: dict[str, Any] = {"activation": "tanh", "direction": "aligned", "alpha": 0.0, "beta": 0.85}
"""The setting whose training error the formulas miss that average over inputs first."""

_ERRORS = ("generalization", "training")
_VERDICTS = ("equivalent", "undecided", "different")


def target(method: str, error: str) -> float:
    """Largest relative difference that is allowed; training errors of `conditional` have twice.

    Examples
    --------
    >>> target("conditional", "generalization"), target("conditional", "training")
    (0.01, 0.02)
    """
    return TARGETS[method] * (2 if (method, error) == ("conditional", "training") else 1)


def judged(stored: xr.Dataset) -> pd.DataFrame:
    """`differences` with their ``target``, and the ``verdict`` of two one-sided tests on each.

    And ``hard``, whether the setting is `HARD`; ``exempt``, whether this is its training error.
    """
    found = differences(stored)
    hard = (found[list(HARD)] == list(HARD.values())).all(axis=1)
    targets = [target(*each) for each in zip(found.method, found.error, strict=True)]
    measured = _estimates(found)
    decided = zip(np.abs(measured.value), measured.half_width(0.05), targets, strict=True)
    return found.assign(
        target=targets,
        verdict=[claims.verdict(*map(float, each)) for each in decided],
        hard=hard,
        exempt=hard & (found.error == "training"),
    )


def _estimates(found: pd.DataFrame) -> claims.Estimate:
    # Two of the draws went into the regression.
    return claims.estimate(found.value, found.standard_error, found.draws - 2)


def mean_square(found: pd.DataFrame, margin: float) -> claims.Estimate:
    """Mean over settings of the squared difference, less what its noise adds to it.

    An entry for each error that occurs, generalization first. Noise does not help: the square
    of a difference exceeds that of its expectation by the squared standard error on average.
    The standard error is that of settings which are at least as far off as the `margin`, for
    one that is small by luck must not look certain. Settings of one direction and weighting
    share their draws, and are counted as if they agreed.

    Examples
    --------
    >>> rows = {"value": [0.03, -0.01, 0.02], "standard_error": 0.01, "draws": 32,
    ...         "error": "training", "direction": ["random", "random", "aligned"], "alpha": 0.5}
    >>> one = mean_square(pd.DataFrame(rows), margin=0.02)  # (9 + 1 + 4) / 3 - 1, times 1e-4
    >>> print(one.value.round(9), one.standard_error.round(6))
    [0.00036667] [0.000364]
    """
    variance = found.standard_error**2
    squares = found.value**2 - variance
    error = np.sqrt(4 * np.maximum(squares, margin**2) * variance + 2 * variance**2)
    values, errors = [], []
    for name in _ERRORS:
        if (at := found.error == name).any():
            together = error[at].groupby([found.direction, found.alpha]).sum()
            values.append(squares[at].mean())
            errors.append(np.sqrt((together**2).sum()) / at.sum())
    return claims.estimate(values, errors, found.draws.min() - 2)


def square(found: pd.DataFrame) -> claims.Estimate:
    """Squared differences of rows of `judged`, less what their noise adds, for a control.

    Examples
    --------
    >>> one = square(pd.DataFrame({"value": [0.06], "standard_error": [0.01], "draws": [32]}))
    >>> print(one.value, one.standard_error.round(5), one.degrees_of_freedom)
    [0.0035] [0.00121] [30.]
    """
    one, variance = _estimates(found), found.standard_error**2
    error = np.sqrt(4 * one.value**2 * variance + 2 * variance**2)
    return claims.estimate(one.value**2 - variance, error, one.degrees_of_freedom)


def decisions(found: pd.DataFrame) -> pd.DataFrame:
    """How many rows of `judged` are equivalent, undecided and different, by method and error.

    And which are undecided: activation, direction and weighting.
    """
    rows = {}
    for key, part in found.groupby(["method", "error"], sort=False):
        left = part[part.verdict == "undecided"].groupby(["direction", "alpha"], sort=False)
        names = left.activation.agg(", ".join).items()
        counts = {verdict: int((part.verdict == verdict).sum()) for verdict in _VERDICTS}
        told = "; ".join(f"{which} ({d}, α = {a:g})" for (d, a), which in names)
        rows[key] = {"target": f"{part.target.iloc[0]:.0%}", **counts, "undecided are": told}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["method", "error"])


SHOWN_BY = (*accuracy.KEY, "error")


def shown(found: pd.DataFrame, by: Sequence[str] = SHOWN_BY) -> pd.DataFrame:
    """Simulated over formula - 1 in per cent, of some rows of `judged`, as the book prints it."""
    told = tables.percent(claims.estimate(found.value, found.standard_error, found.draws))
    return found[list(by)].assign(**{"simulated / formula − 1": told}).set_index(list(by))


def recomputed(stored: xr.Dataset, setting: accuracy.Setting) -> float:
    """Largest relative difference of a setting's first layer, drawn anew, from the store."""
    again = np.array(accuracy.layer_numbers(setting.name, 0)["training"], dtype=float)
    there = stored.training.sel(setting=setting.name, layer=0).values
    return float(np.max(np.abs(there / again - 1)))


def square_if(found: pd.DataFrame, ratio: Mapping[str, float]) -> claims.Estimate:
    """`square` if the formula were divided by a `ratio`, by error: what a false formula would have.

    Examples
    --------
    >>> one = {"error": ["training"], "value": 0.01, "standard_error": 0.01, "draws": 32}
    >>> square_if(pd.DataFrame(one), {"training": 1.1}).value  # (1.01 * 1.1 - 1)^2 - 0.011^2
    array([0.0122])
    """
    factor = found.error.map(ratio)
    false = found.assign(value=(1 + found.value) * factor - 1)
    return square(false.assign(standard_error=found.standard_error * factor))


def conditional_over_plain(stored: xr.Dataset, error: str) -> float:
    """`conditional` over `equivalent` on a stored layer at full strength; tanh, aligned labels."""
    setting = accuracy.Setting("conditional", "tanh", "aligned", 0.0, 1.0)
    plain = predict(setting.problem, seed=accuracy.SEED, models=["network"], guarded=False)
    there = stored[error].sel(setting=setting.name, layer=0, draw=-1)
    return float(there.item() / plain[f"{error}_error"].item())


def fading(sizes: Sequence[int], seed: int = 0) -> pd.DataFrame:
    """How much larger the training error of `HARD` is by `conditional` than by `equivalent`.

    By size, both given the same two layers; and the share theta/tr of a spike in a preactivation.
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


# A ReLU with these labels learns no constant through the norms, and takes no step that could depend
# on the row: the kernel chapter tests both.
_LEFT_OUT = ("nothing", "residual", "scale", "clusters")


def without() -> pd.DataFrame:
    """The limit with one ingredient left out, by ingredient and error; ReLU, aligned labels."""
    relu = accuracy.Setting("equivalent", "relu", "aligned", 0.0, 0.85)
    found = {i: limit_without(relu.problem, i) for i in _LEFT_OUT}
    errors = {
        ingredient: {error: getattr(limit, f"{error}_error") for error in _ERRORS}
        for ingredient, limit in found.items()
    }
    return pd.DataFrame(errors).T


def costs(size: int, seed: int = 0) -> pd.Series:
    """Processor time of a prediction in units of a simulated trial, by method."""
    problem = Problem(n=size, m=size, k=size, direction="aligned", ridge=0.1 / size)
    predict(problem, method="scalar", models=["network"])  # imports and caches are no part of it
    trial = seconds(lambda: simulate(problem, models=["network"], trials=4, seed=seed)) / 4
    found = {"trial": trial}
    for method in accuracy.METHODS:
        found[method] = seconds(
            partial(predict, problem, method=method, seed=seed, models=["network"])
        )
    ridges, samples = np.geomspace(1e-6, 1, 20).tolist(), [size, 2 * size]
    curve = seconds(
        lambda: readout_curves(problem, ridges=ridges, samples=samples, method="scalar")
    )
    found["scalar, more along a curve"] = (curve - found["scalar"]) / 39
    return pd.Series(found) / trial


DEGREES = (1, 3, 5, 7)
"""Of the polynomials at full strength; tanh has no even ones."""


def full_strength(n: int, trials: int, seed: int = 0) -> tuple[xr.DataArray, xr.DataArray]:
    """Generalization errors where no polynomial is enough: tanh, aligned labels, alpha 0, beta 1.

    Of the simulated network and polynomials, named by their degrees; and by the formula
    ``"conditional"``, over the same trials.
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
