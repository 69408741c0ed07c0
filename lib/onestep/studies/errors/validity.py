"""Random problems: every formula against simulated networks, inside its domain and outside.

A number draws a problem: activation, target, direction, clusters, strengths, sizes, ridge. Its
network is simulated over some thirty trials. A formula that is given the layer is given those of
the trials; a limit is given nothing. What is stored is what the solvers answer without their guard,
beside the conditions that it rests on, so that a domain can be judged without computing anew.

``python -m onestep.studies sweep validity`` computes it, resumably.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ... import activations, claims
from ..._support import streams
from ..._support.arrays import Array
from ...experiment import Numbers, Study, listed, simulate
from ...network import Network, Prediction, Problem
from ...theory import METHODS, InTheLimit
from ...theory.limit import coordinates, overlap_signs
from ...theory.limit.coordinate_rules import input_rule
from ...theory.limit.trained_types import trained_types

__all__ = ["ANSWERS", "CONDITIONS", "SEED", "STUDY", "VARIABLES", "compared", "problem_of"]

SEED = 29
"""Of all problems, and of their simulations."""

ANSWERS = ("errors", "failed", "refused", "refused by simulate")
"""What a method can answer, by the number in `answer`."""

CONDITIONS = (
    "left", "tail", "scatter", "coordinate_share", "unevenness", "label_tail", "label_covariance",
    "stretch", "squares", "weight_scatter", "label_weight",
)  # fmt: skip
"""What the domains are made of."""

VARIABLES = (
    "answer", "training_error", "generalization_error", "training_se", "generalization_se",
    *CONDITIONS,
)  # fmt: skip
"""Errors are simulation over formula minus 1, with their standard errors."""

_ERRORS = ("training_error", "generalization_error")
_LAYERS = 6  # of the trials, for the formula that is given the coordinates
_RESOLVED = 2.5e-5
# Types, or pairs of a type and an input, that there is time for.
_MOST = {"scalar": 20_000, "scalar-conditional": 1_000_000}


def problem_of(number: int) -> Problem:
    """The problem of a number: every draw depends on it and on `SEED` alone.

    Examples
    --------
    >>> problem_of(0) == problem_of(0), problem_of(0) == problem_of(1)
    (True, False)
    """
    rng = streams.generator("validity", SEED, number)
    known = [name for name in activations.names() if "(" not in name]
    known += ["leaky_relu(0.1)", "elu(1.0)", "he(2)", "he(3)", "he(4)"]
    clusters = int(rng.choice([1, 2, 2, 2, 3]))
    rank = int(rng.choice([1, 1, 1, 1, 2, 3]))
    n, m, k = (round(float(np.exp(rng.uniform(math.log(24), math.log(300))))) for _ in range(3))
    fields: dict[str, Any] = {
        "n": n, "m": m, "k": k,
        "alpha": round(float(rng.uniform()), 3),
        "beta": round(float(rng.uniform()), 3),
        "activation": str(rng.choice(known)),
        "target": str(rng.choice(known)),
        "ridge": float(f"{10 ** rng.uniform(-2, 0.5) / k:.3g}"),
        "rank": rank,
    }  # fmt: skip
    weights = rng.dirichlet([4.0] * clusters).round(3)
    fields["weights"] = (*weights[:-1].tolist(), float(1 - math.fsum(weights[:-1].tolist())))
    if clusters > 1 and rng.uniform() < 0.25:
        fields["target"] = "class"
    which = rng.uniform()
    if which < 0.4:
        fields["direction"] = "aligned"
    elif which < 0.5:
        fields["direction"] = tuple(rng.standard_normal(n).round(3).tolist())
    if clusters > 1 and rng.uniform() < 0.25:
        fields["alignment"] = round(float(rng.uniform(-0.9, 0.9)), 2)
    if rng.uniform() < 0.25:
        means = rng.standard_normal((clusters, n)) * rng.uniform(0, 2) / math.sqrt(n)
        fields["means"] = tuple(tuple(row) for row in means.round(4).tolist())
    if rng.uniform() < 0.3:
        fields["noise"] = round(float(rng.uniform(0, 0.5)), 2)
    for name in ("spread", "step"):
        if rng.uniform() < 0.1:
            fields[name] = round(float(10 ** rng.uniform(0, 3)), 2)
    return Problem(**fields)


def compared(number: int) -> Numbers:
    """All methods on the problem of a number, as a cell of `STUDY`.

    Examples
    --------
    >>> sorted(compared(3)) == sorted(VARIABLES)
    True
    """
    problem = problem_of(number)
    size = (problem.n * problem.m * problem.k) ** (1 / 3)
    trials = 40 if size < 80 else 32 if size < 150 else 24
    try:
        drawn = simulate(problem, ["network"], trials, SEED, 1)
    except (ValueError, FloatingPointError):
        rows = [_without(3)] * len(METHODS)
    else:
        simulated = np.array([drawn[name].values[0] for name in _ERRORS])
        simulated[0] -= _by_labels(drawn.label_excess.values[0], simulated[0])
        rows = [_row(name, problem, simulated) for name in METHODS]
    table = np.array(rows)
    table[~np.isfinite(table)] = math.nan
    return {name: listed(column) for name, column in zip(VARIABLES, table.T, strict=True)}


def _by_labels(excess: Array, training: Array) -> Array:
    """What the power of the labels that were drawn makes of each training error, linearly.

    Its mean is known to be 0: without this control variate a few large labels decide.
    """
    centred = excess - excess.mean()
    spread = float(centred @ centred)
    return np.asarray(excess * (centred @ training) / spread if spread > 1e-12 else 0 * excess)


def _without(answer: int) -> list[float]:
    return [float(answer), *[math.nan] * (len(VARIABLES) - 1)]


def _row(name: str, problem: Problem, simulated: Array) -> list[float]:
    """One method: its answer, its differences, and what it rests on."""
    try:
        found = _formula(name, problem, simulated.shape[1])
    except (ValueError, FloatingPointError):
        return _without(2)
    left = float(np.mean([each.left for each in found]))
    seen = [left, *(getattr(found[0], each) for each in CONDITIONS[1:])]
    if any(math.isnan(each.generalization_error) for each in found):
        return [*_without(1)[:5], *seen]
    off, error = [], []
    for e, drawn in zip(_ERRORS, simulated, strict=True):
        formula = np.array([getattr(each, e) for each in found])
        if name == "conditional":
            # The plain formula, at all layers, stands between the two.
            plain = _formula("equivalent", problem, drawn.size)
            between = np.array([getattr(each, e) for each in plain])
            pairs = [(drawn, between), (between[: formula.size], formula)]
        else:
            pairs = [(drawn, np.broadcast_to(formula, drawn.shape))]
        ratios = [claims.ratio(*pair) for pair in pairs]
        off.append(math.prod(float(each.value) for each in ratios) - 1)
        error.append(math.hypot(*(float(each.standard_error) for each in ratios)))
    return [0.0, *off, *error, *seen]


@functools.lru_cache(maxsize=2)  # `conditional` asks for `equivalent` again
def _formula(name: str, problem: Problem, trials: int) -> Sequence[Prediction]:
    """What the solvers of a method answer without their guard, for every layer or once."""
    if isinstance(METHODS[name], InTheLimit):
        trials = 1
        if _size(problem, name) > _MOST.get(name, math.inf):
            raise ValueError(f"{name}: more than a map has time for")
    elif name == "conditional":
        trials = _LAYERS
    guarded = [
        METHODS[name].solvers(problem, [Network()], 1, trial, SEED)[0] for trial in range(trials)
    ]
    return [each.errors(problem.m, problem.ridge, guarded=False) for each in guarded]


def _size(problem: Problem, name: str) -> int:
    """Types, or types times inputs, at all signs of the overlaps: what a limit's time goes by."""
    signs = overlap_signs(problem)
    special = coordinates(problem, signs[0].tolist())
    types = len(trained_types(special, (_RESOLVED,))[0])
    if name != "scalar-conditional":
        return types * len(signs)
    clusters = range(len(problem.weights))
    inputs = sum(len(input_rule(special, c, _RESOLVED)[0]) for c in clusters)
    return max(types, inputs) * inputs * len(signs)


STUDY = Study.of_function(
    compared,
    {"number": list(range(520))},
    {},
    ("method", list(METHODS)),
    list(VARIABLES),
    seed=SEED,
)
"""The map."""
