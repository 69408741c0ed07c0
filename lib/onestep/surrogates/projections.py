"""Projections of the features onto one direction, at fixed special coordinates and without."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from .._support import check
from .._support.arrays import Array
from .._support.version import __version__
from ..network import Problem, TrainedLayer
from .special import SplitLayer

DIRECTIONS = ("readout", "neuron")
"""Directions of `feature_projections`: the trained readout, and the first neuron alone."""

REDRAWN = ("bulk", "input")
"""What `feature_projections` draws anew: the bulk at fixed special coordinates, or all of it."""

_BLOCK = 2048  # draws: the preactivations of one block stay near the cache


def feature_projections(
    problem: Problem,
    *,
    redraw: str = "bulk",
    inputs: int = 4,
    draws: int = 50_000,
    trial: int = 0,
    seed: int = 0,
) -> xr.Dataset:
    """Projections ``w^T phi(x)`` of one trained layer's features over many inputs x.

    Source: the book's chapter *Conditional Gaussian equivalence*.

    Parameters
    ----------
    problem
        The setting.
    redraw
        ``"bulk"``: each of `inputs` inputs keeps its cluster and its special coordinates, and only
        the rest of it is drawn anew, the same rest for all. ``"input"``: the inputs are drawn
        anew altogether, from the mixture.
    inputs, draws
        Fixed special coordinates, >= 1, drawn from the mixture, or for ``"input"`` independent
        repetitions; and draws for each, >= 100.
    trial, seed
        The layer and its readout are those of this trial of `simulate`.

    Returns
    -------
    xarray.Dataset
        ``projection``, dimensions (direction, input, draw), directions as in `DIRECTIONS`, both
        independent of the inputs drawn here; ``skewness`` and ``excess_kurtosis`` with their
        standard errors ``skewness_error`` and ``excess_kurtosis_error``, (direction, input).

    Examples
    --------
    >>> found = feature_projections(Problem(n=30, m=40, k=20), inputs=2, draws=100)
    >>> dict(found.projection.sizes)
    {'direction': 2, 'input': 2, 'draw': 100}
    """
    redraw = check.choice("redraw", redraw, REDRAWN)
    inputs = check.integer("inputs", inputs, 1)
    draws = check.integer("draws", draws, 100)
    trial = check.integer("trial", trial, 0)
    seed = check.integer("seed", seed, 0)
    problem.require_simple("the readout's projection")
    problem.require_one_step("the readout's projection")
    trained = TrainedLayer.train(problem, trial, seed)
    drawn, activation = trained.draws, trained.activation
    if drawn.readout.y.ndim != 1:
        raise ValueError(f"target = {problem.target!r} is not allowed: labels must be numbers")
    layer = SplitLayer.of(trained)
    readout = trained.readout(drawn.readout, problem.ridge).weights
    directions = np.stack([readout, np.eye(problem.k)[0]]) / np.sqrt(problem.k)

    rng = drawn.stream("projections")
    found = np.empty((len(DIRECTIONS), inputs, draws))
    mean = layer.conditional_mean(*drawn.inputs.sample(inputs, drawn.stream("coordinates")))
    for start in range(0, draws, _BLOCK):
        size = min(_BLOCK, draws - start)
        block = slice(start, start + size)
        if redraw == "bulk":
            g = layer.bulk @ rng.standard_normal((problem.n, size))
            for j in range(inputs):
                found[:, j, block] = directions @ activation(g + mean[:, j : j + 1])
        else:
            for j in range(inputs):
                x, _ = drawn.inputs.sample(size, rng)
                found[:, j, block] = directions @ activation(trained.preactivations(x))
    shape = {name: (("direction", "input"), each) for name, each in _shape(found).items()}
    return xr.Dataset(
        {"projection": (("direction", "input", "draw"), found), **shape},
        coords={"direction": list(DIRECTIONS)},
        attrs={
            "problem": problem.to_json(),
            "redraw": redraw,
            "trial": trial,
            "seed": seed,
            "onestep_version": __version__,
        },
    )


def _shape(values: Array) -> dict[str, NDArray[np.float64]]:
    """Skewness and excess kurtosis along the last axis, with their standard errors.

    The errors are those of the delta method at the sample's own moments, without a Gaussian
    assumption: the influence of one standardised value z is ``z^3 - 3 z - s - 3/2 s (z^2 - 1)`` on
    the skewness s, and ``z^4 - c - 4 s z - 2 c (z^2 - 1)`` on the kurtosis c.
    """
    z = values - values.mean(axis=-1, keepdims=True)
    size = z.std(axis=-1, keepdims=True)
    if not np.all(size > 1e-12 * np.abs(values).max(axis=-1, keepdims=True)):
        raise ValueError("activation: the features are constants, and have no skewness")
    z /= size
    square = z**2
    s = np.mean(square * z, axis=-1, keepdims=True)
    c = np.mean(square**2, axis=-1, keepdims=True)
    root = np.sqrt(values.shape[-1])
    on_s = z * square - 3 * z - s - 1.5 * s * (square - 1)
    on_c = square**2 - c - 4 * s * z - 2 * c * (square - 1)
    return {
        "skewness": s[..., 0],
        "skewness_error": on_s.std(axis=-1) / root,
        "excess_kurtosis": c[..., 0] - 3.0,
        "excess_kurtosis_error": on_c.std(axis=-1) / root,
    }
