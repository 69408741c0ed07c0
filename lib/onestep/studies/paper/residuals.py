"""How far simulated networks are from the formula's curves, over the points of the paper's figures.

In Figure 4, with aligned labels, the formula takes the spikes of the two clusters to be orthogonal.
Those of the protocol are drawn independently and overlap by o ~ N(0, 1/n), which lowers the mean
variance of the labels by the `overlap_factor`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from ... import claims
from ..._support import check
from .. import tables
from . import figures, grids

__all__ = ["MODERATE", "SERIES", "gap_table", "gaps", "pooled", "within_two"]

MODERATE = 0.85
"""Largest strength at which the limit that averages over inputs is held to its margin."""

SERIES = {
    "1a, generalization": ("fig1a", "generalization"),
    "1a, training": ("fig1a", "training"),
    "1b": ("fig1b", "generalization"),
    "1c": ("fig1c", "generalization"),
}
"""Series whose residuals the book shows: figure and error."""

_POOLED = ("fig1a", "fig1b", "fig1c", "fig2a-exact", "fig2b", "fig5a", "fig5c")
_ERRORS = ("generalization_error", "training_error")


def residuals(name: str, error: str, factor: float | xr.DataArray = 1.0) -> xr.DataArray:
    """Simulated mean minus formula, times a factor, in standard errors of the mean.

    One of a figure's networks at every point; the error is ``"generalization"`` or
    ``"training"``, the factor a number or one for every point.
    """
    error = check.choice("error", error, ("generalization", "training"))
    drawn = figures.stored(name)[f"{error}_error"].sel(model="network").isel(student=0, drop=True)
    formula = figures.stored(name, "formula")[f"{error}_error"] * factor
    mean = drawn.mean("trial")
    standard_error = drawn.std("trial", ddof=1) / np.sqrt(drawn.sizes["trial"])
    at_points: xr.DataArray = formula.sel({axis: mean[axis] for axis in mean.dims})
    return xr.DataArray((mean - at_points) / standard_error)


def overlap_factor() -> xr.DataArray:
    """Mean variance of Figure 4's labels over that with orthogonal spikes, at every cell."""
    overlap, weight = np.polynomial.hermite_e.hermegauss(60)
    problem, drawn = grids.FIGURES["fig4"].problem, figures.stored("fig4").generalization_error
    theta = float(problem.n) ** (drawn.beta * (1 - drawn.alpha))
    factor: xr.DataArray = sum(
        w * (1 + theta * (1 + o) / 2) / (1 + theta * (1 + abs(o)) / 2)
        for o, w in zip(overlap / np.sqrt(problem.n), weight / weight.sum(), strict=True)
    )
    return factor


def of_map(*, corrected: bool) -> xr.DataArray:
    """Residuals of Figure 4a over (alpha, beta), with or without the `overlap_factor`."""
    factor = overlap_factor() if corrected else 1.0
    return residuals("fig4", "generalization", factor).transpose("alpha", "beta")


def within_two() -> dict[str, float]:
    """Share of the residuals below two standard errors: of `SERIES`, and of Figure 4a."""
    shown = {title: residuals(*key) for title, key in SERIES.items()}
    for title, corrected in (("4a, β ≤ 0.85", True), ("without the factor", False)):
        cells = of_map(corrected=corrected)
        shown[title] = cells[:, cells.beta <= MODERATE]
    return {title: float((abs(values) < 2).mean()) for title, values in shown.items()}


def gaps(*, other_activation: bool = False) -> dict[tuple[str, str], xr.DataArray]:
    """Simulated over formula - 1 by figure and error, averaged over the points within each trial.

    Points beyond the strength `MODERATE`, and mixtures of one class, are left out. As a control,
    the formula can be that for the next activation.
    """
    found = {}
    for name in _POOLED:
        results, formula = figures.stored(name), figures.stored(name, "formula")
        if other_activation:
            formula = formula.roll(activation=1, roll_coords=False)
        if "beta" in results.dims:
            results = results.sel(beta=results.beta <= MODERATE)
        if "rho" in results.dims:
            results = results.isel(rho=slice(1, -1))
        kept = {axis: results[axis] for axis in grids.FIGURES[name].over}
        for error in _ERRORS:
            network = results[error].sel(model="network").isel(student=0)
            ratio = network / formula[error].sel(kept) - 1
            found[name, error] = ratio.mean(grids.FIGURES[name].axis)
    return found


def gap_table(found: dict[tuple[str, str], xr.DataArray]) -> pd.DataFrame:
    """What `gaps` found, in per cent with standard errors: a row for each figure and error."""
    return tables.frame({key: _sample(gap) for key, gap in found.items()}, figures.ACTIVATIONS)


def pooled(found: dict[tuple[str, str], xr.DataArray], error: str) -> claims.Estimate:
    """One error of what `gaps` found: an entry for each figure and activation.

    Training errors, which scatter with the labels of the readout's sample, are averaged over the
    figures: an entry for each activation.
    """
    each = [_sample(gap) for (_, kind), gap in found.items() if kind == error]
    value = np.array([one.value for one in each])
    noise = np.array([one.standard_error for one in each])
    if error == "training_error":
        value, noise = value.mean(axis=0), np.sqrt((noise**2).sum(axis=0)) / len(each)
    fewest = min(float(np.min(one.degrees_of_freedom)) for one in each)
    return claims.estimate(value.ravel(), noise.ravel(), fewest)


def _sample(gap: xr.DataArray) -> claims.Estimate:
    ordered = gap.sel(activation=list(figures.ACTIVATIONS))
    return claims.sample(ordered.transpose("activation", "trial"))
