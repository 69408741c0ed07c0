"""Simulated errors along a grid of ridges and steps, on the same draws throughout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..._support.arrays import Array
from ..._support.cores import side_by_side
from ...network import Problem, TrainedLayer, trial_memory

RIDGES = np.geomspace(1e-4, 1.0, 25).tolist()
"""A grid on which the best ridge is found by simulation."""


def ridge_path(layer: TrainedLayer, ridges: Sequence[float]) -> Array:
    """Exact generalization errors of the network's readouts on the layer's sample, one a ridge.

    One decomposition serves all of them. Labels have one output.

    Examples
    --------
    >>> from onestep.network import readout_errors, Network
    >>> problem = Problem(n=40, m=50, k=30, ridge=0.1)
    >>> layer = TrainedLayer.train(problem)
    >>> [one] = readout_errors(layer, [Network()], 1, problem)
    >>> bool(abs(ridge_path(layer, [0.01, 0.1])[1] - one.generalization_error) < 1e-12)
    True
    """
    sample = layer.draws.readout
    moments = layer.moments()
    Phi = layer.features(sample.X)
    values, U = np.linalg.eigh(Phi @ Phi.T / sample.y.size)
    turned = U.T @ (Phi @ sample.y) / sample.y.size
    w = turned[:, None] / (values[:, None] + np.asarray(ridges))
    M, q = U.T @ moments.M @ U, U.T @ moments.q.reshape(-1)
    return np.asarray(0.5 * (moments.y2 - 2 * q @ w + np.sum(w * (M @ w), axis=0)))


def simulated(
    problem: Problem, ridges: Sequence[float], steps: Sequence[float], trials: int, seed: int
) -> Array:
    """Generalization errors of the network, shape (steps, ridges, trials); a trial is one draw.

    Examples
    --------
    >>> errors = simulated(Problem(n=40, m=50, k=30), [0.01, 0.1], [0.0, 1.0, 9.0], 2, seed=0)
    >>> errors.shape
    (3, 2, 2)
    """
    # Sizes in a tuple key no generator.
    problems = [replace(problem, step=(float(eta),)) for eta in steps]

    def one(trial: int) -> Array:
        layers = TrainedLayer.train_each(problems, trial, seed)
        return np.array([ridge_path(layer, ridges) for layer in layers])

    found = side_by_side(one, range(trials), trial_memory(problem))
    return np.stack(found, axis=-1)


def lowest(errors: Array) -> Array:
    """Of errors by ridge and trial, those at the ridge of the least mean.

    Examples
    --------
    >>> lowest(np.array([[1.0, 5.0], [2.0, 3.0]]))
    array([2., 3.])
    """
    return np.asarray(errors[np.argmin(errors.mean(axis=1))])
