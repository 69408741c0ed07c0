"""The methods of `onestep.predict`, by name: what makes a solver of a problem.

A new method is a file with a `Solver` and one line in `METHODS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from .. import activations
from ..inputs import Mixture
from ..network import FeatureMap, Model, Prediction, Problem, TrainedLayer
from .conditional import ConditionalFeatures
from .equivalent import Spectrum
from .limit import (
    ConditionalLimit,
    Coordinates,
    KernelLimit,
    Limit,
    coordinates,
    overlap_signs,
)


class Solver(Protocol):
    """What predicts the errors of one readout, at any ridge and number of samples.

    Examples
    --------
    >>> solver: Solver = Spectrum(TrainedLayer.train(Problem(n=40, m=50, k=30)).moments())
    >>> solver.errors(m=50, ridge=1e-2).status
    'converged'
    """

    def errors(self, m: int, ridge: float) -> Prediction:
        """Errors of ridge regression on m samples at ``ridge`` = lambda > 0."""


@dataclass(frozen=True)
class GivenTheLayer:
    """A method that is given the trained layer, and averages over the readout's sample.

    Attributes
    ----------
    make
        Makes the solver of a layer and of what a model puts in the place of its activation.

    Examples
    --------
    >>> from onestep.network import Network
    >>> [solver] = METHODS["equivalent"].solvers(Problem(n=40, m=50, k=30), [Network()], 1, 0, 0)
    >>> solver.errors(m=50, ridge=1e-2).status
    'converged'
    """

    make: Callable[[TrainedLayer, FeatureMap], Solver]

    def solvers(
        self,
        problem: Problem,
        models: Sequence[Model],
        degree: int,
        trial: int,
        seed: int,
        inputs: Mixture | None = None,
    ) -> list[Solver]:
        """One solver for each model behind the layer of a trial; arguments as for `predict`."""
        layer = TrainedLayer.train(problem, trial, seed, inputs=inputs)
        return [self.make(layer, layer.feature_map(model, degree)) for model in models]


@dataclass(frozen=True)
class InTheLimit:
    """A method for the limit of large n: nothing is drawn.

    Attributes
    ----------
    make
        Makes the solver from the special coordinates, the width, and a model's features.

    Examples
    --------
    >>> from onestep.network import Network
    >>> [solver] = METHODS["scalar"].solvers(Problem(n=100, m=100, k=100), [Network()], 1)
    >>> solver.errors(m=50, ridge=1e-2).status
    'converged'
    """

    make: Callable[[Coordinates, int, FeatureMap], Solver]

    def solvers(
        self,
        problem: Problem,
        models: Sequence[Model],
        degree: int,
        trial: int = 0,
        seed: int = 0,
        inputs: Mixture | None = None,
    ) -> list[Solver]:
        """One solver for each model; what tells trials apart does not enter."""
        activation = activations.get(problem.activation)
        points = [coordinates(problem, signs) for signs in overlap_signs(problem)]
        maps = [model.feature_map(activation, problem.scale, degree) for model in models]
        return [
            Averaged([self.make(at, problem.k, features) for at in points]) for features in maps
        ]


@dataclass(frozen=True)
class Averaged:
    """The mean of equally likely solvers.

    Examples
    --------
    >>> from onestep.network import Network
    >>> problem = Problem(n=100, m=100, k=100, alignment=0.5)  # xi meets the spikes in two ways
    >>> [solver] = METHODS["scalar"].solvers(problem, [Network()], 1)
    >>> len(solver.parts)
    2
    """

    parts: Sequence[Solver]

    def errors(self, m: int, ridge: float) -> Prediction:
        """Mean errors; the largest residual, and the status of those that did not converge."""
        found = [part.errors(m, ridge) for part in self.parts]
        worst = max(found, key=lambda each: each.residual)

        def mean(name: str) -> float:
            return float(np.mean([getattr(each, name) for each in found]))

        return replace(
            worst,
            training_error=mean("training_error"),
            plain_training_error=mean("plain_training_error"),
            generalization_error=mean("generalization_error"),
            kappa=mean("kappa"),
        )


METHODS: Mapping[str, GivenTheLayer | InTheLimit] = {
    "equivalent": GivenTheLayer(Spectrum.of),
    "conditional": GivenTheLayer(ConditionalFeatures.of),
    "scalar": InTheLimit(Limit.of),
    "scalar-conditional": InTheLimit(ConditionalLimit.of),
    "kernel": InTheLimit(KernelLimit.of),
}
"""Methods of `onestep.predict`."""
