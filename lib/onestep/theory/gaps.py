"""What degrees of the polynomial model are worth: its distance from the network, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from .._support import check
from .._support.arrays import Array
from .._support.cores import side_by_side
from .._support.version import __version__
from ..network import HermiteModel, Model, Network, Problem, TrainedLayer, trial_memory
from .equivalent import Spectrum


def degree_gaps(
    problem: Problem, degrees: Sequence[int], trials: int = 8, seed: int = 0
) -> xr.Dataset:
    """Gap between the network and its polynomial models, on the same trained layers.

    Each trial draws the structure, the network and the step as `onestep.predict` does, and takes
    the errors of all models by the formula: the gap has no noise from a readout or a test sample,
    and gaps far below the scatter of a simulation can be seen.

    Source: the book's chapter *The degree map, measured*.

    Parameters
    ----------
    problem
        The setting.
    degrees
        Degrees of the polynomial models, all different.
    trials
        Independent trained layers, >= 1.
    seed
        Root seed, >= 0.

    Returns
    -------
    xarray.Dataset
        ``gap``, dimensions (degree, trial): ``2 (model's - network's generalization error) /
        E y^2``; ``training_gap``, the same of the training error; ``network`` and
        ``network_training``, dimension (trial): the network's own errors in these units.

    Raises
    ------
    ValueError
        If an argument is out of range.
    FloatingPointError
        If the formula's solver did not converge.

    Examples
    --------
    >>> problem = Problem(n=40, m=50, k=30, activation="he(2)", ridge=1e-2)
    >>> line, parabola = degree_gaps(problem, [1, 2], trials=1).gap.values[:, 0]
    >>> bool(line > 0.1), bool(abs(parabola) < 1e-9)
    (True, True)
    """
    trials = check.integer("trials", trials, 1)
    seed = check.integer("seed", seed, 0)
    if not len(degrees) or len(set(degrees)) < len(degrees):
        raise ValueError(f"degrees = {degrees!r} is not allowed: different degrees are needed")
    degrees = [check.integer("degrees", l, 0) for l in degrees]
    found = side_by_side(
        lambda t: layer_errors(problem, degrees, t, seed), range(trials), trial_memory(problem)
    )
    errors = np.stack(found, axis=-1)
    gaps = errors[:, 1:] - errors[:, :1]
    return xr.Dataset(
        {
            "gap": (("degree", "trial"), gaps[1]),
            "training_gap": (("degree", "trial"), gaps[0]),
            "network": ("trial", errors[1, 0]),
            "network_training": ("trial", errors[0, 0]),
        },
        coords={"degree": list(degrees), "trial": np.arange(trials)},
        attrs={"problem": problem.to_json(), "seed": seed, "onestep_version": __version__},
    )


def layer_errors(problem: Problem, degrees: Sequence[int], trial: int, seed: int) -> Array:
    """Errors of the network and of its polynomial models behind one layer, by formula.

    Parameters
    ----------
    problem, degrees, seed
        As for `degree_gaps`.
    trial
        Whose layer is taken.

    Returns
    -------
    ndarray
        Training and generalization error, the network's first, in units of ``E y^2 / 2``; shape
        (2, 1 + degrees).

    Examples
    --------
    >>> layer_errors(Problem(n=40, m=50, k=30), [1, 2], trial=0, seed=0).shape
    (2, 3)
    """
    problem.require_simple("the gap by formula")
    models: list[Model] = [Network(), *(HermiteModel(degree=l) for l in degrees)]
    layer = TrainedLayer.train(problem, trial, seed)
    errors = np.empty((2, len(models)))
    for i, model in enumerate(models):
        spectrum = Spectrum.of(layer, layer.feature_map(model, 0))
        found = spectrum.errors(problem.m, problem.ridge)
        if found.status != "converged":
            raise FloatingPointError(f"trial {trial}: {found}, {problem}")
        unit = spectrum.y2 / 2
        if not unit:
            raise ValueError(f"target = {problem.target!r} is not allowed: labels are all 0")
        errors[:, i] = found.training_error / unit, found.generalization_error / unit
    return errors
