"""What a second step learns from the batch of the first, and from no other.

A sample has pushed every neuron by its own label. When it comes back, the neuron's slope there is
correlated with that label, and the step contains ``E[y^2 x]`` beside ``E[y x]``.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import cast

import numpy as np
import xarray as xr

from ... import activations, hermite
from ..._support import check
from ..._support.arrays import Array
from ..._support.cores import side_by_side
from ...activations import Activation
from ...inputs import SingleIndex
from ...network import Problem, TrainedLayer, trial_memory
from .fresh_steps import require_isotropic


def drift(problem: Problem, trials: int = 8, seed: int = 0) -> xr.Dataset:
    """How far two steps move the mean row along the index, if the labels' E[x y] vanishes.

    ``drift`` (trial), along the unit vector xi; ``reused``, its limit on one batch, whatever the
    problem's own: on fresh ones, it is 0; and ``chance`` (trial), by how much the leading order of
    ``reused`` differs from its mean given the first batch: a control variate of mean 0
    (`onestep.claims.controlled`). For one isotropic cluster, labels without noise along an index,
    and gradient steps without decay.
    """
    trials = check.integer("trials", trials, 1)
    require_isotropic(problem)
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
