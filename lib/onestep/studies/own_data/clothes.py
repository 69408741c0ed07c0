"""All pairs of classes of Fashion-MNIST, as a reader's own data: verdicts, and what foretells them.

``python -m onestep.studies sweep own-pairs`` computes it, resumably.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from ... import claims, plots
from ..._support import streams
from ..._support.arrays import Array
from ...experiment import Numbers, Study
from ...experiment.feature_moments import predicted_on_data
from ...experiment.own_network import OwnNetwork
from ...inputs import Data, EmpiricalMixture, fashion
from .. import archive
from ..images import comparison, image_results
from ..images.image_results import PAIRS
from .report import MARGIN

__all__ = ["CURVES", "PREPARATIONS", "STUDY", "agreement", "figure", "gaps", "squares", "stored"]

CURVES = ("data", "gaussians", "formula", "formula on data")
"""Measured on images and on Gaussians; by formula for these, and from `predicted_on_data`."""

PREPARATIONS = ("centred", "as they are")
"""Of the images: each class without its mean, scaled and with noise; or standardised together.

The stored study has the first, which are harder: classes differ by their covariances only.
"""

SAMPLES, WIDTH, RIDGE, READOUTS = 500, 500, 1e-4, 8
"""m of the step and of each readout, k, lambda; and how many readouts."""


@lru_cache(maxsize=1)
def _images() -> fashion.FashionMNIST:
    return fashion.load()


def data(pair: int, preparation: str) -> Data:
    """Images of a pair of classes; centred, they are those of the page on images.

    Each class is then ``(n / tr_c)^{1/2} (image - mu_c) + N(0, I)``: classes differ by their
    covariances only.
    """
    classes = [_images().of(label).astype(float) for label in PAIRS[pair]]
    if preparation == "centred":
        rng, n = streams.generator("own pairs", pair), fashion.PIXELS
        for c, images in enumerate(classes):
            images -= images.mean(axis=0)
            images *= np.sqrt(n / (np.sum(images**2) / len(images)))
            classes[c] = images + rng.standard_normal(images.shape)
    y = np.repeat([0, 1], [len(each) for each in classes])
    return Data.of(np.concatenate(classes), y, drop_constant=True)


def errors(pair: int, preparation: str, network: int) -> Numbers:
    """Generalization errors by curve, and their standard errors, behind one trained ReLU layer."""
    own = OwnNetwork.train(
        EmpiricalMixture.of(data(pair, preparation)).standardised(),
        "relu",
        width=WIDTH,
        samples=SAMPLES,
        step=1.0,
        seed=network,
    )
    drawn = [
        own.simulate(
            SAMPLES, RIDGE, trials=READOUTS, seed=network, source=source
        ).generalization_error
        for source in ("data", "gaussians")
    ]
    formula = own.predict(SAMPLES, RIDGE, guarded=False).generalization_error
    means = [float(each.mean()) for each in drawn]
    scatter = [float(each.std(ddof=1)) / READOUTS**0.5 for each in drawn]
    return {
        "error": [*means, formula, predicted_on_data(own, SAMPLES, RIDGE)],
        "standard_error": [*scatter, 0.0, 0.0],
    }


STUDY = Study.of_function(
    errors,
    {"pair": list(range(len(PAIRS))), "preparation": list(PREPARATIONS[:1])},
    {"network": 1},
    ("curve", list(CURVES)),
    ["error", "standard_error"],
)
"""The study; `onestep.experiment.fill` computes it."""


def stored() -> xr.Dataset:
    """The study's results that come with the package."""
    return archive.stored("own-pairs").sel(preparation=PREPARATIONS[0]).isel(network=0)


def gaps(results: xr.Dataset) -> pd.DataFrame:
    """How far the error on Gaussians is from that on the images, by pair, and what foretold it.

    Relative differences: ``measured``, with its standard error; ``foretold``, of the two formulas,
    for which no readout was trained; and ``images``, of the page on images, where images, noise and
    networks are drawn anew in ten trials. ``flag`` and ``verdict`` say "not Gaussian for this
    network", above `MARGIN`: the first of what was foretold, the other of what was measured.
    """
    data, gaussians, formula, on_data = (results.error.sel(curve=each).values for each in CURVES)
    errors = results.standard_error.sel(curve=["data", "gaussians"]).values
    errors = errors.reshape(-1, 2) / np.stack([data, gaussians], axis=-1).reshape(-1, 2)
    measured, foretold = gaussians / data - 1, formula / on_data - 1
    page = image_results.stored("pairs").sel(activation="relu", pair=results.pair)
    return pd.DataFrame(
        {
            "measured": measured,
            "standard error": gaussians / data * np.hypot(*errors.T),
            "foretold": foretold,
            "images": comparison.difference(page, "gaussian", "network").mean("trial").values,
            "flag": np.abs(foretold) > MARGIN,
            "verdict": np.abs(measured) > MARGIN,
        },
        index=pd.Index(
            [" / ".join(fashion.NAMES[c] for c in PAIRS[int(i)]) for i in results.pair.values],
            name="pair",
        ),
    )


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
