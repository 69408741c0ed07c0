"""How nearly the gradient of the first step is of rank one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from scipy.sparse.linalg import svds

from .. import activations, hermite
from .._support import check, streams
from .._support.arrays import Array
from .._support.cores import side_by_side
from ..inputs import SingleIndex
from ..network import Problem, draw, gradient, rank_one, trial_memory

LAYER = ("value", "xi", "v", "w")
"""Of the trained layer: its largest singular value, and squared cosines of its vectors."""

LABELS = ("true", "shuffled")
"""Labels that the gradient is computed from; shuffled ones are the negative control."""


def step_decomposition(
    problem: Problem,
    trials: int = 10,
    seed: int = 0,
    singular_values: int = 4,
    *,
    labels: Sequence[str] = LABELS,
) -> xr.Dataset:
    """Compare the gradient G with its rank-one part u v^T, in the operator norm.

    ``u = a_1 w / sqrt(k)`` with ``a_1 = E sigma'(b g)``, and ``v = X^T y / m`` always from the
    true labels. The gradient is computed twice, from the true labels and from the same labels in
    random order: for the latter, v is wrong and the remainder must not vanish.

    Source: the book's chapter *One gradient step is nearly rank one*.

    Parameters
    ----------
    problem
        The setting, with one number a label, and a_1 not 0; its ridge does not enter.
    trials, seed
        Independent draws, >= 1, and root seed, >= 0.
    singular_values
        How many leading singular values of G to return, from 2 to min(n, k) - 1.
    labels
        Which of `LABELS` the gradient is computed from; the same numbers with or without the other.

    Returns
    -------
    xarray.Dataset
        Dimensions (labels, trial):
        ``remainder``, ``||G - u v^T|| / ||u v^T||``; ``alignment_u`` and ``alignment_v``, the
        absolute cosines between u, v and G's leading singular vectors; ``singular_value`` with
        the further dimension ``index``, in units of ``||u v^T||``, largest first; ``layer`` with
        the further dimension ``quantity``, those of `LAYER`: the largest singular value of the
        trained layer ``F + eta G``, and the squared cosines of its right vector with xi (NaN for
        class labels) and v, and of its left vector with w.

    Examples
    --------
    >>> found = step_decomposition(Problem(n=40, m=80, k=30, beta=0.9), trials=2)
    >>> right, wrong = found.remainder.mean("trial").values
    >>> bool(right < wrong), found.singular_value.dims
    (True, ('labels', 'trial', 'index'))
    """
    problem.require_one_step("the decomposition")
    trials = check.integer("trials", trials, 1)
    seed = check.integer("seed", seed, 0)
    singular_values = check.integer("singular_values", singular_values, 2)
    labels = [check.choice("labels", each, LABELS) for each in labels]
    if not labels or len(set(labels)) < len(labels):
        raise ValueError(f"labels = {labels!r} is not allowed: some of {LABELS}, each once")
    if singular_values >= min(problem.n, problem.k):
        raise ValueError(
            f"singular_values = {singular_values} is not allowed: less than "
            f"min(n, k) = {min(problem.n, problem.k)} is needed"
        )
    if problem.target == "class" and len(problem.weights) > 2:
        raise ValueError(
            f"target = 'class' is not allowed with {len(problem.weights)} clusters: "
            "one number a label is needed"
        )
    activation = activations.get(problem.activation)
    mean_slope = float(hermite.coefficients(activation.slope, degree=0, scale=problem.scale)[0])
    if abs(mean_slope) < 1e-12:
        raise ValueError(
            f"activation = {problem.activation!r} is not allowed: its mean slope a_1 is 0, so "
            "the gradient has no rank-one part"
        )

    def one_trial(trial: int) -> list[dict[str, Any]]:
        drawn = draw(problem, trial, seed)
        X, y = drawn.step.X, drawn.step.y
        part = rank_one(drawn.weights, X, y, mean_slope)
        size = float(np.linalg.norm(part.u) * np.linalg.norm(part.v))
        if not size:
            raise ValueError(f"target = {problem.target!r} is not allowed: labels are all 0")
        order = streams.generator(problem.draw_key(), seed, trial, "shuffle").permutation(y.size)
        found = []
        for name in labels:
            G = gradient(drawn.weights, X, y if name == "true" else y[order], activation)
            left, spectrum, right = _leading(G, singular_values)
            after, values, along = _leading(drawn.weights.F + problem.eta * G, 1)
            xi = drawn.labels.xi if isinstance(drawn.labels, SingleIndex) else np.nan * part.v
            known = ((along, xi), (along, part.v), (after, part.u))
            found.append(
                {
                    "remainder": _leading(G - np.outer(part.u, part.v), 1)[1][0] / size,
                    "alignment_u": abs(left @ part.u) / np.linalg.norm(part.u),
                    "alignment_v": abs(right @ part.v) / np.linalg.norm(part.v),
                    "singular_value": spectrum / size,
                    "layer": np.array([values[0], *((x @ z) ** 2 / (z @ z) for x, z in known)]),
                }
            )
        return found

    each = side_by_side(one_trial, range(trials), trial_memory(problem))
    last = {"singular_value": ("index",), "layer": ("quantity",)}
    return xr.Dataset(
        {
            name: (
                ("trial", "labels", *last.get(name, ())),
                np.array([[at[name] for at in trial] for trial in each]),
            )
            for name in each[0][0]
        },
        coords={
            "labels": labels,
            "trial": np.arange(trials),
            "index": np.arange(1, singular_values + 1),
            "quantity": list(LAYER),
        },
        attrs={"problem": problem.to_json(), "seed": seed},
    ).transpose("labels", "trial", ...)


def _leading(G: Array, count: int) -> tuple[Array, Array, Array]:
    """Leading singular vectors (left, right) and the `count` largest singular values."""
    # A fixed start makes the Lanczos iteration, and so every digit, reproducible.
    start = np.full(min(G.shape), 1.0) + np.linspace(0.0, 1.0, min(G.shape))
    U, values, Vt = svds(G, k=count, v0=start)
    order = np.argsort(values)[::-1]
    return U[:, order[0]], values[order], Vt[order[0]]
