"""Relative differences of simulated networks from the formulas, setting by setting.

Errors follow the mean square of the labels that happen to be drawn, whose expectation is known. So
means are taken by regression on it: without bias to leading order, at half the noise.
"""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pandas as pd
import xarray as xr

from ... import claims
from ...theory import predict
from ...theory.limit import coordinates
from .accuracy import KEY, LAYERS, LIMITS, SETTINGS
from .layer_readouts import VARIABLES


def differences(stored: xr.Dataset) -> pd.DataFrame:
    """Simulated over formula - 1 in every setting of `accuracy.STUDY`, for each error and method.

    Columns `accuracy.KEY`, its ``method`` one of `accuracy.LIMITS` in addition to those of the
    settings; ``error``; ``value`` and ``standard_error``; ``draws``, the number of readouts, or of
    layers for the limits.

    Examples
    --------
    >>> from onestep.studies import archive
    >>> hard = differences(archive.stored("accuracy")).iloc[-2:]
    >>> hard[["error", "value"]].round(3).values.tolist()
    [['training', -0.001], ['generalization', 0.005]]
    """
    found = []
    for setting in SETTINGS:
        simulated, total = LAYERS[setting.method]
        at = stored[list(VARIABLES)].sel(setting=setting.name).isel(layer=slice(total))
        formula = at.sel(draw=-1)
        ratios = at.sel(draw=slice(0, None)) / formula - 1
        drawn = {name: ratios[name][:simulated].values.ravel() for name in VARIABLES}
        special, key = coordinates(setting.problem), astuple(setting)
        layers = formula.power.values / special.labels.second_moment(special.inputs) - 1
        limits = {
            method: predict(setting.problem, method=method, models=["network"], guarded=False).isel(
                model=0, trial=0
            )
            for method in (LIMITS if setting.method == "equivalent" else ())
        }
        for error in ("training", "generalization"):
            one = claims.controlled(drawn[error], drawn["power"])
            size = drawn[error].size
            found.append((*key, error, float(one.value), float(one.standard_error), size))
            for method, limit in limits.items():
                over = formula[error].values / float(limit[f"{error}_error"])
                two = claims.controlled(over, layers)
                value = float(two.value) * (1 + float(one.value)) - 1
                noise = float(np.hypot(two.standard_error, one.standard_error))
                found.append((method, *key[1:], error, value, noise, total))
    return pd.DataFrame(found, columns=[*KEY, "error", "value", "standard_error", "draws"])
