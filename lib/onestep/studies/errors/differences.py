"""Relative differences of simulated networks from the formulas, setting by setting.

Errors follow the mean square of the labels that happen to be drawn, whose expectation is known. So
means are taken by regression on it: without bias to leading order, at half the noise.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ... import claims
from ...theory import predict
from ...theory.limit import coordinates
from .accuracy import COLUMNS, LIMITS, Setting


def differences(table: pd.DataFrame) -> pd.DataFrame:
    """Relative differences of simulated networks from the formulas, setting by setting.

    Parameters
    ----------
    table
        As from `accuracy.stored`, or rows of `accuracy.measure`.

    Returns
    -------
    pandas.DataFrame
        Columns of `Setting` with the ``method`` of the comparison, which is one of `LIMITS` in
        addition to those of the settings; ``error``, ``"training"`` or ``"generalization"``;
        ``value``, simulated over formula - 1, its ``standard_error``, and ``draws``, the number of
        readouts (of layers, for the limits).

    Examples
    --------
    >>> from onestep.studies.errors import accuracy
    >>> hard = accuracy.stored().query("method == 'conditional' and beta < 1")
    >>> differences(hard)[["error", "value"]].round(3).values.tolist()
    [['training', -0.001], ['generalization', 0.005]]
    """
    found = []
    for key, rows in table.groupby(list(COLUMNS[:5]), sort=False):
        setting = Setting(*key)
        formula = rows[rows["draw"] < 0].set_index("layer")
        drawn = rows[rows["draw"] >= 0]
        own = formula.loc[drawn["layer"]]
        sampled = drawn["power"].to_numpy() / own["power"].to_numpy() - 1
        at = coordinates(setting.problem)
        layers = formula["power"].to_numpy() / at.labels.second_moment(at.inputs) - 1
        limits = {
            method: predict(setting.problem, method=method, models=["network"], guarded=False).isel(
                model=0, trial=0
            )
            for method in (LIMITS if setting.method == "equivalent" else ())
        }
        for error in ("training", "generalization"):
            ratio = drawn[error].to_numpy() / own[error].to_numpy() - 1
            one = claims.controlled(ratio, sampled)
            found.append((*key, error, float(one.value), float(one.standard_error), len(ratio)))
            for method, limit in limits.items():
                over = formula[error].to_numpy() / float(limit[f"{error}_error"])
                two = claims.controlled(over, layers)
                value = float(two.value) * (1 + float(one.value)) - 1
                noise = float(np.hypot(two.standard_error, one.standard_error))
                found.append((method, *key[1:], error, value, noise, len(formula)))
    columns = [*COLUMNS[:5], "error", "value", "standard_error", "draws"]
    return pd.DataFrame(found, columns=columns)
