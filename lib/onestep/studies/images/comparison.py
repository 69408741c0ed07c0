"""Networks on real images, beside networks on Gaussians with the images' moments, and the formula.

Inputs are those of `ImageMixture`; `image_results` holds the results that come with the package.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from ..._support import check
from ..._support.version import __version__
from ...experiment.own_network import OwnNetwork
from ...inputs import ImageMixture
from ...network import (
    Draw,
    Errors,
    HermiteModel,
    Model,
    Network,
    Problem,
    Sample,
    TrainedLayer,
    draw,
    readout_errors,
)

__all__ = ["CURVES", "VARIABLES", "compare", "difference"]

CURVES = ("network", "hermite", "published hermite", "gaussian", "formula")
"""Network and Hermite models on images, network on Gaussians, and the formula for the latter.

The Hermite model has the scale ``b = sqrt(n/tr)``; the published one has ``b = 1``.
"""

VARIABLES = ("training_error", "generalization_error", "accuracy")
"""What is measured of every curve."""


def problem(
    mixture: ImageMixture,
    *,
    m: int,
    k: int,
    activation: str,
    ridge: float = 1e-4,
    step: float = 1.0,
) -> Problem:
    """The published setting at the spread of `mixture`: class labels, and eta = 1 or as given.

    The ridge is 1e-4 in Figures 3 and 7, 1e-5 in Figure 8.
    """
    return Problem(
        n=mixture.n,
        m=m,
        k=k,
        alpha=0.0,
        beta=1.0,
        spread=mixture.spread,
        activation=activation,
        target="class",
        ridge=ridge,
        step=step,
    )


def draws(problem: Problem, mixture: ImageMixture, trial: int, seed: int) -> tuple[Draw, Draw]:
    """One trial on images, and on Gaussians: the same initial network, samples of their own.

    The test samples have the published size 5 m; too few images, or another spread, are refused.
    """
    sizes = (problem.m, problem.m, 5 * problem.m)
    gaussian = draw(problem, trial, seed, sizes[2], mixture.gaussian)
    if not math.isclose(problem.trace, mixture.gaussian.trace, rel_tol=1e-9):
        raise ValueError(
            f"the problem's spread = {problem.theta:g} is not allowed: that of the images is "
            f"{mixture.spread:g}"
        )
    rng, noise = gaussian.stream("images"), gaussian.stream("image labels")
    step, readout, test = (
        Sample(X, gaussian.labels.sample(X, cluster, noise), cluster)
        for X, cluster in mixture.samples(sizes, rng)
    )
    return replace(gaussian, step=step, readout=readout, test=test), gaussian


def errors(
    problem: Problem,
    drawn: tuple[Draw, Draw],
    curves: Sequence[str] = CURVES,
    *,
    degree: int = 4,
    method: str = "equivalent",
) -> dict[str, Errors]:
    """Errors of one trial that `draws` drew, by curve: of `CURVES`, others are not computed.

    Activation and ridge of the problem may differ from those of the draws; the degree is that of
    the Hermite models, the formula ``"equivalent"`` or ``"conditional"`` (`onestep.predict`).
    """
    images, gaussian = drawn
    models: dict[str, Model] = {
        "network": Network(),
        "hermite": HermiteModel(),
        "published hermite": HermiteModel(scale_factor=1 / problem.scale, name="published hermite"),
    }
    on_images = [name for name in models if name in curves]
    found: dict[str, Errors] = {}
    if on_images:
        layer, chosen = TrainedLayer.of(problem, images), [models[name] for name in on_images]
        rows = readout_errors(layer, chosen, degree, problem)
        found |= dict(zip(on_images, rows, strict=True))
    if {"gaussian", "formula"} & {*curves}:
        # One layer for both: formula and Gaussian network differ by the readout's sample only.
        layer = TrainedLayer.of(problem, gaussian)
        if "gaussian" in curves:
            [found["gaussian"]] = readout_errors(layer, [Network()], degree, problem)
        if "formula" in curves:
            own = OwnNetwork(layer.F, layer.activation, layer.inputs, layer.labels)
            found["formula"] = own.predict(problem.m, problem.ridge, method=method, guarded=False)
    return found


def compare(
    problem: Problem,
    mixture: ImageMixture,
    *,
    trials: int = 1,
    seed: int = 0,
    curves: Sequence[str] = CURVES,
) -> xr.Dataset:
    """Errors of networks and models on images, and on Gaussians with their moments.

    Parameters
    ----------
    problem
        With the spread of `mixture`.
    mixture
        The images.
    trials, seed
        Independent draws, >= 1, and root seed, >= 0: trial t depends on nothing else.
    curves
        Which of `CURVES`; others are not computed.

    Returns
    -------
    xarray.Dataset
        `VARIABLES`, dimensions (curve, trial), measured on test samples of 5 m but for the formula,
        which has no accuracy (NaN), and no errors (NaN) where its solver did not converge.

    Examples
    --------
    >>> pixels = np.random.default_rng(0).integers(0, 256, (2, 60, 9), dtype=np.uint8)
    >>> mixture = ImageMixture(tuple(pixels), spread=9.0)
    >>> dict(compare(problem(mixture, m=8, k=6, activation="relu"), mixture, trials=2).sizes)
    {'curve': 5, 'trial': 2}
    """
    trials = check.integer("trials", trials, 1)
    seed = check.integer("seed", seed, 0)
    curves = [check.choice("curves", curve, CURVES) for curve in curves]
    found = np.empty((3, len(curves), trials))
    for t in range(trials):
        outcome = errors(problem, draws(problem, mixture, t, seed), curves)
        for i, curve in enumerate(curves):
            each = outcome[curve]
            accuracy = np.nan if each.accuracy is None else each.accuracy
            found[:, i, t] = each.training_error, each.generalization_error, accuracy
    return xr.Dataset(
        {name: (("curve", "trial"), found[i]) for i, name in enumerate(VARIABLES)},
        coords={"curve": list(curves), "trial": np.arange(trials)},
        attrs={
            "problem": problem.to_json(),
            "seed": seed,
            "centring": mixture.centring,
            "offsets": mixture.offsets,
            "stretch": mixture.stretch,
            "onestep_version": __version__,
        },
    )


def difference(results: xr.Dataset, one: str, other: str) -> xr.DataArray:
    """Difference of two curves' generalization errors, relative to the other's mean over trials."""
    error = results.generalization_error
    base = error.sel(curve=other, drop=True)
    found: xr.DataArray = (error.sel(curve=one, drop=True) - base) / base.mean("trial")
    return found
