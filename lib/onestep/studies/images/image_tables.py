"""Tables of results on real images."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import xarray as xr

from ... import claims
from ...inputs import ImageMixture, fashion
from .. import tables
from ..paper import digitized
from ..paper.grids import ACTIVATIONS
from . import comparison
from .image_results import PAIRS, stored


def published_gaps() -> pd.DataFrame:
    """Published networks of Figure 8a over ours - 1, per cent, and the scatter of one trial.

    Examples
    --------
    >>> published_gaps().columns.tolist()
    ['published / ours − 1: least', 'mean', 'largest', 'scatter of one trial']
    """
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


def preprocessing() -> pd.DataFrame:
    """What the scale of the Hermite model and the offset of the second class are worth.

    Examples
    --------
    >>> table = preprocessing()
    >>> table.columns.tolist(), table.index[0]
    (['relu', 'tanh', 'sigmoid'], 'fig3a: Hermite model, b = 1 / network − 1')
    """
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


def pairs() -> pd.DataFrame:
    """All pairs of classes, ReLU, those first that are easiest compared with Gaussians.

    Examples
    --------
    >>> pairs().index[0]
    'Pullover, Shirt'
    """
    results = stored("pairs").sel(activation="relu")
    gap, network = (
        comparison.difference(results, "formula", "network"),
        results.sel(curve="network"),
    )
    table = pd.DataFrame(
        {
            "pair": [f"{fashion.NAMES[i]}, {fashion.NAMES[j]}" for i, j in PAIRS],
            "formula / images − 1 (%)": (100 * gap.mean("trial")).round(1),
            "standard error (%)": (100 * gap.std("trial", ddof=1) / gap.trial.size**0.5).round(1),
            "error": network.generalization_error.mean("trial").round(3),
            "accuracy": network.accuracy.mean("trial").round(3),
        }
    )
    return table.set_index("pair").sort_values("formula / images − 1 (%)")


def sampled(results: Iterable[xr.Dataset], one: str, other: str) -> claims.Estimate:
    """Relative difference of two curves in each of some comparisons (`images.compare`).

    Examples
    --------
    >>> sampled([stored("fig3a"), stored("fig3b")], "formula", "network").value.shape
    (2, 14, 3)
    """
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
    """`images.compare` of two classes, their means removed, at the spread ``n^exponent``.

    Examples
    --------
    >>> import numpy as np
    >>> pixels = np.random.default_rng(0).integers(0, 256, (120, 9), dtype=np.uint8)
    >>> data = fashion.FashionMNIST(pixels, np.repeat([0, 1], 60))
    >>> dict(compare(data, (0, 1), 0.3, m=8, k=6, activation="relu", trials=2, seed=0).sizes)
    {'curve': 5, 'trial': 2}
    """
    mixture = ImageMixture.of(data, classes, fashion.PIXELS**exponent)
    problem = comparison.problem(mixture, m=m, k=k, activation=activation)
    return comparison.compare(problem, mixture, trials=trials, seed=seed, curves=curves)
