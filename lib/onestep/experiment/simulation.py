"""Monte-Carlo simulation of a problem."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from threadpoolctl import threadpool_limits

from .._support import check
from .._support.arrays import PRECISIONS
from .._support.cores import side_by_side
from .._support.version import __version__
from ..degrees import default_degree
from ..hermite import second_moment
from ..inputs import Mixture
from ..network import (
    TEST_SHARE,
    Errors,
    Model,
    Problem,
    TrainedLayer,
    blamed,
    named_models,
    readout_errors,
    require_shared_draws,
    to_dataset,
    trial_memory,
)

_LEAST_SINGLE = 1e-6  # of the mean squared feature, for the ridge beside single precision


def simulate(
    problem: Problem,
    models: Sequence[str | Model] = ("network", "hermite"),
    trials: int = 20,
    seed: int = 0,
    degree: int | None = None,
    *,
    test_size: int | None = None,
    inputs: Mixture | None = None,
    threads: int | None = None,
    precision: str = "double",
) -> xr.Dataset:
    """Training and generalization errors of several models, drawn in pairs.

    Every trial redraws everything: spikes, direction, network, and the separate samples of the
    gradient steps, the readout and the test. Trial t depends on nothing but the problem, `seed`
    and t: more trials or other models change no number that was there before.

    Parameters
    ----------
    problem
        The setting.
    models
        Names from `onestep.network.MODELS`, or models such as ``HermiteModel(degree=1)``; their
        names must differ.
    trials, seed
        Independent draws, >= 1, and root seed, >= 0.
    degree
        Degree l of Hermite models that name none. None takes the paper's rule
        ``beta < l / (l + 1)``, capped at `DEGREE_CAP` as in the paper's experiments.
    test_size
        None takes the generalization error of each trained readout exactly, from the population
        moments of its features: without test noise. A number takes a test sample of that size
        instead; the paper's experiments use 5 m, and so does None for other losses than the square,
        and with an intercept.
    inputs
        A mixture that takes the place of the drawn one in every trial: a
        `onestep.inputs.GaussianMixture` with any orthonormal directions and strengths, or a
        `onestep.inputs.DenseMixture` with full covariances. The problem keeps the sizes, the step,
        the network and the labels; its own spread, rank and alignment do not enter.
    threads
        Trials that run side by side, each on one core, as far as memory allows; a single trial's
        matrix products use them all. None takes what the process's matrix products may use, which
        is every core unless ``OMP_NUM_THREADS`` or the like says less. Numbers do not depend on it
        but for rounding.
    precision
        ``"single"`` takes the products of the steps and of the features, that is those with
        inputs, in single precision; everything else, the readout before all, stays in double. It
        changes errors by less than ``2e-5`` of themselves (the book's chapter *Performance*), for
        a ridge of at least ``1e-6 E sigma(b g)^2``; below, what single precision leaves out would
        be seen, and it is refused.

    Returns
    -------
    xarray.Dataset
        ``training_error``, ``plain_training_error`` (without the regulariser) and
        ``generalization_error``, dimensions (model, trial), on the scale of half a squared label,
        or the mean of another loss; ``accuracy``, the share of test inputs whose class is found,
        for class labels with a test sample; ``label_excess``, by how much the labels of the
        readout's sample are larger than expected, which `onestep.claims.controlled` takes out of
        training errors. ``attrs`` carry problem (JSON), seed, degree and version.

    Raises
    ------
    FloatingPointError
        If an error is not finite; non-finite values never travel on.

    Examples
    --------
    >>> problem = Problem(n=30, m=40, k=20)
    >>> few, many = (simulate(problem, trials=trials, seed=1) for trials in (2, 3))
    >>> few.generalization_error.dims, few.equals(many.isel(trial=[0, 1]))
    (('model', 'trial'), True)
    """
    [results] = simulate_together(
        [problem],
        models,
        trials,
        seed,
        degree,
        test_size=test_size,
        inputs=inputs,
        threads=threads,
        precision=precision,
    )
    return results


def simulate_together(
    problems: Sequence[Problem],
    models: Sequence[str | Model] = ("network", "hermite"),
    trials: int = 20,
    seed: int = 0,
    degree: int | None = None,
    *,
    test_size: int | None = None,
    inputs: Mixture | None = None,
    threads: int | None = None,
    precision: str = "double",
) -> list[xr.Dataset]:
    """`simulate` for problems that differ in activation and readout only, at less cost.

    They see the same draws in any case; here the draws, and the preactivations of the step, are
    computed once for all of them. Numbers and arguments are those of `simulate`.

    Examples
    --------
    >>> pair = [Problem(n=30, m=40, k=20, activation=f) for f in ("relu", "tanh")]
    >>> found = simulate_together(pair, trials=2)
    >>> found[1].equals(simulate(pair[1], trials=2))
    True
    """
    trials = check.integer("trials", trials, 1)
    seed = check.integer("seed", seed, 0)
    degree = None if degree is None else check.integer("degree", degree, 0)
    test_size = None if test_size is None else check.integer("test_size", test_size, 1)
    threads = None if threads is None else check.integer("threads", threads, 1)
    require_shared_draws(problems)
    if check.choice("precision", precision, PRECISIONS) == "single":
        for problem in problems:
            _require_double_unneeded(problem)
    resolved = named_models(models)
    degrees = [default_degree(each) if degree is None else degree for each in problems]

    def one_trial(trial: int) -> list[list[Errors]]:
        with blamed():
            layers = TrainedLayer.train_each(
                problems, trial, seed, test_size=test_size, inputs=inputs, precision=precision
            )
            return [
                readout_errors(layer, resolved, l, each)
                for layer, each, l in zip(layers, problems, degrees, strict=True)
            ]

    with threadpool_limits(threads):
        outcomes = side_by_side(one_trial, range(trials), trial_memory(problems[0], test_size))
    return [
        _dataset(problem, [model.name for model in resolved], outcome).assign_attrs(
            problem=problem.to_json(),
            seed=seed,
            degree=l,
            test_size=test_size or ("exact" if problem.simple else TEST_SHARE * problem.m),
            onestep_version=__version__,
        )
        for problem, l, outcome in zip(problems, degrees, zip(*outcomes, strict=True), strict=True)
    ]


def _require_double_unneeded(problem: Problem) -> None:
    least = _LEAST_SINGLE * float(second_moment(problem.activation, problem.scale))
    if problem.ridge < least:
        raise ValueError(
            f"precision = 'single' is not allowed for the ridge {problem.ridge}: at least "
            f"{least:.1e} is needed for features of this size; take 'double'"
        )


def _dataset(problem: Problem, names: list[str], outcome: Sequence[list[Errors]]) -> xr.Dataset:
    """Results of one problem, from errors by trial and model."""
    coords = {"trial": np.arange(len(outcome)), "model": names}
    results = to_dataset(outcome, ("trial", "model"), coords).transpose("model", "trial")
    for variable, values in results.items():
        if not np.all(np.isfinite(values)):
            raise FloatingPointError(f"{variable} of models {names}: {values.values}, {problem}")
    return results


def relative_difference(results: xr.Dataset, model: str, reference: str = "network") -> xr.Dataset:
    """Paired relative difference of a model's errors from those of the reference, by trial.

    Each trial's difference is divided by the reference's mean error over the trials: a ratio per
    trial would be biased by the noise of its denominator. Results are those of `simulate` or
    `predict`; what is no number, and ``label_excess``, is left out.

    Examples
    --------
    >>> results = simulate(Problem(n=30, m=40, k=20), trials=3)
    >>> relative_difference(results, "network").generalization_error.values
    array([0., 0., 0.])
    """
    for name, value in (("model", model), ("reference", reference)):
        check.choice(name, value, [str(known) for known in results.model.values])
    left_out = [name for name in results if results[name].dtype.kind != "f"]
    results = results.drop_vars([*left_out, "label_excess"], errors="ignore")
    base = results.sel(model=reference, drop=True)
    return (results.sel(model=model, drop=True) - base) / base.mean("trial")
