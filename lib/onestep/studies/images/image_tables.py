"""Tables of results on real images."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import xarray as xr

from ... import claims
from ...inputs import ImageMixture, fashion
from .. import archive, tables
from ..paper import digitized
from ..paper.grids import ACTIVATIONS
from . import comparison
from .image_results import stored


def published_gaps() -> pd.DataFrame:
    """Published networks of Figure 8a over ours - 1, per cent, and the scatter of one trial."""
    published, rows = digitized.published("fig8a").query("series == 'network'"), {}
    for name, study in (("as preprocessed", "fig8a"), ("offsets × 1.25", "fig8a-stretched")):
        error = stored(study).generalization_error.sel(curve="network")
        for a in ACTIVATIONS:
            points = published[published.activation == a].set_index("x").y
            here = error.sel(activation=a, width=points.index.to_numpy())
            gap = 100 * (points.to_numpy() / here.mean("trial").values - 1)
            scatter = float((here.std("trial", ddof=1) / here.mean("trial")).mean())
            rows[name, a] = {
                "published / ours − 1: least": gap.min(),
                "mean": gap.mean(),
                "largest": gap.max(),
                "scatter of one trial": 100 * scatter,
            }
    return pd.DataFrame(rows).T


def low_rank() -> pd.DataFrame:
    """Published networks of Figure 8a over networks on Gaussians - 1, averaged over four widths.

    First on Gaussians with the moments of real images, then on those of
    `onestep.studies.images.low_rank`.
    """
    cut = archive.stored("images/fig8a-low-rank").generalization_error
    moments = {
        ("printed", int(rank), float(along)): cut.sel(rank=rank, along=along)
        for along in cut.along.values
        for rank in cut["rank"].values
    }
    real = stored("fig8a").generalization_error.sel(curve="gaussian", width=cut.width)
    points = digitized.published("fig8a").query("series == 'network'")
    published = points.set_index(["x", "activation"]).y.to_xarray().rename(x="width")
    rows = {}
    for name, error in {("real images'", fashion.PIXELS, 1.0): real, **moments}.items():
        gap = digitized.over(published.sel(width=cut.width), error).mean("width")
        ordered = gap.sel(activation=list(ACTIVATIONS)).transpose("activation", "trial")
        rows[name] = claims.sample(ordered)
    names = ["traces and distance", "rank", "variance left along the difference"]
    return tables.frame(rows, ACTIVATIONS).rename_axis(names)


def printed_samples() -> pd.Series:
    """Variances of the 48 T-shirts of the generator that the notebooks print unprocessed.

    Along the difference of the real class means, with its standard error, and in all directions
    together; pixels in [0, 1].
    """
    samples = digitized.published("fig8a-samples")
    along = (samples.along - samples.along.mean()) ** 2
    count = len(samples) - 1
    return pd.Series(
        {
            "variance along the class difference": along.sum() / count,
            "its standard error": along.std() / count**0.5,
            "trace": samples.square.sum() / count,
        }
    )


def preprocessing() -> pd.DataFrame:
    """What the scale of the Hermite model and the offset of the second class are worth."""
    consistent, rows = stored("fig8a-consistent"), {}
    for name in ("fig3a", "fig8a"):
        results = stored(name).sel(width=consistent.width)
        for curve, b in (("published hermite", "1"), ("hermite", "√(n/tr)")):
            rows[f"{name}: Hermite model, b = {b} / network − 1"] = claims.sample(
                comparison.difference(results, curve, "network")
                .mean("width")
                .transpose(..., "trial")
            )
    results = stored("fig8a").sel(width=consistent.width)
    both = slice(min(results.trial.size, consistent.trial.size))
    for curve in ("network", "formula"):
        one, other = (
            each.generalization_error.sel(curve=curve).isel(trial=both).mean("width")
            for each in (consistent, results)
        )
        rows[f"fig8a: {curve}, consistent / published offset − 1"] = claims.sample(
            (one / other.mean("trial") - other / other.mean("trial")).transpose(..., "trial")
        )
    return tables.frame(rows, ACTIVATIONS)


def sampled(results: Iterable[xr.Dataset], one: str, other: str) -> claims.Estimate:
    """Relative difference of two curves in each of some comparisons (`images.compare`)."""
    return claims.sample([comparison.difference(each, one, other) for each in results])


def compare(
    data: fashion.FashionMNIST,
    classes: tuple[int, int],
    exponent: float,
    curves: tuple[str, ...] = comparison.CURVES,
    *,
    m: int,
    k: int,
    activation: str,
    trials: int,
    seed: int,
) -> xr.Dataset:
    """`images.compare` of two classes, their means removed, at the spread ``n^exponent``."""
    mixture = ImageMixture.of(data, classes, fashion.PIXELS**exponent)
    problem = comparison.problem(mixture, m=m, k=k, activation=activation)
    return comparison.compare(problem, mixture, trials=trials, seed=seed, curves=curves)
