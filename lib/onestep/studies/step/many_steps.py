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

_POINTS = 160
"""Of the cubic through values and slopes of S, along its argument's range."""


def averaged_update(problem: Problem, trial: int = 0, seed: int = 0) -> Array:
    """``F^ - F`` of a trial with the rows of F averaged out at every step, shape (k, n).

    For gradient steps without decay, of which the mean is all that matters.

    Examples
    --------
    >>> problem = Problem(n=200, m=200, k=200, steps=2, activation="tanh")
    >>> layer, mean = TrainedLayer.train(problem), averaged_update(problem)
    >>> round(float(np.vdot(layer.F - layer.draws.weights.F, mean) / np.vdot(mean, mean)), 1)
    1.0
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

    Dimensions (steps, trial): ``projection`` of ``F^ - F`` on `averaged_update`, in units of the
    latter: 1 if only the rest depends on F. With the further dimension ``index``, largest first:
    ``singular_value`` of ``F^ - F``, ``averaged`` of `averaged_update`, and ``along``, the squared
    cosine of the right singular vector with xi.
    """
    trials = check.integer("trials", trials, 1)
    count = check.integer("count", count, 1, min(problem.n, problem.k))
    if problem.target == "class":
        raise ValueError("target = 'class' is not allowed: labels along an index are needed")
    each = [replace(problem, steps=check.integer("steps", t, 1)) for t in steps]

    def one_trial(trial: int) -> list[Array]:
        return [_singular(one, trial, seed, count) for one in each]

    found = np.array(side_by_side(one_trial, range(trials), trial_memory(problem)))
    dims, names = ("trial", "steps"), ("singular_value", "averaged", "along")
    parts = np.split(found[..., 1:], 3, axis=-1)
    long = {name: ((*dims, "index"), part) for name, part in zip(names, parts, strict=True)}
    return xr.Dataset(
        {"projection": (dims, found[..., 0]), **long},
        {"steps": list(steps), "trial": np.arange(trials), "index": np.arange(count)},
        {"problem": problem.to_json(), "seed": seed},
    ).transpose("steps", "trial", "index")


def second_update(
    problem: Problem, first_sizes: Sequence[float], trials: int = 8, seed: int = 0, count: int = 2
) -> xr.DataArray:
    """Singular values of what the second step adds to `averaged_update`, after each first step.

    Dimensions (first, trial, index), largest first; the problem's own step is the second's.
    """
    trials, eta = check.integer("trials", trials, 1), problem.eta

    def one_trial(trial: int) -> list[Array]:
        found = []
        for size in first_sizes:
            both = replace(problem, steps=2, step=(size, eta))
            first = replace(problem, steps=1, step=(size,))
            added = averaged_update(both, trial, seed) - averaged_update(first, trial, seed)
            found.append(_leading(added, count)[0])
        return found

    values = np.array(side_by_side(one_trial, range(trials), trial_memory(problem)))
    coords = {"first": list(first_sizes), "trial": np.arange(trials), "index": np.arange(count)}
    return xr.DataArray(np.swapaxes(values, 0, 1), coords, ("first", "trial", "index"))


def spectra_after(
    problem: Problem, steps: Sequence[int], trials: int = 8, seed: int = 0, count: int = 3
) -> xr.Dataset:
    """Largest singular values of the layer after each of several numbers of steps.

    Dimensions (steps, trial, index), largest first: of ``F^ - F``, ``moved``; of F^, ``weights``;
    and ``features``, eigenvalues of ``(k/m) Phi Phi^T``. ``chance``, (quantity, trial), has the
    mean 0: what the second layer's norm and the first batch's labels exceed their means by.
    """
    trials = check.integer("trials", trials, 1)
    count = check.integer("count", count, 1, min(problem.n, problem.k))
    each = [replace(problem, steps=check.integer("steps", t, 1)) for t in steps]

    def one_trial(trial: int) -> tuple[list[list[Array]], list[float]]:
        found = []
        for layer in TrainedLayer.train_each(each, trial, seed):
            drawn, features = layer.draws, layer.features(layer.draws.readout.X)
            parts = layer.F - drawn.weights.F, layer.F, (features @ features.T)
            square = parts[2] * (problem.k / problem.m)
            top = linalg.eigvalsh(square, subset_by_index=(problem.k - count, problem.k - 1))
            found.append([*(_leading(part, count)[0] for part in parts[:2]), top[::-1]])
        chance = [float(np.sum(drawn.weights.w**2)) - 1, drawn.label_excess(drawn.step)]
        return found, chance

    drawn = side_by_side(one_trial, range(trials), trial_memory(problem))
    values = np.array([each for each, _ in drawn])
    dims, names = ("trial", "steps", "index"), ("moved", "weights", "features")
    return xr.Dataset(
        {name: (dims, values[:, :, i]) for i, name in enumerate(names)}
        | {"chance": (("trial", "quantity"), np.array([chance for _, chance in drawn]))},
        {"steps": list(steps), "quantity": ["second layer", "step labels"]},
        {"problem": problem.to_json(), "seed": seed},
    ).transpose("steps", "quantity", "trial", "index")


def _singular(problem: Problem, trial: int, seed: int, count: int) -> Array:
    layer = TrainedLayer.train(problem, trial, seed)
    xi = cast(SingleIndex, layer.labels).xi
    moved, mean = layer.F - layer.draws.weights.F, averaged_update(problem, trial, seed)
    values, vectors = _leading(moved, count)
    along = (vectors @ xi) ** 2 / (xi @ xi)
    projection = np.sum(moved * mean) / np.sum(mean**2)
    return np.concatenate([[projection], values, _leading(mean, count)[0], along])


def _leading(A: Array, count: int) -> tuple[Array, Array]:
    """Largest singular values, and their right vectors as rows."""
    n = A.shape[1]
    squares, vectors = linalg.eigh(A.T @ A, subset_by_index=(n - count, n - 1))
    return np.sqrt(np.maximum(squares[::-1], 0.0)), vectors[:, ::-1].T
