"""What a step buys for three activations, at optimal ridges throughout: stored maps of the formula.

``python -m onestep.studies sweep gain-map`` and ``sweep gain-samples`` compute them, resumably.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import xarray as xr

from ...experiment import Numbers, Study, fill
from .. import archive
from ..paper.grids import ACTIVATIONS
from .best_ridge import RIVALS, best_error, rival
from .step_gain import DIRECTIONS, LARGE, gain, network, setting

__all__ = [
    "GAINS", "OVER_SAMPLES", "SAMPLES", "STEPS", "best_rival", "gains", "margin", "over_samples",
]  # fmt: skip

ALPHAS = (0.4, 0.6, 0.8, 1.0)
BETAS = (0.4, 0.6, 0.8, 1.0)
"""Points of the map, of the weighting and of the strength."""

SAMPLES = (0.5, 1.0, 1.75, 3.0, 5.5, 10.0)
"""m/n."""

STEPS = (0.01, 0.04, 0.12, LARGE, 1.0)
"""In units of n, the last the largest of the paper."""

_NETWORKS: Mapping[str, Sequence[Any]] = {
    "n": [150, 300], "activation": ACTIVATIONS, "direction": DIRECTIONS,
}  # fmt: skip


def gain_row(n: int, activation: str, direction: str, alpha: float, trial: int) -> Numbers:
    """`step_gain.gain` at every one of `BETAS`; NaN where the formula does not hold."""
    base = replace(setting(n, direction), activation=activation, alpha=alpha)
    return {"gain": [gain(replace(base, beta=each)) for each in BETAS]}


def samples_row(n: int, activation: str, direction: str, samples: float, trial: int) -> Numbers:
    """Errors after `STEPS` from the spread of `step_gain.network`, and of its `RIVALS`."""
    base = replace(network(n, direction), activation=activation, m=round(samples * n))
    rivals = {name: [best_error(rival(base, name))] * len(STEPS) for name in RIVALS}
    return {"after": [best_error(replace(base, step=each * n)) for each in STEPS], **rivals}


GAINS = Study.of_function(
    gain_row, {**_NETWORKS, "alpha": ALPHAS}, {"trial": 1}, ("beta", BETAS), ["gain"]
)
"""The map over weighting and strength."""

OVER_SAMPLES = Study.of_function(
    samples_row,
    {**_NETWORKS, "samples": SAMPLES},
    {"trial": 1},
    ("step", STEPS),
    ["after", *RIVALS],
)
"""The map over samples and steps."""


def gains(n: int) -> xr.DataArray:
    """`GAINS` at a dimension, stored or computed."""
    return _at(GAINS, "gain-map", n)["gain"]


def over_samples(n: int) -> xr.Dataset:
    """`OVER_SAMPLES` at a dimension, stored or computed."""
    return _at(OVER_SAMPLES, "gain-samples", n)


def _at(study: Study, name: str, n: int) -> xr.Dataset:
    if n in study.points["n"]:
        return archive.stored(name).sel(n=n, trial=0)
    return fill(replace(study, points={**study.points, "n": [n]})).sel(n=n, trial=0)


def best_rival(found: xr.Dataset) -> xr.DataArray:
    """Error of the best model without a step.

    Examples
    --------
    >>> best_rival(xr.Dataset({"no step": 0.2, "kernel": 0.125, "linear": 0.3})).item()
    0.125
    """
    return found[list(RIVALS)].to_dataarray("rival").min("rival")


def margin(found: xr.Dataset) -> xr.DataArray:
    """Error after a step over that of the best rival: below 1 where no rival does as well.

    Examples
    --------
    >>> one = xr.Dataset({"after": 0.1, "no step": 0.2, "kernel": 0.125, "linear": 0.3})
    >>> margin(one).item()
    0.8
    """
    return found["after"] / best_rival(found)
