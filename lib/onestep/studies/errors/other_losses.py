"""Readouts by other losses than the square: measured, by formula, and with polynomial models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from ... import activations
from ..._support.arrays import Array
from ..._support.cores import side_by_side
from ...experiment import simulate_together
from ...network import HermiteModel, Model, Network, Problem
from ...theory import predict
from ...theory.limit import SCORED, ConditionalLimit, coordinates, with_loss

LOSSES = ("logistic", "hinge", "huber", "square")
QUANTITIES = ("training error", "generalization error", "class error")

_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "means": {"activation": "relu", "target": "class", "beta": 0.0},
    "covariances": {"activation": "relu", "target": "class", "alpha": 0.0, "beta": 0.68},
    "both": {"activation": "gelu", "target": "class", "beta": 0.6},
    "signs, spread": {
        "activation": "relu", "target": "sign(z)", "direction": "aligned", "alpha": 0.0,
        "beta": 0.85,
    },
    "signs, step": {"activation": "tanh", "target": "sign(z)", "alpha": 1.0, "beta": 0.85},
}  # fmt: skip


def settings(n: int, ridge: float, distance: float) -> dict[str, Problem]:
    """Classes that differ in means, in covariances and in both, and signs of an index.

    Parameters
    ----------
    n
        Dimension and width; the readout has 3n samples, and an intercept.
    ridge
        lambda.
    distance
        Of each class mean from the origin, where classes differ in means.

    Examples
    --------
    >>> list(settings(100, 1e-2, 1.5))
    ['means', 'covariances', 'both', 'signs, spread', 'signs, step']
    """
    means = tuple(map(tuple, (np.eye(1, n) * [[distance], [-distance]]).tolist()))
    apart = {"means": means, "both": means}
    return {
        name: Problem(
            n=n, m=3 * n, k=n, ridge=ridge, intercept=True, means=apart.get(name), **fields
        )
        for name, fields in _SETTINGS.items()
    }


def compared(problem: Problem, losses: Sequence[str], trials: int, seed: int) -> xr.Dataset:
    """Errors of the network's readouts, measured and by formula.

    Returns
    -------
    xarray.Dataset
        Dimensions (loss, quantity, trial): ``simulated``, on 60n test inputs, and
        ``conditional``, given the same layers; dimensions (loss, quantity): ``limit``, without any
        layer, and ``tenth``, the same for a tenth of the samples.

    Examples
    --------
    >>> found = compared(settings(100, 1e-2, 1.5)["both"], ["logistic"], trials=2, seed=0)
    >>> bool((abs(found.conditional / found.simulated - 1) < 0.5).all())
    True
    """
    problems = [replace(problem, loss=loss) for loss in losses]
    drawn = simulate_together(problems, ["network"], trials, seed, test_size=60 * problem.n)
    given = [
        predict(each, ["network"], trials, seed, method="conditional", guarded=False)
        for each in problems
    ]
    limit = in_the_limit(problem, losses, [problem.m, problem.m // 10])
    dims = ("loss", "quantity", "trial")
    return xr.Dataset(
        {
            "simulated": (dims, np.array([_columns(one) for one in drawn])),
            "conditional": (dims, np.array([_columns(one) for one in given])),
            "limit": (dims[:2], limit[:, 0]),
            "tenth": (dims[:2], limit[:, 1]),
        },
        coords={"loss": list(losses), "quantity": list(QUANTITIES)},
    )


def in_the_limit(problem: Problem, losses: Sequence[str], samples: Sequence[int]) -> Array:
    """The three `QUANTITIES` in the limit, shape (losses, samples, 3); losses share the features.

    Examples
    --------
    >>> found = in_the_limit(settings(100, 1e-2, 1.5)["both"], ["hinge"], [300, 600])
    >>> found.shape, bool(found[0, 1, 2] < found[0, 0, 2])
    ((1, 2, 3), True)
    """
    special = coordinates(problem)
    features = Network().feature_map(activations.get(problem.activation), problem.scale, 1)
    limit = ConditionalLimit.of(special, problem.k, features, piece=SCORED)

    def one(asked: tuple[str, int]) -> list[float]:
        solver = with_loss(limit, special.labels, asked[0], problem.intercept)
        found = solver.errors(asked[1], problem.ridge)
        return [found.training_error, found.generalization_error, 1 - float(found.accuracy or 0.0)]

    each = side_by_side(one, list(product(losses, samples)))
    return np.array(each).reshape(len(losses), len(samples), -1)


def rows(
    found: Mapping[str, xr.Dataset], variable: str, quantity: str, losses: Sequence[str]
) -> Array:
    """Of `compared`, a row for each setting and loss; its columns are trials, or one.

    Examples
    --------
    >>> one = compared(settings(100, 1e-2, 1.5)["both"], ["hinge"], trials=2, seed=0)
    >>> rows({"both": one}, "limit", "class error", ["hinge"]).shape
    (1, 1)
    """
    each = [one[variable].sel(quantity=quantity, loss=list(losses)) for one in found.values()]
    return np.vstack([one.values.reshape(len(losses), -1) for one in each])


def against_width(
    problem: Problem, losses: Sequence[str], widths: Sequence[float], trials: int, seed: int
) -> xr.Dataset:
    """Class errors against the width k/n: measured, and by the formula that draws nothing.

    Returns
    -------
    xarray.Dataset
        ``simulated``, dimensions (width, loss, trial), and ``limit``, (width, loss).

    Examples
    --------
    >>> one = settings(100, 1e-3, 1.5)["both"]
    >>> found = against_width(one, ["hinge"], [0.5, 2.0], trials=2, seed=0)
    >>> bool((abs(found.simulated.mean("trial") / found.limit - 1) < 0.3).all())
    True
    """
    drawn, limit = [], []
    for width in widths:
        wide = [replace(problem, k=round(width * problem.n), loss=loss) for loss in losses]
        found = simulate_together(wide, ["network"], trials, seed, test_size=60 * problem.n)
        drawn.append([1 - each.accuracy.values[0] for each in found])
        limit.append(in_the_limit(wide[0], losses, [problem.m])[:, 0, 2])
    dims = ("width", "loss", "trial")
    return xr.Dataset(
        {"simulated": (dims, np.array(drawn)), "limit": (dims[:2], np.array(limit))},
        coords={"width": list(widths), "loss": list(losses)},
    )


def polynomials(
    problem: Problem, losses: Sequence[str], degree: int, trials: int, seed: int
) -> xr.DataArray:
    """Class errors of the network, of the polynomial of a degree, and of one degree less.

    Returns
    -------
    xarray.DataArray
        Dimensions (loss, model, trial); models ``network``, ``enough`` and ``less``.

    Examples
    --------
    >>> found = polynomials(settings(100, 1e-2, 1.5)["both"], ["hinge"], 1, trials=2, seed=0)
    >>> bool(found.sel(model="less").mean() > 1.5 * found.sel(model="network").mean())
    True
    """
    enough, less = HermiteModel(degree, name="enough"), HermiteModel(degree - 1, name="less")
    problems = [replace(problem, loss=loss) for loss in losses]
    models: list[str | Model] = ["network", enough, less]
    found = simulate_together(problems, models, trials, seed, test_size=60 * problem.n)
    return xr.DataArray(
        np.array([1 - each.accuracy.values for each in found]),
        coords={"loss": list(losses), "model": ["network", "enough", "less"]},
        dims=("loss", "model", "trial"),
    )


def _columns(found: xr.Dataset) -> Array:
    """Of the network: shape (quantity, trial)."""
    one = found.sel(model="network")
    return np.array([one.training_error, one.generalization_error, 1 - one.accuracy])
