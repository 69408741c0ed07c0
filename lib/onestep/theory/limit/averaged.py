"""The mean over equally likely special coordinates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from ...network import FeatureMap, Prediction
from .special_coordinates import Coordinates


class Solver(Protocol):
    """What predicts the errors of one readout, at any ridge and number of samples.

    Examples
    --------
    >>> from onestep.network import Problem, TrainedLayer
    >>> from onestep.theory import Spectrum
    >>> solver: Solver = Spectrum(TrainedLayer.train(Problem(n=40, m=50, k=30)).moments())
    >>> solver.errors(m=50, ridge=1e-2).status
    'converged'
    """

    def errors(self, m: int, ridge: float) -> Prediction:
        """Errors of ridge regression on m samples at ``ridge`` = lambda > 0."""


@dataclass(frozen=True)
class Averaged:
    """The mean of equally likely solvers.

    Examples
    --------
    >>> from onestep import Problem
    >>> from onestep.network import Network
    >>> from onestep.theory import METHODS
    >>> problem = Problem(n=100, m=100, k=100, alignment=0.5)  # xi meets the spikes in two ways
    >>> [solver] = METHODS["scalar"].solvers(problem, [Network()], 1)
    >>> len(solver.solver.parts)
    2
    """

    parts: Sequence[Solver]

    @classmethod
    def of(
        cls,
        make: Callable[[Coordinates, int, FeatureMap], Solver],
        points: Sequence[Coordinates],
        k: int,
        features: FeatureMap,
    ) -> Averaged:
        """Solvers at equally likely special coordinates; other arguments as for `InTheLimit`."""
        return cls([make(each, k, features) for each in points])

    def errors(self, m: int, ridge: float) -> Prediction:
        """Mean errors; residual and status are those of the worst."""
        found = [part.errors(m, ridge) for part in self.parts]
        names = ("training_error", "plain_training_error", "generalization_error", "kappa", "left")
        worst = max(found, key=lambda each: (each.status != "converged", each.residual))
        means: dict[str, Any] = {
            name: float(np.mean([getattr(each, name) for each in found])) for name in names
        }
        accuracies = [part.accuracy for part in found if part.accuracy is not None]
        accuracy = float(np.mean(accuracies)) if accuracies else None
        return replace(worst, accuracy=accuracy, **means)
