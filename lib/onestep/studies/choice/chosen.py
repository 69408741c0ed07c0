"""Ridge and step by formula, tried on simulated networks against a grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ... import claims
from ..._support.arrays import Array
from ...network import HermiteModel, Problem
from ...theory import Optimum, optimum
from .ridge_paths import lowest, simulated

_RIDGES = np.geomspace(1e-5, 3.0, 34).tolist()
_STEPS = 4  # of the simulated grid, from 1 to n, where the step is chosen, too
_FALSE = HermiteModel(degree=1, noise_factor=0.0, name="without noise")

_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "ReLU": {},
    "tanh": {"activation": "tanh"},
    "sigmoid": {"activation": "sigmoid"},
    "GELU": {"activation": "gelu"},
    "sign": {"activation": "sign(z)"},
    "narrow": {"k": 0.5},
    "wide": {"k": 3.0},
    "few samples": {"m": 0.7},
    "many samples": {"m": 4.0},
    "wide, many samples": {"k": 2.0, "m": 4.0, "target": "z", "noise": 0.1},
    "noise": {"noise": 1.0},
    "aligned": {"direction": "aligned"},
    "aligned, tanh": {"direction": "aligned", "target": "tanh", "activation": "tanh"},
    "signs": {"target": "sign(z)"},
    "overlap": {"alignment": 0.5},
    "uneven": {"weights": (0.8, 0.2)},
    "no spread": {"alpha": 1.0},
    "classes and means": {"target": "class", "activation": "gelu"},
    "step, tanh": {"activation": "tanh", "target": "tanh"},
    "step, noise": {"activation": "tanh", "noise": 0.5},
}
"""What each changes; k and m in units of n. Those named "step" choose the step, too."""


def settings(n: int) -> dict[str, Problem]:
    """Twenty settings of dimension n, by name.

    Examples
    --------
    >>> found = settings(100)
    >>> len(found), found["wide"].k
    (20, 300)
    """
    base = {"m": 1.5, "k": 1.0, "alpha": 0.5, "beta": 0.7, "noise": 0.2}
    found = {}
    for name, fields in _SETTINGS.items():
        own: dict[str, Any] = {**base, **fields}
        sizes = {size: round(own.pop(size) * n) for size in ("m", "k")}
        means = ((1.0,) + (0.0,) * (n - 1), (-1.0,) + (0.0,) * (n - 1))
        if name.endswith("means"):
            own["means"] = means
        found[name] = Problem(n=n, **sizes, **own)
    return found


@dataclass(frozen=True)
class Tried:
    """What a formula chose, and simulated errors of that choice and of a grid.

    Attributes
    ----------
    right, wrong
        Optima by the limit, and of the ridge by the line of degree 1 without its noise h*.
    chosen, mistaken
        Errors of each, one a trial.
    best
        Errors at the point of the grid whose mean is least.

    Examples
    --------
    >>> found = tried(settings(60)["noise"], trials=2, seed=0)
    >>> found.chosen.shape, found.right.status
    ((2,), 'inner')
    """

    right: Optimum
    wrong: Optimum
    chosen: Array
    mistaken: Array
    best: Array


def tried(problem: Problem, trials: int, seed: int, *, step: bool = False) -> Tried:
    """Choose the ridge, or ridge and step, and simulate the choice and a grid on the same draws.

    Examples
    --------
    >>> found = tried(settings(60)["noise"], trials=3, seed=0)
    >>> bool(found.chosen.mean() < 1.1 * found.best.mean())
    True
    """
    over, top = ("ridge", "step") if step else ("ridge",), float(problem.n)
    right = optimum(problem, over, within={"step": (1.0, top)} if step else None)
    eta = right.at.get("step", problem.eta)
    wrong = optimum(replace(problem, step=eta), model=_FALSE)
    steps = [eta, *np.geomspace(1.0, top, _STEPS).tolist()] if step else [eta]
    ridges = [right.at["ridge"], wrong.at["ridge"], *_RIDGES]
    errors = simulated(problem, ridges, steps, trials, seed)
    on_grid = errors[:, 2:].reshape(-1, trials)
    return Tried(
        right=right,
        wrong=wrong,
        chosen=errors[0, 0],
        mistaken=errors[0, 1],
        best=lowest(on_grid),
    )


def try_all(n: int, trials: int, seed: int) -> dict[str, Tried]:
    """`tried` for all `settings`."""
    return {
        name: tried(problem, trials, seed, step=name.startswith("step"))
        for name, problem in settings(n).items()
    }


def excesses(found: Mapping[str, Tried]) -> tuple[claims.Estimate, claims.Estimate]:
    """Errors of the choice, and of the false theory's, over those of the best of the grid.

    Examples
    --------
    >>> right, wrong = excesses({"noise": tried(settings(60)["noise"], trials=3, seed=0)})
    >>> right.value.shape
    (1,)
    """
    rows = list(found.values())
    best = np.array([one.best for one in rows])
    of = (np.array([one.chosen for one in rows]), np.array([one.mistaken for one in rows]))
    return claims.ratio(of[0], best), claims.ratio(of[1], best)


def table(found: Mapping[str, Tried]) -> pd.DataFrame:
    """Chosen values, how far the ridge may be off for 1 % of error, and excesses in per cent."""
    rows = {
        name: {
            "ridge": f"{one.right.at['ridge']:.1e}",
            "step": f"{one.right.at['step']:.0f}" if "step" in one.right.at else "",
            "ridge within a factor": f"{one.right.play()['ridge']:.1f}",
            "excess, %": f"{100 * (one.chosen.mean() / one.best.mean() - 1):.2f}",
            "wrong theory, %": f"{100 * (one.mistaken.mean() / one.best.mean() - 1):.1f}",
        }
        for name, one in found.items()
    }
    return pd.DataFrame(rows).T
