"""Errors by formula, without a readout sample or a test sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from .._support import check
from .._support.cores import side_by_side
from .._support.version import __version__
from ..degrees import default_degree
from ..inputs import Mixture
from ..network import (
    Model,
    Prediction,
    Problem,
    blamed,
    named_models,
    resolve,
    to_dataset,
    trial_memory,
)
from .methods import METHODS, InTheLimit, known_method


def predict(
    problem: Problem,
    models: Sequence[str | Model] = ("network", "hermite"),
    trials: int = 1,
    seed: int = 0,
    degree: int | None = None,
    *,
    method: str = "equivalent",
    inputs: Mixture | None = None,
    guarded: bool = True,
) -> xr.Dataset:
    """Training and generalization errors by formula.

    No labels of a readout's sample and no test inputs are drawn; with the last two methods,
    nothing is drawn at all.

    Parameters
    ----------
    problem
        The setting.
    models
        As for `simulate`.
    trials
        Independent trained layers, >= 1; 1 for the methods that draw nothing.
    seed
        Root seed, >= 0.
    degree
        As for `simulate`.
    method
        ``"equivalent"``: the ridge deterministic equivalent on exact population moments
        (`onestep.theory.equivalent`), given the trained layer. Trial t draws structure, network and
        the sample of the step exactly as trial t of `simulate` with the same seed; what the formula
        replaces is the average over the readout's sample. Features are treated as if their
        quadratic forms concentrated; near ``beta = 1`` with small alpha they do not. For another
        loss than the square, or an intercept, the fixed point of `onestep.theory.gaussian_classes`
        class by class; the methods below, given coordinates of an input, take other labels, too.
        The class error of three and more classes is told by the two given the layer. However
        the layer was trained (`Problem.steps`, ``update`` and the like) makes no difference to this
        method and the next; the others know one gradient step behind a Gaussian second layer.

        ``"conditional"``: the same given the cluster and the coordinates that dominate the
        preactivations (`onestep.theory.conditional`). Some ten times the cost, more for many
        coordinates; needed near ``beta = 1``, and after steps larger than that.

        ``"scalar"``: the limit itself (`onestep.theory.limit.scalar`), a few scalar equations; for
        drawn inputs of few spikes. It neglects what vanishes with n, and near ``beta = 1`` the same
        as ``"equivalent"``. With `inputs`, the limit for any spectrum
        (`onestep.theory.any_spectrum`): clusters must share eigen-axes, as a single one does, and
        labels be classes or along a given direction.

        ``"scalar-conditional"``: the limit given the coordinates of an input
        (`onestep.theory.limit.scalar_conditional`), what ``"conditional"`` is to ``"equivalent"``;
        for inputs of one or two spikes. It holds up to ``beta = 1``, at some times the cost of
        ``"scalar"``.
    inputs
        As for `simulate`; with ``"scalar-conditional"`` None.
    guarded
        False keeps the errors of a formula that was solved out of its range, to show by how much
        it is off there; `status` and `reason` are the same.

    Returns
    -------
    xarray.Dataset
        ``training_error``, ``plain_training_error``, ``generalization_error``, ``kappa``,
        ``residual`` and ``status``, dimensions (model, trial), and ``accuracy`` (one minus the
        class error) for other losses and with an intercept. Errors are NaN where ``status`` is
        not ``"converged"`` but ``"failed"`` or ``"out of range"``; ``reason`` says why, else it is
        empty. What the answer rests on: ``left``, the samples beyond the degrees of freedom that
        the readout uses; and ``tail``, ``scatter``, ``coordinate_share``, ``unevenness``,
        ``label_tail``, ``label_covariance``, ``stretch`` and ``squares``, as in
        `onestep.theory.Conditions`; and ``weight_scatter``, measured by ``"equivalent"`` for the
        square loss, else estimated from ``scatter``, and ``label_weight``. Every drawn layer has
        its own status: where some are out of range, the mean over the others is one over chosen
        layers.

    Raises
    ------
    ValueError
        If an argument is out of range, or the ridge too small for the features: what `simulate`
        refuses, no formula answers.

    Examples
    --------
    >>> found = predict(Problem(n=300, m=300, k=300), method="scalar")
    >>> found.generalization_error.dims, bool((found.status == "converged").all())
    (('model', 'trial'), True)
    >>> network, hermite = found.generalization_error.values[:, 0]
    >>> bool(abs(hermite / network - 1) < 0.05)
    True

    Beyond its range a formula says so:

    >>> far = predict(Problem(n=100, m=100, k=100, activation="he(4)"), ["network"])
    >>> far.status.item(), far.generalization_error.item()
    ('out of range', nan)
    """
    way = METHODS[known_method(method)]
    trials = check.integer("trials", trials, 1)
    seed = check.integer("seed", seed, 0)
    resolved = named_models(models)
    degree = check.integer("degree", default_degree(problem) if degree is None else degree, 0)
    if isinstance(way, InTheLimit) and trials != 1:
        raise ValueError(
            f"trials = {trials!r} is not allowed with method = {method!r}: nothing is drawn, so "
            "trials = 1 is needed"
        )

    def one_trial(trial: int) -> list[Prediction]:
        with blamed():
            solvers = way.solvers(problem, resolved, degree, trial, seed, inputs)
            return [each.errors(problem.m, problem.ridge, guarded) for each in solvers]

    found = side_by_side(one_trial, range(trials), trial_memory(problem))
    coords = {"trial": np.arange(trials), "model": [model.name for model in resolved]}
    return (
        to_dataset(found, ("trial", "model"), coords)
        .transpose("model", "trial")
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
    method: str = "equivalent",
    model: str | Model = "network",
    trial: int = 0,
    seed: int = 0,
    degree: int | None = None,
    guarded: bool = True,
) -> xr.Dataset:
    """Errors of *one* trained layer at many ridges and sample sizes of the readout, by formula.

    One decomposition, of the features' covariance or of the limit's kernel, serves all of them.

    Parameters
    ----------
    problem
        The setting; its ridge does not enter, and its m is the step's sample only.
    ridges
        Values of lambda > 0, all different.
    samples
        Sizes >= 1 of the readout's sample, all different.
    method, model, seed, degree, guarded
        As for `predict`.
    trial
        The trial whose layer is taken; without effect on the methods that draw nothing.

    Returns
    -------
    xarray.Dataset
        As from `predict`, with the dimensions (ridge, samples).

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> problem = Problem(n=60, m=80, k=60)
    >>> found = readout_curves(problem, ridges=[1e-2, 1e-1], samples=[80, 500])
    >>> found.generalization_error.dims, bool((found.training_error.diff("ridge") > 0).all())
    (('ridge', 'samples'), True)
    """
    way = METHODS[known_method(method)]
    trial = check.integer("trial", trial, 0)
    seed = check.integer("seed", seed, 0)
    for name, values in (("ridges", ridges), ("samples", samples)):
        if not len(values) or len(set(values)) < len(values):
            raise ValueError(f"{name} = {values!r} is not allowed: different ones are needed")
    degree = check.integer("degree", default_degree(problem) if degree is None else degree, 0)
    with blamed():
        [solver] = way.solvers(problem, [resolve(model)], degree, trial, seed)
        found = [[solver.errors(m, ridge, guarded) for m in samples] for ridge in ridges]
    return to_dataset(
        found, ("ridge", "samples"), {"ridge": list(ridges), "samples": list(samples)}
    )
