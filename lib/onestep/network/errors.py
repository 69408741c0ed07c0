"""Errors of a readout, measured or predicted: one record, and one way to label many of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

import numpy as np
import xarray as xr

Status = Literal["converged", "failed", "out of range"]
"""Of a formula: right, not solved, or asked beyond what it was derived for."""


@dataclass(frozen=True)
class Errors:
    """Errors of one readout, on the scale of half a squared label, or of another loss.

    Attributes
    ----------
    training_error
        The paper's: the minimum of the objective, regulariser included.
    plain_training_error, generalization_error
        Half the mean squared residual, or the mean loss, on the readout's sample and on fresh
        inputs.
    accuracy
        Share of test inputs whose class, or sign, is found; None without classes or test sample.
    label_excess
        Mean square of the labels in the readout's sample over its expectation, less 1: a control
        variate of mean 0 for the training errors (`onestep.claims.controlled`); None for a formula.

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
    label_excess: float | None = field(default=None, kw_only=True)


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
        ``"converged"`` if the residual is as small as the method demands, and what the method
        assumes holds; ``"out of range"`` if it does not.
    reason
        Why the status is not ``"converged"``; else empty.
    left
        ``m - df2``: samples that are left beyond the degrees of freedom which the readout uses.
    tail, scatter, coordinate_share, unevenness, label_tail, label_covariance, stretch, squares
        `onestep.theory.Conditions`: what the method's assumptions rest on.
    weight_scatter
        How much one over the weight of a sample scatters between inputs, relatively: measured by
        `"equivalent"`, else estimated as ``scatter (1 - lambda / kappa)``.
    label_weight
        How much less large labels weigh: ``label_covariance (1 - lambda / kappa) label_tail / 3``.

    Examples
    --------
    >>> failed = Prediction.failed(kappa=0.1, residual=1e-3)
    >>> failed.status, failed.generalization_error, failed.reason
    ('failed', nan, 'the equation was solved to 1.0e-03 only')
    """

    kappa: float
    residual: float
    status: Status = "converged"
    reason: str = ""
    left: float = math.nan
    tail: float = math.nan
    scatter: float = math.nan
    coordinate_share: float = math.nan
    unevenness: float = math.nan
    label_tail: float = math.nan
    label_covariance: float = math.nan
    stretch: float = math.nan
    squares: float = math.nan
    weight_scatter: float = math.nan
    label_weight: float = math.nan

    @classmethod
    def failed(cls, kappa: float, residual: float) -> Prediction:
        """What a solver that did not converge answers."""
        reason = f"the equation was solved to {residual:.1e} only"
        return cls(math.nan, math.nan, math.nan, kappa, residual, "failed", reason)

    @classmethod
    def unasked(cls, reason: str) -> Prediction:
        """What is answered out of range, where nothing was solved."""
        nan = math.nan
        return cls(nan, nan, nan, nan, nan, "out of range", reason)

    @classmethod
    def solved(
        cls,
        training: float,
        plain: float,
        generalization: float,
        *,
        kappa: float,
        residual: float,
        left: float,
        weight_scatter: float = math.nan,
    ) -> Prediction:
        """What a solver that converged answers: no error is negative."""
        errors = cls(
            training, plain, generalization, kappa, residual, left=left,
            weight_scatter=weight_scatter,
        )  # fmt: skip
        for name in ("training_error", "plain_training_error", "generalization_error"):
            value = getattr(errors, name)
            if not 0 <= value < math.inf:
                return errors.out_of_range(
                    f"{name} would be {value:.4g}: terms cancel beyond the digits"
                )
        return errors

    def out_of_range(self, reason: str) -> Prediction:
        """The same without its errors, for a reason."""
        return replace(
            self,
            training_error=math.nan,
            plain_training_error=math.nan,
            generalization_error=math.nan,
            accuracy=None if self.accuracy is None else math.nan,
            status="out of range",
            reason=reason,
        )


def to_dataset(
    rows: Sequence[Sequence[Errors]],
    dims: tuple[str, str],
    coords: Mapping[str, Any],
) -> xr.Dataset:
    """Label many records of one kind: a variable for each of their fields that some record has."""
    found = {}
    for each in fields(rows[0][0]):
        values = [[getattr(record, each.name) for record in row] for row in rows]
        if any(value is not None for row in values for value in row):
            nothing = [[math.nan if value is None else value for value in row] for row in values]
            found[each.name] = (dims, np.array(nothing))
    return xr.Dataset(found, coords=coords)
