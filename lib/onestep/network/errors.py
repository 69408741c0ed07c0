"""Errors of a readout, measured or predicted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Errors:
    """Errors of one readout, on the scale of half a squared label.

    Attributes
    ----------
    training, generalization
        The paper's two figures; the training error includes the regulariser.
    plain_training
        Half the mean squared residual on the readout's sample.
    accuracy
        Share of test inputs whose class is found; None without classes or without a test sample.
    """

    training: float
    plain_training: float
    generalization: float
    accuracy: float | None


Status = Literal["converged", "failed"]


@dataclass(frozen=True)
class Equivalent:
    """Predicted errors of one ridge regression.

    Attributes
    ----------
    training_error, plain_training_error, generalization_error
        Training error with and without the regulariser, and generalization error, on the scale of
        half a squared label; NaN unless `status` is ``"converged"``.
    kappa
        Effective ridge.
    residual
        ``|kappa (1 - df1/m) - lambda| / kappa`` at the solution: the relative error of kappa, as
        the left side has a slope of order 1.
    status
        ``"converged"`` if the residual is at most 1e-12.
    """

    training_error: float
    plain_training_error: float
    generalization_error: float
    kappa: float
    residual: float
    status: Status
