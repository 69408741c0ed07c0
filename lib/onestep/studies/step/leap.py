"""How much of a step points along the index, on a ladder of dimensions: leap indices.

Few neurons on isotropic inputs. What fresh samples make of the rows depends on the coordinates of
the samples in the span of xi and the rows only; all else is noise, Gaussian given these. So fresh
steps are drawn exactly with some ten numbers a sample, however large the dimension.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

import numpy as np

from ... import activations, claims
from ..._support import check, streams
from ..._support.arrays import Array
from ..._support.cores import side_by_side
from ...inputs import SingleIndex
from ...network import Problem, TrainedLayer, trial_memory
from ..degree.boundaries import ladder_exponent
from .fresh_steps import require_isotropic

ROWS = ("all", "mean")
"""Of which rows `cosines` are: root mean square over all, or that of their mean, with its sign."""

_CHUNK = 2**16


def cosines(
    problem: Problem,
    sizes: Sequence[int],
    power: int = 1,
    trials: int = 32,
    seed: int = 0,
    rows: str = "all",
) -> list[Array]:
    """How much of the last step's rows lies along xi, for each dimension n, by trial.

    The problem gives all but n and the samples of a step, ``n^power``. Lengths are in units of the
    rows' root mean square; dimensions are larger than ``(steps + 1) k + 1``.

    Examples
    --------
    >>> problem = Problem(k=4, weights=(1.0,), spread=0.0, step=0.04, target="100*tanh(z)")
    >>> few, many = cosines(problem, [20, 40], trials=3)
    >>> many.shape, bool(np.all((0 < many) & (many < 1)))
    ((3,), True)
    """
    require_isotropic(problem)
    trials, rows = check.integer("trials", trials, 2), check.choice("rows", rows, ROWS)
    power, found = check.integer("power", power, 1), []
    least = (problem.steps + 1) * problem.k + 2
    for n in (check.integer("sizes", n, least) for n in sizes):
        at = replace(problem, n=n, m=2, step_samples=n**power)
        reused = at.batch == "reused" and at.steps > 1
        step, memory = (
            (_inputs, trial_memory(at)) if reused else (_coordinates, 64.0 * _CHUNK * at.k)
        )

        parts = side_by_side(partial(step, at, seed), range(trials), memory)
        along, norm = (np.array(part) for part in zip(*parts, strict=True))
        length = np.linalg.norm(along, axis=1) if rows == "all" else along.sum(axis=1) / at.k**0.5
        found.append(length / np.sqrt(norm))
    return found


def exponents(
    sizes: Sequence[int], drawn: Iterable[Sequence[Array]], laws: Sequence[float]
) -> claims.Estimate:
    """Exponents in n of means of `cosines`, less those of the laws.

    Examples
    --------
    >>> found = exponents([10, 100], [[np.array([4.0, 6.0]) / n for n in (10, 100)]], [-1.0])
    >>> bool(abs(found.value[0]) < 1e-12)
    True
    """
    fits = claims.gathered(ladder_exponent(sizes, values) for values in drawn)
    return replace(fits, value=fits.value - np.array(laws))


def _inputs(problem: Problem, seed: int, trial: int) -> tuple[Array, float]:
    """The last step's rows along xi and its squared norm, all inputs drawn."""
    t = problem.steps
    both = [replace(problem, steps=s, step=problem.step_sizes[:s]) for s in (t - 1, t)]
    before, after = TrainedLayer.train_each(both, trial, seed)
    G, xi = after.F - before.F, cast(SingleIndex, after.labels).xi
    return G @ xi / np.linalg.norm(xi), float(np.sum(G**2))


def _coordinates(problem: Problem, seed: int, trial: int) -> tuple[Array, float]:
    """The same on fresh batches. Basis: xi, what spans the rows, what every batch has added."""
    rng = streams.generator("leap", problem.to_json(), seed, trial)
    n, m, k = problem.n, problem.batch_size, problem.k
    sigma, target = activations.get(problem.activation), activations.get(problem.target)
    w = rng.standard_normal(k)
    w = np.sign(w) if problem.second_layer == "signs" else w
    F = np.hstack([rng.standard_normal((k, 1)), _triangle(k, n - 1, rng)]) / np.sqrt(n)
    for size in problem.step_sizes:
        d = F.shape[1]
        mean, square = np.zeros((k, d)), np.zeros((k, k))
        for start in range(0, m, _CHUNK):
            x = rng.standard_normal((min(_CHUNK, m - start), d))
            z = x @ F.T
            pull = sigma.derivative(z) * (target(x[:, 0]) - sigma(z) @ w / k)[:, None]
            mean, square = mean + pull.T @ x, square + pull.T @ pull
        noise = np.linalg.cholesky(square) @ _triangle(k, n - d, rng)
        G = size / (k * m) * w[:, None] * np.hstack([mean, noise])
        F = np.pad(F, ((0, 0), (0, k))) + G
    return G[:, 0], float(np.sum(G**2))


def _triangle(k: int, n: int, rng: np.random.Generator) -> Array:
    """K Gaussian vectors of dimension n in a basis of their span (Bartlett)."""
    below = np.tril(rng.standard_normal((k, k)), -1)
    return np.asarray(below + np.diag(np.sqrt(rng.chisquare(n - np.arange(k)))))
