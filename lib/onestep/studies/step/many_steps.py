"""What several steps make of the first layer, and what of it does not depend on where it began.

A row of F sees an input as ``N(0, ||x||^2 / tr)``, about N(0, 1). Averaged over the rows, training
is that of a network whose first layer starts at 0, with the smoothed activation
``S(t) = E sigma(g + t)``: it knows w and the batches, and nothing of F.
"""

from __future__ import annotations

import math
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
    _require_gradient_steps(problem)
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
        Dimensions (steps, trial, index), largest first: ``singular_value`` of ``F^ - F``,
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
    _require_index(problem)
    each = [replace(problem, steps=check.integer("steps", t, 1)) for t in steps]

    def one_trial(trial: int) -> list[list[Array]]:
        return [_singular(one, trial, seed, count) for one in each]

    found = np.array(side_by_side(one_trial, range(trials), trial_memory(problem)))
    dims, names = ("trial", "steps", "index"), ("singular_value", "averaged", "along")
    return xr.Dataset(
        {name: (dims, found[:, :, i]) for i, name in enumerate(names)},
        {"steps": list(steps), "trial": np.arange(trials), "index": np.arange(count)},
        {"problem": problem.to_json(), "seed": seed},
    ).transpose("steps", "trial", "index")


def second_update(
    problem: Problem, first_sizes: Sequence[float], trials: int = 8, seed: int = 0, count: int = 2
) -> xr.DataArray:
    """Singular values of what the second step adds, after first steps of several sizes.

    Parameters
    ----------
    problem
        Gradient steps; its step is the second's, its number of steps does not enter.
    first_sizes
        Of the first step, >= 0.
    trials, seed, count
        As for `layer_after`.

    Returns
    -------
    xarray.DataArray
        Of `averaged_update`, largest first, dimensions (first, trial, index).

    Examples
    --------
    >>> found = second_update(Problem(n=60, m=60, k=60), [0.0, 4.0], trials=2).mean("trial")
    >>> found.sel(first=0.0).round(6).values[1], bool(found.sel(first=4.0)[1] > 1e-3)  # one, two
    (0.0, True)
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


def drift(problem: Problem, trials: int = 8, seed: int = 0) -> xr.Dataset:
    """How far two steps move the mean row along the index, if the labels' E[x y] vanishes.

    Source: the book's chapter *After the first step*.

    Parameters
    ----------
    problem
        Labels along an index, without noise; one isotropic cluster; gradient steps.
    trials, seed
        As for `layer_after`.

    Returns
    -------
    xarray.Dataset
        ``drift`` (trial), along the unit vector xi; ``reused``, its limit on one batch, whatever
        the problem's own: on fresh ones, it is 0; and ``chance`` (trial), by how much the leading
        order of ``reused`` differs from its mean given the first batch: a control variate of mean 0
        (`onestep.claims.controlled`).

    Raises
    ------
    ValueError
        If an argument is out of range, or the problem is another.

    Examples
    --------
    >>> both = "z**2 - 1 + (z**3 - 3*z) / 2"
    >>> found = drift(Problem(n=60, m=60, k=60, target=both, weights=(1.0,), spread=0.0, step=6.0))
    >>> found.reused.item() > 0, found.drift.dims
    (True, ('trial',))
    """
    trials = check.integer("trials", trials, 1)
    _require_index(problem)
    _require_gradient_steps(problem)
    if problem.spread != 0.0 or len(problem.weights) > 1 or problem.means or problem.noise:
        raise ValueError(
            f"spread = {problem.spread!r}, weights = {problem.weights!r}, noise = "
            f"{problem.noise!r} are not allowed: one isotropic cluster without noise is needed"
        )
    two = replace(problem, steps=2)
    target = activations.get(problem.target)
    z, p = hermite.gauss_on_pieces(target.kinks, 40)
    sigma = activations.get(problem.activation)
    x, q = hermite.gauss_on_pieces(sigma.kinks, 40)
    unit = math.prod(two.step_sizes) / two.k**2 * float(q @ (x * sigma.derivative(x) ** 2)) / 2
    mean = float(p @ (target(z) ** 2 * z * (two.n - 1 + z**2))) / two.batch_size

    def one_trial(trial: int) -> tuple[float, float]:
        layer = TrainedLayer.train(two, trial, seed)
        xi, batch = cast(SingleIndex, layer.labels).xi, layer.draws.step
        moved = layer.F.mean(axis=0) - layer.draws.weights.F.mean(axis=0)
        along = batch.X @ (batch.y @ batch.X) / batch.y.size
        given = float((batch.y * along) @ (batch.X @ xi)) / batch.y.size
        return float(moved @ xi), unit * (given - mean)

    found = np.array(side_by_side(one_trial, range(trials), trial_memory(two)))
    return xr.Dataset(
        {
            "drift": ("trial", found[:, 0]),
            "chance": ("trial", found[:, 1]),
            "reused": _drift_on_one_batch(two, sigma, z, target(z), p),
        },
        attrs={"problem": two.to_json(), "seed": seed},
    )


def _drift_on_one_batch(
    problem: Problem, sigma: Activation, kappa: Array, y: Array, weight: Array
) -> float:
    """The limit, from nodes and weights of kappa and the labels there.

    A neuron of weight ``w / k^{1/2}`` and preactivation g sees its own input again, moved by
    ``s w (c y sigma'(g) + noise)``: s = eta / k, c = n / m, and the noise of all other inputs is
    Gaussian of variance ``c E y^2 E sigma'^2``, of which ``c E y^2 (E sigma')^2`` is common.
    """
    first, second = (size / problem.k for size in problem.step_sizes)
    c = problem.n / problem.batch_size
    x, q = hermite.gauss_on_pieces(sigma.kinks, 40)
    slope, square = float(q @ sigma.derivative(x)), float(q @ sigma.derivative(x) ** 2)
    noise = math.sqrt(c * float(weight @ y**2))
    common, p = hermite.gauss_on_pieces((0.0,), 8)
    (w, g, own), each = hermite.quasi_random(3, 4096)[0].T, 1 / 4096
    w = np.sign(w) if problem.second_layer == "signs" else w
    slopes, own = sigma.derivative(g), own * math.sqrt(max(square - slope**2, 0.0)) * noise
    total = 0.0
    for h, rho in zip(common, p, strict=True):
        moved = g + first * w * (c * y[:, None] * slopes + slope * noise * h + own)
        residual = y - sigma(moved) @ w * each
        total += rho * float((weight * kappa * residual) @ (sigma.derivative(moved) @ w)) * each
    return second * total


def _require_gradient_steps(problem: Problem) -> None:
    if problem.update != "gradient" or problem.decay:
        raise ValueError(
            f"update = {problem.update!r}, decay = {problem.decay!r} are not allowed: gradient "
            "steps without decay are needed"
        )


def _require_index(problem: Problem) -> None:
    if problem.target == "class":
        raise ValueError("target = 'class' is not allowed: labels along an index are needed")


def _singular(problem: Problem, trial: int, seed: int, count: int) -> list[Array]:
    layer = TrainedLayer.train(problem, trial, seed)
    xi = cast(SingleIndex, layer.labels).xi
    values, vectors = _leading(layer.F - layer.draws.weights.F, count)
    averaged, _ = _leading(averaged_update(problem, trial, seed), count)
    return [values, averaged, (vectors @ xi) ** 2 / (xi @ xi)]


def _leading(A: Array, count: int) -> tuple[Array, Array]:
    """Largest singular values, and their right vectors as rows."""
    n = A.shape[1]
    squares, vectors = linalg.eigh(A.T @ A, subset_by_index=(n - count, n - 1))
    return np.sqrt(np.maximum(squares[::-1], 0.0)), vectors[:, ::-1].T
