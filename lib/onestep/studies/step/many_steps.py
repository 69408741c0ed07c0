"""What several steps make of the first layer, and what of it does not depend on where it began.

A row of F sees an input as ``N(0, ||x||^2 / tr)``, about N(0, 1). Averaged over the rows, training
is that of a network whose first layer starts at 0, with the smoothed activation
``S(t) = E sigma(g + t)``: it knows w and the batches, and nothing of F.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import xarray as xr
from scipy import interpolate, linalg

from ... import activations, hermite
from ..._support import check
from ..._support.arrays import Array
from ..._support.cores import side_by_side
from ...activations import Activation
from ...inputs import SingleIndex
from ...network import Problem, TrainedLayer, Weights, draw, train, trial_memory

_POINTS = 400
"""Of the cubic through values and slopes of S, along its argument's range."""


def averaged_update(problem: Problem, trial: int = 0, seed: int = 0) -> Array:
    """``F^ - F`` of a trial with the rows of F averaged out at every step, shape (k, n).

    Source: the book's chapter *After the first step*.

    Parameters
    ----------
    problem
        With gradient steps and without decay, for which the mean is all that matters.
    trial, seed
        As for `onestep.network.TrainedLayer.train`.

    Raises
    ------
    ValueError
        If the problem has steps of another kind.

    Examples
    --------
    >>> problem = Problem(n=200, m=200, k=200, steps=2)
    >>> layer = TrainedLayer.train(problem)
    >>> whole, mean = layer.F - layer.draws.weights.F, averaged_update(problem)
    >>> bool(np.linalg.norm(whole - mean, 2) < 0.2 * np.linalg.norm(whole, 2))
    True
    """
    if problem.update != "gradient" or problem.decay:
        raise ValueError(
            f"update = {problem.update!r}, decay = {problem.decay!r} are not allowed: gradient "
            "steps without decay are needed"
        )
    drawn = draw(problem, trial, seed)
    start = Weights(np.zeros_like(drawn.weights.F), drawn.weights.w)
    smooth = cast(Activation, _Smoothed(activations.get(problem.activation)))
    return train(start, drawn.batches(problem), problem.step_sizes, smooth)


@dataclass(frozen=True)
class _Smoothed:
    """S as a cubic between exact values and slopes."""

    activation: Activation

    def __call__(self, t: Array) -> Array:
        return self._cubic(t)[0]

    def derivative(self, t: Array) -> Array:
        return self._cubic(t)[1]

    def _cubic(self, t: Array) -> tuple[Array, Array]:
        reach = max(float(np.abs(t).max()), 1.0)
        grid = np.linspace(-reach, reach, _POINTS)
        S, slope = hermite.coefficients(self.activation, 1, 1.0, grid).T
        found = interpolate.CubicHermiteSpline(grid, S, slope)
        return np.asarray(found(t)), np.asarray(found(t, 1))


def layer_after(
    problem: Problem, steps: Sequence[int], trials: int = 8, seed: int = 0, count: int = 3
) -> xr.Dataset:
    """The trained layer after each of several numbers of steps, on the same draws.

    Source: the book's chapter *After the first step*.

    Parameters
    ----------
    problem
        Labels along an index; its own number of steps does not enter.
    steps
        Numbers of steps, >= 1.
    trials, seed
        Independent draws, >= 1, and the root seed.
    count
        Singular values, in [1, min(n, k)].

    Returns
    -------
    xarray.Dataset
        Dimensions (steps, trial): ``drift``, the mean over neurons of the component of
        ``F^ - F`` along the unit vector xi; ``cosine``, the squared cosine of its mean row with xi.
        With the further dimension ``index``: ``singular_value`` of ``F^ - F``, largest first,
        ``averaged`` of `averaged_update`, and ``along``, the squared cosine of the right singular
        vector with xi.

    Raises
    ------
    ValueError
        If an argument is out of range, or the labels are classes.

    Examples
    --------
    >>> found = layer_after(Problem(n=60, m=60, k=60), [1, 3], trials=2)
    >>> dict(found.sizes), bool((found.singular_value.diff("steps").sel(index=0) > 0).all())
    ({'steps': 2, 'trial': 2, 'index': 3}, True)
    """
    trials = check.integer("trials", trials, 1)
    count = check.integer("count", count, 1, min(problem.n, problem.k))
    if problem.target == "class":
        raise ValueError("target = 'class' is not allowed: labels along an index are needed")
    each = [replace(problem, steps=check.integer("steps", t, 1)) for t in steps]
    found = side_by_side(
        lambda trial: [_after(one, trial, seed, count) for one in each],
        range(trials),
        trial_memory(problem),
    )
    values = np.swapaxes(np.array(found), 0, 1)  # steps, trial, quantity
    dims = ("steps", "trial")
    named = {name: (dims, values[..., i]) for i, name in enumerate(("drift", "cosine"))}
    parts = np.split(values[..., 2:], 3, axis=-1)
    names = ("singular_value", "averaged", "along")
    long = {name: ((*dims, "index"), part) for name, part in zip(names, parts, strict=True)}
    coords = {"steps": list(steps), "trial": np.arange(trials), "index": np.arange(count)}
    return xr.Dataset({**named, **long}, coords, {"problem": problem.to_json(), "seed": seed})


def _after(problem: Problem, trial: int, seed: int, count: int) -> Array:
    layer = TrainedLayer.train(problem, trial, seed)
    moved = layer.F - layer.draws.weights.F
    xi = cast(SingleIndex, layer.labels).xi
    xi = xi / np.linalg.norm(xi)
    mean = moved.mean(axis=0)
    values, vectors = _leading(moved, count)
    mean_values, _ = _leading(averaged_update(problem, trial, seed), count)
    drift = float(mean @ xi)
    cosine = drift**2 / float(mean @ mean)
    return np.concatenate([[drift, cosine], values, mean_values, (vectors @ xi) ** 2])


def _leading(A: Array, count: int) -> tuple[Array, Array]:
    """Largest singular values, and their right vectors as rows."""
    n = A.shape[1]
    squares, vectors = linalg.eigh(A.T @ A, subset_by_index=(n - count, n - 1))
    return np.sqrt(np.maximum(squares[::-1], 0.0)), vectors[:, ::-1].T
