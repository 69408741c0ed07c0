"""All pairs of classes of Fashion-MNIST, by the path of a reader's own data.

``python -m onestep.studies sweep pairs`` computes what is stored, resumably.
"""

from __future__ import annotations

import itertools
from functools import lru_cache

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from ... import claims, plots
from ..._support.arrays import Array
from ...experiment import Numbers, Study
from ...experiment.feature_moments import predicted_on_data
from ...experiment.own_network import OwnNetwork
from ...inputs import EmpiricalMixture, fashion
from .. import archive
from ..own_data.report import MARGIN
from . import image_results

__all__ = ["CURVES", "PAIRS", "STUDY", "agreement", "figure", "gaps", "squares", "stored", "table"]

PAIRS = tuple(itertools.combinations(range(10), 2))
"""All pairs of the ten classes."""

CURVES = ("data", "gaussians", "formula", "formula on data")
"""Measured on images and on Gaussians; by formula for these, and from `predicted_on_data`."""

SAMPLES, WIDTH, RIDGE, NETWORKS, READOUTS = 500, 500, 1e-4, 10, 2
"""m of the step and of each readout, k, lambda; layers of a pair, and readouts behind each."""


@lru_cache(maxsize=1)
def _data(pair: int) -> EmpiricalMixture:
    return image_results.mixture(PAIRS[pair], fashion.PIXELS).as_data()


def errors(pair: int, activation: str, network: int) -> Numbers:
    """Generalization errors, and accuracies where they are measured, behind one trained layer."""
    seed = len(PAIRS) * network + pair
    own = OwnNetwork.train(
        _data(pair), activation, width=WIDTH, samples=SAMPLES, step=1.0, seed=seed
    )
    drawn = [
        own.simulate(SAMPLES, RIDGE, trials=READOUTS, seed=seed, source=source)
        for source in ("data", "gaussians")
    ]
    formula = own.predict(SAMPLES, RIDGE, guarded=False).generalization_error
    means = [float(each.generalization_error.mean()) for each in drawn]
    return {
        "error": [*means, formula, predicted_on_data(own, SAMPLES, RIDGE, seed)],
        "accuracy": [*(float(each.accuracy.mean()) for each in drawn), None, None],
    }


STUDY = Study.of_function(
    errors,
    {"pair": list(range(len(PAIRS))), "activation": ["relu", "tanh"]},
    {"network": NETWORKS},
    ("curve", list(CURVES)),
    ["error", "accuracy"],
)
"""The study; `onestep.experiment.fill` computes it."""


def stored(activation: str = "relu") -> xr.Dataset:
    """The study's results that come with the package: (pair, network, curve)."""
    return archive.stored("images/pairs").sel(activation=activation)


def gaps(results: xr.Dataset) -> pd.DataFrame:
    """How far the error on Gaussians is from that on the images, by pair, and what foretold it.

    Relative differences of means over networks: ``measured``; ``foretold``, of the two formulas,
    for which no readout was trained; ``formula``, of the formula for Gaussians from the images.
    With the standard errors of what has readouts in it. ``flag`` and ``verdict`` say "not Gaussian
    for this network", above `MARGIN`: the first of what was foretold, the other of what was
    measured.
    """
    error = results.error.transpose("curve", "pair", "network")
    data, gaussians, formula, on_data = (error.sel(curve=each).values for each in CURVES)
    measured, told = claims.ratio(gaussians, data), claims.ratio(formula, data)
    foretold = claims.ratio(formula, on_data).value - 1
    return pd.DataFrame(
        {
            "measured": measured.value - 1,
            "standard error": measured.standard_error,
            "foretold": foretold,
            "formula": told.value - 1,
            "its standard error": told.standard_error,
            "flag": np.abs(foretold) > MARGIN,
            "verdict": np.abs(measured.value - 1) > MARGIN,
        },
        index=pd.Index(
            [" / ".join(fashion.NAMES[c] for c in PAIRS[int(i)]) for i in results.pair.values],
            name="pair",
        ),
    )


def table(results: xr.Dataset) -> pd.DataFrame:
    """How far the formula is from the images, with error and accuracy; the easiest pairs first."""
    found, images = gaps(results), results.sel(curve="data").mean("network")
    shown = pd.DataFrame(
        {
            "formula / images − 1 (%)": (100 * found["formula"]).round(1),
            "standard error (%)": (100 * found["its standard error"]).round(1),
            "error": images.error.values.round(3),
            "accuracy": images.accuracy.values.round(3),
        },
        index=found.index,
    )
    return shown.sort_values("formula / images − 1 (%)")


def agreement(found: pd.DataFrame) -> pd.Series:
    """Of `gaps`: pairs; those whose flag agrees with the verdict; of these, beyond noise or not.

    A verdict is beyond noise if it is two standard errors from `MARGIN`. The last line is the best
    that one flag for all pairs would do.
    """
    right = found["flag"] == found["verdict"]
    clear = np.abs(np.abs(found["measured"]) - MARGIN) > 2 * found["standard error"]
    common = max(found["verdict"].mean(), 1 - found["verdict"].mean())
    return pd.Series(
        {
            "pairs": len(found),
            "flag agrees with the verdict": right.mean(),
            "pairs whose verdict is beyond noise": clear.sum(),
            "flag agrees with these": right[clear].mean(),
            "one flag for all agrees": common,
        }
    )


def squares(found: pd.DataFrame, shift: int = 0) -> claims.Estimate:
    """Mean square of foretold less measured, less what noise adds; or of pairs that are `shift` on.

    One scatter serves all pairs, as they are what was drawn.
    """
    foretold: Array = np.roll(found["foretold"].to_numpy(), shift)
    return claims.sample((foretold - found["measured"]) ** 2 - found["standard error"] ** 2)


def figure(found: pd.DataFrame) -> Figure:
    """Measured against foretold differences of `gaps`, in per cent, with the margin."""
    chart, axis = plots.subplots(1, 1, width=4.2, height=3.4)
    axis.errorbar(
        100 * found["foretold"], 100 * found["measured"], 100 * found["standard error"],
        fmt="o", ms=4, color=plots.CYCLE[0],
    )  # fmt: skip
    ends = np.array([-5.0, 35.0])
    axis.plot(ends, ends, color=plots.INK, lw=1)
    for line in (axis.axvline, axis.axhline):
        line(100 * MARGIN, color=plots.INK, lw=0.8, ls=":")
    axis.set(xlabel="foretold by moments of features (%)", ylabel="Gaussians over images (%)")
    return chart
