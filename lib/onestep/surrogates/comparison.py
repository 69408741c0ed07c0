"""Paired errors of the network and of Gaussian surrogates of its features."""

from __future__ import annotations

import numpy as np
import xarray as xr

from .._support import check
from .._support.arrays import Array
from .._support.cores import side_by_side
from .._support.version import __version__
from ..hermite import LocalHermite
from ..network import Problem, TrainedLayer, require_digits, ridge_regression, trial_memory
from .gaussian import Unconditional, conditional
from .special import SplitLayer

SURROGATES = ("network", "conditional", "conditional, norm", "unconditional")
"""Models of `conditional_surrogate`, in the order of its results."""


def conditional_surrogate(
    problem: Problem, trials: int = 20, seed: int = 0, *, test_size: int | None = None
) -> xr.Dataset:
    """Errors of the network and of three Gaussian surrogates of its features.

    Given the cluster of an input and its special coordinates (its projections on all spikes, on
    the learned v and on xi) the preactivations are ``z = m + g``, m known and g Gaussian.

    ``"network"``
        ``sigma(m_i + g_i)``.
    ``"conditional"``
        ``h_0(m_i; b_i) + h_1(m_i; b_i) g_i / b_i + h*_1(m_i; b_i) zeta_i`` with fresh standard
        normal zeta: Gaussian given the coordinates, with the network's conditional means and
        variances, and its conditional covariances up to ``sum_{p>=2} p! h_p h_p r_ij^p``.
    ``"conditional, norm"``
        The same with one more special coordinate, the norm of the bulk: ``h_2(m_i; b_i) t`` is
        added, ``t = ||(I - P)(x - mu_c)||^2 / dim - 1``, and its variance taken from zeta's. It
        keeps the largest part of what the one above drops: the mean of r_ij^2.
    ``"unconditional"``
        Gaussian vectors (phi, y) with the network's means and covariances over all inputs: the
        same M, q and E y^2. They are drawn independently of the readout's sample.

    The first three share the trained layer, the inputs and the labels, and are paired.

    Parameters
    ----------
    problem
        The setting. Labels must be numbers: class labels of two clusters, or regression.
    trials, seed
        Independent draws of everything, >= 1, and root seed; trial t is trial t of `simulate`.
    test_size
        Fresh inputs, >= 1, on which surrogate and network are compared; None takes 5 m.

    Returns
    -------
    xarray.Dataset
        ``training_error`` and ``generalization_error``, dimensions (model, trial), models as in
        `SURROGATES`. The generalization errors of the network and of the unconditional surrogate
        are exact. That of a conditional surrogate is the network's plus
        their mean difference on the test sample, which both see; zeta enters by its expectation.
        ``label_power``, with the same dimensions: mean square of the labels over its expectation;
        training errors follow its scatter. An error that is not finite is a FloatingPointError.

    Source: arXiv 2503.00856; the book's chapter *Conditional Gaussian equivalence*.

    Examples
    --------
    >>> found = conditional_surrogate(Problem(n=30, m=40, k=20), trials=2)
    >>> dict(found.sizes), bool((found.generalization_error > 0).all())
    ({'model': 4, 'trial': 2}, True)
    """
    trials = check.integer("trials", trials, 1)
    seed = check.integer("seed", seed, 0)
    size = 5 * problem.m if test_size is None else check.integer("test_size", test_size, 1)
    problem.require_simple("the comparison")
    problem.require_one_step("the comparison")
    if problem.target == "class" and len(problem.weights) > 2:
        raise ValueError(
            f"target = 'class' is not allowed with weights = {problem.weights!r}: labels that are "
            "numbers are needed, and classes are numbers for 2 clusters only"
        )

    def one_trial(trial: int) -> Array:
        errors = _errors(problem, size, trial, seed)
        if not np.all(np.isfinite(errors)):
            raise FloatingPointError(f"trial {trial}: errors {errors}, {problem}")
        return errors

    found = side_by_side(one_trial, range(trials), trial_memory(problem, size))
    errors = np.stack(found, axis=-1)
    dims = ("model", "trial")
    return xr.Dataset(
        {
            "training_error": (dims, errors[0]),
            "generalization_error": (dims, errors[1]),
            "label_power": (dims, errors[2]),
        },
        coords={"model": list(SURROGATES), "trial": np.arange(trials)},
        attrs={
            "problem": problem.to_json(),
            "seed": seed,
            "test_size": size,
            "onestep_version": __version__,
        },
    )


def _errors(problem: Problem, test_size: int, trial: int, seed: int) -> Array:
    """Training error, generalization error and label power of one trial, shape (3, models)."""
    trained = TrainedLayer.train(problem, trial, seed, test_size=test_size)
    drawn, activation, layer = trained.draws, trained.activation, SplitLayer.of(trained)
    assert drawn.test is not None
    readout, test = drawn.readout, drawn.test
    blocks = [slice(i, i + problem.m) for i in range(0, test_size, problem.m)]
    means = [layer.conditional_mean(readout.X, readout.cluster)]
    means += [layer.conditional_mean(test.X[rows], test.cluster[rows]) for rows in blocks]
    low, high = min(float(m.min()) for m in means), max(float(m.max()) for m in means)
    table = LocalHermite(activation, layer.scale, low, high)

    inputs = layer(readout.X, readout.cluster)
    root = np.sqrt(problem.k)
    Phi = activation(inputs.mean + inputs.bulk) / root
    y = readout.y
    network = ridge_regression(Phi, y, problem.ridge)
    surrogates = [
        ridge_regression(surrogate.sample(drawn.zeta), y, problem.ridge)
        for surrogate in conditional(table, layer, inputs)
    ]

    excess = np.zeros(len(surrogates))
    for rows in blocks:
        inputs = layer(test.X[rows], test.cluster[rows])
        scores = network.weights @ activation(inputs.mean + inputs.bulk) / root
        base = (test.y[rows] - scores) ** 2
        for i, surrogate in enumerate(conditional(table, layer, inputs)):
            squares = surrogate.squared_errors(surrogates[i].weights, test.y[rows])
            excess[i] += 0.5 * float(np.sum(squares - base)) / test_size

    gaussian = Unconditional.of(trained)
    gaussian_Phi, gaussian_y = gaussian.sample(problem.m, drawn.stream("unconditional"))
    unconditional = ridge_regression(gaussian_Phi, gaussian_y, problem.ridge)
    for fit in (network, *surrogates, unconditional):
        require_digits(problem.ridge, fit.power)
    power = [float(each @ each) / problem.m for each in (y, y, y, gaussian_y)]
    exact = gaussian.second.generalization_error(network.weights)
    return np.array(
        [
            [each.training_error for each in (network, *surrogates, unconditional)],
            [exact, *(exact + excess), gaussian.second.generalization_error(unconditional.weights)],
            list(np.array(power) / gaussian.second.y2),
        ]
    )
