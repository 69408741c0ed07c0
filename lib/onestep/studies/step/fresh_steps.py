"""Fresh steps in the limit of many neurons, inputs and samples: nothing is drawn.

For isotropic inputs and steps of the size of k. A neuron is its second-layer weight
``w / k^{1/2}``. After t steps on fresh batches its row is

    a F_i + D + own noise:

D is the same function of w for all neurons, in few directions, xi first and then those that the
batches' noise has added; a and the noise, which is independent between neurons, make its
preactivation of variance ``b^2`` about ``D^T x``. A batch adds to D its mean and the common part of
its noise, and to a and b what the slopes of single neurons have in excess of their mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import xarray as xr
from scipy import interpolate, special

from ... import activations, hermite
from ..._support.arrays import Array
from ...activations import Activation
from ...network import Problem
from ...theory import predict

__all__ = ["as_one_step", "errors_after", "layers"]

_INPUTS, _NEURONS, _RANK = 2**11, 16, 3  # _RANK: directions of noise that a step adds
_GRID, _WITHIN = 60, 400  # points of S along its argument, and of the Gaussian it averages over


def require_isotropic(problem: Problem) -> None:
    """Refuse whatever is not gradient steps on one isotropic cluster, labels without noise."""
    isotropic = problem.spread == 0.0 and len(problem.weights) == 1 and problem.means is None
    plain = problem.update == "gradient" and not problem.decay
    if not (isotropic and plain) or problem.noise or problem.target == "class":
        raise ValueError(
            f"spread = {problem.spread!r}, weights = {problem.weights!r}, means, target = "
            f"{problem.target!r}, noise = {problem.noise!r}, update = {problem.update!r}, decay = "
            f"{problem.decay!r} are not allowed: one isotropic cluster, labels without noise along "
            "an index and gradient steps without decay are needed"
        )


@dataclass(frozen=True)
class FreshLayer:
    """A first layer in the limit: neurons w of probability q, their rows D and scales a, b."""

    w: Array
    q: Array
    D: Array
    a: Array
    b: Array

    @classmethod
    def start(cls, second_layer: str) -> Self:
        """Before the first step."""
        w, q = np.array([-1.0, 1.0]), np.full(2, 0.5)
        if second_layer == "gaussian":
            w, q = hermite.gauss(_NEURONS)
        return cls(w, q, np.zeros((w.size, 1)), np.ones(w.size), np.ones(w.size))

    def strengths(self, k: int, count: int = 3) -> Array:
        """Largest singular values of what k neurons have in common beyond their start."""
        values = np.linalg.svd(np.sqrt(self.q)[:, None] * self.D, compute_uv=False)
        return np.asarray(np.sqrt(k) * np.pad(values, (0, count))[:count])

    @property
    def linear(self) -> tuple[float, float]:
        """Length along xi, and across, of the part of D that is proportional to w."""
        along, *across = (self.q * self.w) @ self.D
        return float(along), float(np.linalg.norm(across))

    def outliers(self, k: int, n: int, count: int = 3) -> Array:
        """Largest singular values of the weights: a spike that is hidden counts as the edge.

        Of ``F + sum theta u v^T`` with entries of F of variance v / n, ``c = k / n``, they are
        ``((v + theta^2) (c v + theta^2))^{1/2} / theta``: `onestep.theory.limit.layer_outlier`.
        """
        theta = self.strengths(k, count) ** 2
        v, c = float(self.q @ self.b**2), k / n
        theta = np.maximum(theta, v * np.sqrt(c))
        return np.asarray(np.sqrt((v + theta) * (c * v + theta) / theta))


def layers(problem: Problem) -> Iterator[FreshLayer]:
    """The layer after each of the problem's steps, taken on fresh batches.

    Examples
    --------
    >>> at = {"n": 200, "m": 400, "k": 200, "weights": (1.0,), "spread": 0.0, "step": 20.0}
    >>> one, two = layers(Problem(**at, steps=2, activation="tanh"))
    >>> (one.strengths(200) > 0.01).tolist(), (two.strengths(200) > 0.01).tolist()
    ([True, False, False], [True, False, False])
    """
    require_isotropic(problem)
    if problem.batch == "reused" and problem.steps > 1:
        raise ValueError("batch = 'reused' is not allowed: a fresh batch for every step is needed")
    sigma, target = activations.get(problem.activation), activations.get(problem.target)
    P, rho = hermite.quasi_random(1 + _RANK * problem.steps, _INPUTS)
    y, layer = target(P[:, 0]), FreshLayer.start(problem.second_layer)
    for size in problem.step_sizes:
        layer = _stepped(layer, sigma, P, rho, y, size / problem.k, problem.n / problem.batch_size)
        yield layer


def as_one_step(problem: Problem) -> Iterator[Problem]:
    """After each of the steps, the single step that leaves the rows' same part linear in w.

    Its size and its number of samples make that part the same along xi and across: all formulas
    for one step apply to it, and know of the steps what is linear in w.

    Examples
    --------
    >>> at = {"n": 200, "m": 400, "k": 200, "weights": (1.0,), "spread": 0.0, "step": 20.0}
    >>> first, *_, last = as_one_step(Problem(**at, steps=4))
    >>> round(first.eta), first.batch_size, 3 < last.eta / 20 < 4, 3 < last.batch_size / 400 < 4.5
    (20, 400, True, True)
    """
    once = replace(problem, steps=1, step=problem.step_sizes[:1])
    along, across = next(layers(once)).linear
    for layer in layers(problem):
        gain, noise = layer.linear[0] / along, layer.linear[1] / across
        size, samples = once.eta * gain, round(once.batch_size * (gain / noise) ** 2)
        yield replace(once, step=(size,), step_samples=samples)


def errors_after(problem: Problem, steps: Sequence[int], trials: int, seed: int = 0) -> xr.Dataset:
    """Training and generalization error after several numbers of fresh steps, and their limits.

    ``given`` the trained layers, dimensions (error, steps, trial); ``limit`` and ``once``, the
    limits for the one step that they are like, and for one step, (error, steps).
    """
    names = ("training_error", "generalization_error")

    def both(one: Problem, count: int, method: str) -> Array:
        found = predict(one, ["network"], count, seed, method=method).isel(model=0)
        return np.array([found[name].values for name in names])

    ones = list(as_one_step(replace(problem, steps=max(steps))))
    given = [both(replace(problem, steps=t), trials, "equivalent") for t in steps]
    limit, once = (
        np.stack([both(ones[t - 1], 1, "scalar")[:, 0] for t in times], axis=1)
        for times in (steps, [1] * len(steps))
    )
    dims = ("error", "steps")
    return xr.Dataset(
        {
            "given": ((*dims, "trial"), np.stack(given, axis=1)),
            "limit": (dims, limit),
            "once": (dims, once),
        },
        {"error": list(names), "steps": list(steps)},
    )


def _stepped(
    layer: FreshLayer, sigma: Activation, P: Array, rho: Array, y: Array, s: float, c: float
) -> FreshLayer:
    w, q = layer.w, layer.q
    coordinates = P[:, : layer.D.shape[1]]
    f, slope, curvature, excess = _smoothed(sigma, layer.D @ coordinates.T, layer.b)
    r = y - (q * w) @ f
    G = w[:, None] * r * slope
    values, vectors = np.linalg.svd(np.sqrt(np.outer(q, rho)) * G, full_matrices=False)[1::-1]
    noise = np.sqrt(c / q)[:, None] * (vectors * values)[:, :_RANK]
    growth = 1 + s * w * ((r * curvature) @ rho)
    own = growth**2 * (layer.b**2 - layer.a**2) + c * (s * w) ** 2 * ((r**2 * excess) @ rho)
    a = growth * layer.a
    D = np.hstack([layer.D + s * ((G * rho) @ coordinates), s * noise])
    return FreshLayer(w, q, D, a, np.sqrt(a**2 + own))


def _smoothed(sigma: Activation, u: Array, b: Array) -> tuple[Array, Array, Array, Array]:
    """E of sigma, its slope and its curvature at ``b g + u``, and the slope's variance there."""
    nodes = special.ndtri((np.arange(_WITHIN) + 0.5) / _WITHIN)
    nodes /= np.sqrt(np.mean(nodes**2))
    found = []
    for row, scale in zip(u, b, strict=True):
        grid = np.linspace(-1, 1, _GRID) * max(float(np.abs(row).max()), 1.0)
        z = grid[:, None] + scale * nodes
        slopes = sigma.derivative(z)
        S, S1, S2 = (
            sigma(z).mean(axis=1),
            slopes.mean(axis=1),
            (slopes * nodes).mean(axis=1) / scale,
        )
        value = interpolate.CubicHermiteSpline(grid, S, S1)(row)
        slope = interpolate.CubicHermiteSpline(grid, S1, S2)(row)
        rest = [np.interp(row, grid, each) for each in (S2, slopes.var(axis=1))]
        found.append((value, slope, *rest))
    value, slope, curvature, excess = (np.array(part) for part in zip(*found, strict=True))
    return value, slope, curvature, excess
