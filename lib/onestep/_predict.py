"""Errors by formula, without a readout sample or a test sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import xarray as xr

from . import __version__, _trial, activations, check
from ._problem import Problem
from ._simulate import default_degree, named_models
from .equivalent import Equivalent, Spectrum
from .mixture import Mixture
from .models import FeatureMap, Model, resolve
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
    inputs: Mixture | None = None,
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
    inputs
        As for `simulate`.

    Returns
    -------
    xarray.Dataset
        ``training_error``, ``plain_training_error``, ``generalization_error``, ``kappa``,
        ``residual`` and ``status``, dimensions (model, trial). Errors are NaN where ``status`` is
        not ``"converged"``.

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
    found = []
    for trial in range(trials):
        drawn = _trial.draw(problem, trial, seed, given=inputs)
        maps = [model.feature_map(activation, drawn.scale, degree) for model in resolved]
        spectra = _spectra(problem, drawn, maps)
        found.append([each.ridge_regression(problem.m, problem.ridge) for each in spectra])
    return (
        _dataset(found, ("trial", "model"))
        .transpose("model", "trial")
        .assign_coords(model=[model.name for model in resolved], trial=np.arange(trials))
        .assign_attrs(
            problem=problem.to_json(),
            method=method,
            seed=seed,
            degree=degree,
            onestep_version=__version__,
        )
    )


def readout_curves(
    problem: Problem,
    *,
    ridges: Sequence[float],
    samples: Sequence[int],
    model: str | Model = "network",
    trial: int = 0,
    seed: int = 0,
    degree: int | None = None,
) -> xr.Dataset:
    """Errors of *one* trained layer at many ridges and sample sizes of the readout, by formula.

    One decomposition of the features' covariance serves all of them.

    Parameters
    ----------
    problem
        The setting; its ridge does not enter, and its m is the step's sample only.
    ridges
        Values of lambda > 0, all different.
    samples
        Sizes >= 1 of the readout's sample, all different.
    model, trial, seed, degree
        As for `predict`; the layer is that of trial `trial`.

    Returns
    -------
    xarray.Dataset
        As from `predict`, with the dimensions (ridge, samples).
    """
    features = resolve(model).feature_map(
        activations.get(problem.activation),
        problem.scale,
        default_degree(problem) if degree is None else check.integer("degree", degree, 0),
    )
    drawn = _trial.draw(problem, check.integer("trial", trial, 0), check.integer("seed", seed, 0))
    [spectrum] = _spectra(problem, drawn, [features])
    found = [[spectrum.ridge_regression(m, ridge) for m in samples] for ridge in ridges]
    return _dataset(found, ("ridge", "samples")).assign_coords(
        ridge=list(ridges), samples=list(samples)
    )


def _spectra(problem: Problem, drawn: _trial.Draw, maps: Sequence[FeatureMap]) -> list[Spectrum]:
    """Spectrum of every feature map behind one trained layer."""
    layer = Layer(_trial.trained_layer(problem, drawn), drawn.inputs)
    return [
        Spectrum(layer.moments(features.gaussian, drawn.labels), features.noise)
        for features in maps
    ]


def _dataset(found: Sequence[Sequence[Equivalent]], dims: tuple[str, str]) -> xr.Dataset:
    names = [field.name for field in fields(Equivalent)]
    return xr.Dataset(
        {
            name: (dims, np.array([[getattr(each, name) for each in row] for row in found]))
            for name in names
        }
    )
