"""Ridge and step by formula, tried on simulated networks against a grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ... import claims
from ..._support.arrays import Array
from ...network import HermiteModel, Problem
from ...theory import Optimum, optimum
from .ridge_paths import simulated

RIDGES = np.geomspace(1e-5, 3.0, 34)
"""The simulated grid of ridges."""

STEPS = 7
"""Points of the simulated grid of steps, where the step is chosen."""

_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "relu": {},
    "tanh": {"activation": "tanh"},
    "sigmoid": {"activation": "sigmoid"},
    "gelu, spread": {"activation": "gelu", "alpha": 0.0, "beta": 0.6},
    "narrow": {"k": 0.5},
    "wide": {"k": 3.0},
    "few samples": {"m": 0.4},
    "many samples": {"m": 4.0},
    "noise": {"noise": 1.0},
    "aligned": {"direction": "aligned"},
    "aligned tanh": {"direction": "aligned", "target": "tanh", "activation": "tanh"},
    "rank 2": {"rank": 2, "beta": 0.5},
    "overlap": {"alignment": 0.5},
    "uneven": {"weights": (0.8, 0.2)},
    "classes": {"target": "class"},
    "no spread": {"alpha": 1.0},
    "square": {"target": "he(2)", "direction": "aligned", "noise": 0.3},
    "step, relu": {"direction": "aligned", "noise": 0.3},
    "step, tanh": {"activation": "tanh", "target": "tanh", "noise": 0.3},
    "step, gelu": {"activation": "gelu", "direction": "aligned", "noise": 0.3, "beta": 0.4},
}
"""What each setting changes; k and m are in units of n. Those named "step" choose the step, too."""


def settings(n: int) -> dict[str, Problem]:
    """Twenty settings of dimension n, by name."""
    base = {"m": 1.5, "k": 1.0, "alpha": 0.5, "beta": 0.7, "noise": 0.2}
    found = {}
    for name, fields in _SETTINGS.items():
        own = {**base, **fields}
        sizes = {size: round(float(own.pop(size)) * n) for size in ("m", "k")}
        found[name] = Problem(n=n, **sizes, **own)
    return found


@dataclass(frozen=True)
class Tried:
    """A predicted optimum and its simulated errors, each trial's beside the grid's."""

    optimum: Optimum
    chosen: Array
    wrong: Mapping[str, Array]
    grid: Array

    @property
    def best(self) -> Array:
        return self.grid[np.unravel_index(np.argmin(self.grid.mean(-1)), self.grid.shape[:-1])]


def tried(problem: Problem, over, trials: int, seed: int, method="scalar") -> Tried:
    within = {"step": (1.0, float(problem.n))} if "step" in over else None
    right = optimum(problem, over, within=within, method=method)
    b = problem.scale
    models = {
        "without noise": HermiteModel(noise_factor=0.0, name="n"),
        "without scale": HermiteModel(scale_factor=1 / b, name="s"),
    }
    wrong = {
        name: optimum(problem, over, within=within, model=model, method=method)
        for name, model in models.items()
    }
    eta = lambda found: found.at.get("step", problem.eta)
    asked = [right, *wrong.values()]
    steps = [eta(each) for each in asked]
    if "step" in over:
        steps += np.geomspace(1, problem.n, STEPS).tolist()
    ridges = [each.at["ridge"] for each in asked] + RIDGES.tolist()
    unique = sorted(set(steps))
    e = simulated(problem, ridges, unique, trials, seed)
    at = [e[unique.index(s), i] for i, s in enumerate(steps[:3])]
    grid = e[:, 3:]
    return Tried(right, at[0], dict(zip(wrong, at[1:])), grid)
