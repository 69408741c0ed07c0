"""How far surrogates of the features are from the network, over settings, sizes and models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from ... import claims
from ...experiment import relative_difference

MODELS = ("conditional", "conditional, norm", "unconditional")
ERRORS = ("training_error", "generalization_error")

Point = tuple[str, str, int]
"""Activation, setting and size."""

Gaps = dict[tuple[str, str, int, str, str], xr.DataArray]
"""Differences over trials by `Point`, model and error."""


def gaps(results: Mapping[Point, xr.Dataset]) -> Gaps:
    """Surrogates minus network, relative, from `onestep.conditional_surrogate` at every point.

    The training error is corrected by the power of the labels that each readout saw, whose
    expectation is known.
    """
    found = {}
    for point, result in results.items():
        for model in MODELS:
            power, difference = result.label_power, relative_difference(result, model)
            luck = power.sel(model=model) - power.sel(model="network")
            found[*point, model, ERRORS[0]] = difference[ERRORS[0]] - luck
            found[*point, model, ERRORS[1]] = difference[ERRORS[1]]
    return found


def joint(
    found: Gaps, activations: Iterable[str], setting: str, n: int, model: str, error: str
) -> claims.Estimate:
    """One model's gaps: an entry for every activation, degrees of freedom of the fewest trials."""
    each = [claims.sample(found[a, setting, n, model, error].values) for a in activations]
    values, errors = [e.value for e in each], [e.standard_error for e in each]
    fewest = min(float(np.min(e.degrees_of_freedom)) for e in each)
    return claims.estimate(values, errors, fewest)


def rows(
    found: Gaps, points: Iterable[Point], minus: str = ""
) -> dict[tuple[str, str, int, str], claims.Estimate]:
    """Gaps of all `MODELS` by point and error; or of the second of them minus another."""
    table = {}
    for point in points:
        for error in ERRORS:
            each = [found[*point, model, error].values for model in MODELS]
            if minus:
                each = [each[1] - found[*point, minus, error].values]
            table[*point, error.split("_")[0]] = claims.sample(each)
    return table


def shape_margins(probability: float) -> dict[str, float]:
    """Skewness and excess kurtosis that change no probability by more, by Edgeworth's terms."""
    x = np.linspace(-5, 5, 10001)
    density = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    return {
        "skewness": probability * 6 / float(np.max(np.abs(x**2 - 1) * density)),
        "excess_kurtosis": probability * 24 / float(np.max(np.abs(x**3 - 3 * x) * density)),
    }


def shapes(
    fixed: Mapping[tuple[str, int], xr.Dataset], free: Mapping[str, xr.Dataset]
) -> pd.DataFrame:
    """Shape of the readout's projection: with coordinates fixed, by activation and layer; free."""
    found = {}
    for a, overall in free.items():
        layers = [each for (name, _), each in fixed.items() if name == a]
        for shape in ("skewness", "excess_kurtosis"):
            values = np.array([each[shape].sel(direction="readout") for each in layers])
            found[a, shape] = {
                "fixed: root mean square": np.sqrt(np.mean(values**2)),
                "largest": np.abs(values).max(),
                "all inputs": float(overall[shape].sel(direction="readout")[0]),
            }
    return pd.DataFrame(found).T


def shape(layers: Sequence[xr.Dataset], name: str, direction: str, draws: int) -> claims.Estimate:
    """Skewness or excess kurtosis of a projection, an entry for every layer and input."""
    value, error = (
        [each[field].sel(direction=direction) for each in layers]
        for field in (name, f"{name}_error")
    )
    return claims.estimate(value, error, draws - 1)
