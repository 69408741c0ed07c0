"""Errors by formula, without a readout sample or a test sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from . import __version__, _trial, activations, check
from ._problem import Problem
from ._simulate import default_degree, named_models
from .equivalent import Spectrum
from .models import Model
from .moments import Layer

METHODS = ("equivalent",)
"""Methods of `predict`."""


def predict(
    problem: Problem,
    method: str = "equivalent",
    trials: int = 1,
    seed: int = 0,
    *,
    models: Sequence[str | Model] = ("network", "hermite"),
    degree: int | None = None,
) -> xr.Dataset:
    """Training and generalization errors by formula, given the trained first layer.

    Trial t draws the structure, the network and the sample of the gradient step exactly as trial t
    of `simulate` with the same seed; nothing is drawn for the readout or the test. What the formula
    replaces is the average over the readout's sample.

    Parameters
    ----------
    problem
        The setting.
    method
        ``"equivalent"``: the ridge deterministic equivalent on exact population moments
        (`onestep.equivalent`). Its features are treated as if their quadratic forms concentrated;
        near ``beta = 1`` with small alpha they do not.
    trials
        Independent trained layers, >= 1.
    seed
        Root seed, >= 0.
    models
        As for `simulate`.
    degree
        As for `simulate`.

    Returns
    -------
    xarray.Dataset
        ``training_error``, ``generalization_error``, ``kappa``, ``residual`` and ``status``,
        dimensions (model, trial). Errors are NaN where ``status`` is not ``"converged"``.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    check.choice("method", method, METHODS)
    check.integer("trials", trials, 1)
    check.integer("seed", seed, 0)
    resolved = named_models(models)
    if degree is None:
        degree = default_degree(problem)
    check.integer("degree", degree, 0)
    activation = activations.get(problem.activation)
    maps = [model.feature_map(activation, problem.scale, degree) for model in resolved]
    found = []
    for trial in range(trials):
        drawn = _trial.draw(problem, trial, seed)
        layer = Layer(_trial.trained_layer(problem, drawn), drawn.inputs)
        found.append(
            [
                Spectrum(
                    layer.moments(features.gaussian, drawn.labels), features.noise
                ).ridge_regression(problem.m, problem.ridge)
                for features in maps
            ]
        )
    names = ("training_error", "generalization_error", "kappa", "residual", "status")
    return xr.Dataset(
        {
            name: (("trial", "model"), np.array([[getattr(e, name) for e in row] for row in found]))
            for name in names
        },
        coords={"model": [model.name for model in resolved], "trial": np.arange(trials)},
        attrs={
            "problem": problem.to_json(),
            "method": method,
            "seed": seed,
            "degree": degree,
            "onestep_version": __version__,
        },
    ).transpose("model", "trial")
