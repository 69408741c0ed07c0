"""Intervals for published points, from results in which every trial redraws everything.

A published point is a mean over networks, most often on *one* draw of data and test sample, whose
variance students show that share them; nothing is tuned to the published values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy import special

__all__ = ["LEVEL"]

LEVEL = 0.05
"""A published point lies outside its interval with this probability if nothing differs."""


@dataclass(frozen=True)
class Shares:
    """Variances in units of an error's variance over trials that redraw everything.

    ``data`` in [0, 1] belongs to structure, direction and samples, the rest to the network;
    ``test`` is what the published test sample adds to the exact error.
    """

    data: xr.DataArray
    test: xr.DataArray


def shares(errors: xr.DataArray, students: xr.DataArray) -> Shares:
    """Shares of the variance, averaged over the points where students were.

    Errors are exact, over trials and more; those of students, at some of the points, on a test
    sample. The first student is the network of the errors.
    """
    first, second = (students.sel(student=s, drop=True) for s in (0, 1))
    exact = errors.sel({dim: first[dim] for dim in first.dims})
    variance = exact.var("trial", ddof=1)
    # The second student shares nothing with an exact error of the first but the data.
    data = xr.cov(exact, second, "trial", ddof=1) / variance
    test = (first - exact).var("trial", ddof=1) / variance
    points = [dim for dim in data.dims if dim not in ("model", "activation")]
    return Shares(data.mean(points).clip(0, 1), test.mean(points))


def interval(
    errors: xr.DataArray, found: Shares, *, published_trials: int, one_draw: bool
) -> xr.Dataset:
    """Prediction interval for a published mean over P trials, from exact errors over our own.

    If the published trials share data and test sample, the variance of their mean is ``V (data
    + (1 - data) / P + test)``, else ``V (1 + test) / P``. Returned are ``mean`` and its
    ``standard_error``; ``scatter``, the standard deviation of the published mean; and
    ``half_width`` of the interval of level `LEVEL` about ``mean``, whose own error is included.
    """
    count = errors.sizes["trial"]
    variance = errors.var("trial", ddof=1)
    if one_draw:
        units = found.data + (1 - found.data) / published_trials + found.test
    else:
        units = (1 + found.test) / published_trials
    quantile = float(special.stdtrit(count - 1, 1 - LEVEL / 2))
    return xr.Dataset(
        {
            "mean": errors.mean("trial"),
            "standard_error": np.sqrt(variance / count),
            "scatter": np.sqrt(variance * units),
            "half_width": quantile * np.sqrt(variance * (units + 1 / count)),
        }
    )
