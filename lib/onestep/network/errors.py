"""Errors of a readout, measured or predicted: one record, and one way to label many of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal

import numpy as np
import xarray as xr

Status = Literal["converged", "failed"]
"""Of a formula's solver."""


@dataclass(frozen=True)
class Errors:
    """Errors of one readout, on the scale of half a squared label.

    Attributes
    ----------
    training_error
        The paper's: the minimum of the objective, regulariser included.
    plain_training_error
        Half the mean squared residual on the readout's sample.
    generalization_error
        Half the mean squared residual on fresh inputs.
    accuracy
        Share of test inputs whose class is found; None without classes or without a test sample.

    Examples
    --------
    >>> errors = Errors(training_error=0.2, plain_training_error=0.1, generalization_error=0.3)
    >>> errors.training_error >= errors.plain_training_error, errors.accuracy
    (True, None)
    """

    training_error: float
    plain_training_error: float
    generalization_error: float
    accuracy: float | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class Prediction(Errors):
    """Errors by formula; NaN unless `status` is ``"converged"``.

    Attributes
    ----------
    kappa
        Effective ridge, on the scale of lambda.
    residual
        Relative error of the equation that was solved, at the solution.
    status
        ``"converged"`` if the residual is as small as the method demands.

    Examples
    --------
    >>> failed = Prediction.failed(kappa=0.1, residual=1e-3)
    >>> failed.status, failed.generalization_error
    ('failed', nan)
    """

    kappa: float
    residual: float
    status: Status

    @classmethod
    def failed(cls, kappa: float, residual: float) -> Prediction:
        """What a solver that did not converge answers."""
        return cls(math.nan, math.nan, math.nan, kappa, residual, "failed")


def to_dataset(
    rows: Sequence[Sequence[Errors]],
    dims: tuple[str, str],
    coords: Mapping[str, Any],
) -> xr.Dataset:
    """Label many records: one variable for each of their fields.

    Parameters
    ----------
    rows
        Records of one kind, at least one.
    dims
        Dimensions of rows and columns.
    coords
        Coordinates of the dimensions.

    Returns
    -------
    xarray.Dataset
        Without `Errors.accuracy` where no record has one.

    Examples
    --------
    >>> errors = [[Errors(0.1, 0.1, 0.2), Errors(0.1, 0.1, 0.3)]]
    >>> to_dataset(errors, ("trial", "model"), {"model": ["network", "hermite"]}).sizes["model"]
    2
    """
    found = {}
    for each in fields(rows[0][0]):
        values = [[getattr(record, each.name) for record in row] for row in rows]
        if values[0][0] is not None:
            found[each.name] = (dims, np.array(values))
    return xr.Dataset(found, coords=coords)
