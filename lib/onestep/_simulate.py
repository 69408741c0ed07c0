"""Monte-Carlo simulation of a problem."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import xarray as xr

from . import __version__, _trial, check
from ._degree import degree as degree_rule
from ._problem import Problem
from .models import Model, resolve

DEGREE_CAP = 4
"""Largest degree that `simulate` chooses by itself, as in the paper's experiments."""


def simulate(
    problem: Problem,
    models: Sequence[str | Model] = ("network", "hermite"),
    trials: int = 20,
    seed: int = 0,
    degree: int | None = None,
    *,
    test_size: int | None = None,
) -> xr.Dataset:
    """Training and generalization errors of several models, drawn in pairs.

    Every trial redraws everything: spikes, direction, network, and the separate samples of the
    gradient step, the readout and the test. Trial t depends on nothing but the problem, `seed`
    and t: more trials or other models change no number that was there before.

    Parameters
    ----------
    problem
        The setting.
    models
        Names from `onestep.models.MODELS`, or models such as ``HermiteModel(degree=1)``; their
        names must differ.
    trials
        Independent draws, >= 1.
    seed
        Root seed, >= 0.
    degree
        Degree l of Hermite models that name none. None takes the paper's rule
        ``beta < l / (l + 1)``, capped at `DEGREE_CAP` as in the paper's experiments.
    test_size
        Size of the test sample; None takes 5 m as in the paper's experiments.

    Returns
    -------
    xarray.Dataset
        ``training_error`` and ``generalization_error``, dimensions (model, trial), on the scale of
        half a squared label; ``attrs`` carry the whole problem as JSON, the seed, the degree and
        the version.

    Raises
    ------
    ValueError
        If an argument is out of range.
    FloatingPointError
        If an error is not finite; non-finite values never travel on.
    """
    check.integer("trials", trials, 1)
    check.integer("seed", seed, 0)
    if degree is None:
        degree = _default_degree(problem)
    check.integer("degree", degree, 0)
    test_size = 5 * problem.m if test_size is None else check.integer("test_size", test_size, 1)
    resolved = [resolve(model) for model in models]
    names = [model.name for model in resolved]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"models have the names {names!r}: at least one, all different, is needed")

    errors = np.empty((2, len(names), trials))
    for trial in range(trials):
        for i, outcome in enumerate(_trial.run(problem, resolved, degree, trial, seed, test_size)):
            errors[:, i, trial] = outcome.training, outcome.generalization
            if not np.all(np.isfinite(errors[:, i, trial])):
                raise FloatingPointError(
                    f"model {names[i]!r}, trial {trial}: errors {errors[:, i, trial]} of {problem}"
                )
    dims = ("model", "trial")
    return xr.Dataset(
        {"training_error": (dims, errors[0]), "generalization_error": (dims, errors[1])},
        coords={"model": names, "trial": np.arange(trials)},
        attrs={
            "problem": problem.to_json(),
            "seed": seed,
            "degree": degree,
            "test_size": test_size,
            "onestep_version": __version__,
        },
    )


def _default_degree(problem: Problem) -> int:
    if math.isclose(problem.beta, 1.0):
        return DEGREE_CAP
    return min(DEGREE_CAP, degree_rule(problem.alpha, problem.beta))


def relative_difference(results: xr.Dataset, model: str, reference: str = "network") -> xr.Dataset:
    """Paired relative difference of a model's errors from those of the reference.

    Each trial's difference is divided by the reference's mean error over the trials: a ratio per
    trial would be biased by the noise of its denominator.

    Parameters
    ----------
    results
        From `simulate`.
    model, reference
        Names of models in `results`.

    Returns
    -------
    xarray.Dataset
        The same variables with dimension (trial); dimensionless.
    """
    for name, value in (("model", model), ("reference", reference)):
        check.choice(name, value, [str(known) for known in results.model.values])
    base = results.sel(model=reference, drop=True)
    return (results.sel(model=model, drop=True) - base) / base.mean("trial")
