"""The limit for inputs of any spectrum, against the formula that is given the layer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from ..._support import streams
from ..._support.arrays import Array
from ..._support.cores import side_by_side
from ...inputs import DenseMixture
from ...network import Problem
from ...theory import predict
from .examples import decaying

QUANTITIES = ("training_error", "generalization_error")
_STEPS = {1.2: 20.0, 1.5: 10.0, 2.0: 5.0}  # add about as much to a preactivation as it has


def laws(n: int, seed: int) -> dict[str, tuple[Problem, DenseMixture]]:
    """Signs of an index of inputs with eigenvalues ``j^-a``, and two classes that share axes.

    The classes have the exponents 1.2 and 1.5 and the traces n and 1.3 n. Layers have n neurons,
    after a step; m = n.

    Examples
    --------
    >>> list(laws(50, seed=0))
    ['a = 1.2', 'a = 1.5', 'a = 2', 'classes']
    >>> laws(50, seed=0)["classes"][1].traces
    array([50., 65.])
    """
    rng = streams.generator("own data", "direction", n, seed)
    signs = Problem(
        n=n, m=n, k=n, weights=(1.0,), target="sign(z)", direction=tuple(rng.standard_normal(n))
    )
    found = {
        f"a = {a:g}": (replace(signs, step=step), _mixture(n, [(a, 1.0)]))
        for a, step in _STEPS.items()
    }
    classes = Problem(n=n, m=n, k=n, target="class", step=5.0)
    return {**found, "classes": (classes, _mixture(n, [(1.2, 1.0), (1.5, 1.3)]))}


def compared(n: int, layers: int, seed: int) -> xr.Dataset:
    """Errors of ReLU networks by both formulas.

    Returns
    -------
    xarray.Dataset
        ``given``, dimensions (law, quantity, layer), by `"equivalent"`; ``limit``, (law,
        quantity).

    Examples
    --------
    >>> found = compared(80, layers=2, seed=0)
    >>> bool((abs(found.given.mean("layer") / found.limit - 1) < 0.2).all())
    True
    """

    def one(law: tuple[Problem, DenseMixture]) -> tuple[list[Array], list[float]]:
        problem, inputs = law
        drawn = predict(problem, ["network"], layers, seed, inputs=inputs, guarded=False)
        found = predict(problem, ["network"], method="scalar", inputs=inputs, guarded=False)
        return (
            [drawn[name].values[0] for name in QUANTITIES],
            [found[name].item() for name in QUANTITIES],
        )

    every = laws(n, seed)
    given, limit = zip(*side_by_side(one, list(every.values())), strict=True)
    return xr.Dataset(
        {
            "given": (("law", "quantity", "layer"), np.array(given)),
            "limit": (("law", "quantity"), np.array(limit)),
        },
        coords={"law": list(every), "quantity": list(QUANTITIES)},
    )


def _mixture(n: int, laws: list[tuple[float, float]]) -> DenseMixture:
    covariances = [np.diag(decaying(n, *law)) for law in laws]
    return DenseMixture(
        np.full(len(laws), 1 / len(laws)), np.array(covariances), np.zeros((len(laws), n))
    )
