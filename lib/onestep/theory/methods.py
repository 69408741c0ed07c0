"""The methods of `onestep.predict`, by name: what makes a solver of a problem.

A new method is a file with a `Solver` and one line in `METHODS`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from .. import activations
from .._support import check
from ..inputs import Mixture, scale
from ..network import (
    FeatureMap,
    Model,
    Prediction,
    Problem,
    TrainedLayer,
    is_ridge_regression,
    require_digits,
)
from .any_spectrum import SpectrumLimit, TrainedRows
from .conditional import ConditionalFeatures
from .convex_equivalent import ConvexEquivalent
from .domain import DOMAINS, Conditions, Domain
from .equivalent import Spectrum
from .limit import (
    Averaged,
    AveragedFeatures,
    ConditionalLimit,
    Coordinates,
    Limit,
    Solver,
    convex_limit,
    coordinates,
    overlap_signs,
)


@dataclass(frozen=True)
class GivenTheLayer:
    """A method that is given the trained layer, and averages over the readout's sample.

    Attributes
    ----------
    make
        Makes the solver of a layer and of what a model puts in the place of its activation.
    domain, convex_domain
        Where the method holds, and where it does for a loss and an intercept.
    convex
        Makes the solver of these; None: only the square loss is known.

    Examples
    --------
    >>> from onestep.network import Network
    >>> [solver] = METHODS["equivalent"].solvers(Problem(n=60, m=80, k=60), [Network()], 1, 0, 0)
    >>> solver.errors(m=80, ridge=1e-2).status
    'converged'
    """

    make: Callable[[TrainedLayer, FeatureMap], Solver]
    domain: Domain
    convex_domain: Domain
    convex: Callable[..., Solver] | None = None

    def solvers(
        self,
        problem: Problem,
        models: Sequence[Model],
        degree: int,
        trial: int,
        seed: int,
        inputs: Mixture | None = None,
    ) -> list[Guarded]:
        """One solver for each model behind the layer of a trial; arguments as for `predict`."""
        layer = TrainedLayer.train(problem, trial, seed, inputs=inputs)
        maps = [layer.feature_map(model, degree) for model in models]
        return [self.behind(layer, each, problem.loss, problem.intercept) for each in maps]

    def behind(
        self,
        layer: TrainedLayer,
        features: FeatureMap,
        loss: str = "square",
        intercept: bool = False,
    ) -> Guarded:
        """The solver of a readout behind a layer of any origin.

        Raises
        ------
        ValueError
            If the method knows the square loss only, and another or an intercept is asked of it.
        """
        make = _for_loss(loss, intercept, self.make, self.convex)
        return Guarded(
            functools.partial(make, layer, features),
            self.domain if is_ridge_regression(loss, intercept) else self.convex_domain,
            Conditions.of_layer(layer, features),
        )


@dataclass(frozen=True)
class InTheLimit:
    """A method for the limit of large n: nothing is drawn.

    Attributes
    ----------
    make
        Makes the solver from the special coordinates, the width, and a model's features.
    domain, convex_domain, convex
        As for `GivenTheLayer`.
    given
        Makes the solver from rows trained in front of given inputs, and features; None: the method
        takes no inputs.

    Examples
    --------
    >>> from onestep.network import Network
    >>> [solver] = METHODS["scalar"].solvers(Problem(n=100, m=100, k=100), [Network()], 1)
    >>> solver.errors(m=50, ridge=1e-2).status
    'converged'
    """

    make: Callable[[Coordinates, int, FeatureMap], Solver]
    domain: Domain
    convex_domain: Domain
    convex: Callable[..., Solver] | None = None
    given: Callable[[TrainedRows, FeatureMap], Solver] | None = None

    def solvers(
        self,
        problem: Problem,
        models: Sequence[Model],
        degree: int,
        trial: int = 0,
        seed: int = 0,
        inputs: Mixture | None = None,
    ) -> list[Guarded]:
        """One solver for each model; what tells trials apart does not enter."""
        if inputs is not None:
            return self._of_given(problem, models, degree, inputs)
        make = _for_loss(problem.loss, problem.intercept, self.make, self.convex)
        square = is_ridge_regression(problem.loss, problem.intercept)
        activation = activations.get(problem.activation)
        points = [coordinates(problem, signs.tolist()) for signs in overlap_signs(problem)]
        maps = [model.feature_map(activation, problem.scale, degree) for model in models]
        return [
            Guarded(
                functools.partial(Averaged.of, make, points, problem.k, features),
                self.domain if square else self.convex_domain,
                Conditions.of_limit(points[0], problem.k, features),
            )
            for features in maps
        ]

    def _of_given(
        self, problem: Problem, models: Sequence[Model], degree: int, inputs: Mixture
    ) -> list[Guarded]:
        """They average over inputs as `"equivalent"` does, and hold where it does."""
        if self.given is None:
            raise ValueError("inputs must be None: this method knows spikes that the problem names")
        _for_loss(problem.loss, problem.intercept, self.make, None)
        trained = TrainedRows.of(problem, inputs)
        maps = [model.feature_map(trained.activation, scale(inputs), degree) for model in models]
        return [
            Guarded(
                functools.partial(self.given, trained, features),
                DOMAINS["equivalent"][0],
                Conditions.of_layer(trained.layer, features),
            )
            for features in maps
        ]


def _for_loss(
    loss: str, intercept: bool, make: Callable[..., Solver], convex: Callable[..., Solver] | None
) -> Callable[..., Solver]:
    """What makes the solver of a loss; ValueError if the method has none."""
    if is_ridge_regression(loss, intercept):
        return make
    if convex is None:
        raise ValueError(
            f"loss = {loss!r} and intercept = {intercept!r} are not allowed: this method covers "
            "the square loss without intercept"
        )
    return functools.partial(convex, loss=loss, intercept=intercept)


@dataclass(frozen=True)
class Guarded:
    """A solver that is asked only where its method holds, and says where it does not.

    Attributes
    ----------
    make
        Makes the solver, when it is first asked.
    domain, conditions
        Where the method holds, and what is found here.

    Examples
    --------
    >>> from onestep.network import Network
    >>> far = Problem(n=100, m=100, k=100, spread=5000.0)
    >>> [solver] = METHODS["scalar"].solvers(far, [Network()], 1)
    >>> solver.errors(m=100, ridge=1e-2).status
    'out of range'
    """

    make: Callable[[], Solver]
    domain: Domain
    conditions: Conditions

    @functools.cached_property
    def solver(self) -> Solver:
        """The solver itself, which answers everywhere."""
        return self.make()

    def errors(self, m: int, ridge: float, guarded: bool = True) -> Prediction:
        """Errors, or the reason why there are none; not `guarded`, both."""
        check.integer("m", m, 1)
        require_digits(ridge, self.conditions.power)
        conditions = self.conditions.asked(m)
        reason = self.domain.exceeded(asdict(conditions))
        if reason and guarded:
            return conditions.told(Prediction.unasked(reason), ridge)
        found = conditions.told(self.solver.errors(m, ridge), ridge)
        after = {name: getattr(found, name) for name in _AFTERWARDS}
        reason = reason or self.domain.exceeded(after)
        if found.status != "converged" or not reason:
            return found
        if guarded:
            return found.out_of_range(reason)
        return replace(found, status="out of range", reason=reason)


_AFTERWARDS = ("left", "weight_scatter", "label_weight")  # what only the solution tells

METHODS: Mapping[str, GivenTheLayer | InTheLimit] = {
    "equivalent": GivenTheLayer(
        Spectrum.of, *DOMAINS["equivalent"], convex=ConvexEquivalent.by_class
    ),
    "conditional": GivenTheLayer(
        ConditionalFeatures.of,
        *DOMAINS["conditional"],
        convex=ConvexEquivalent.given_coordinates,
    ),
    "scalar": InTheLimit(
        Limit.of,
        *DOMAINS["scalar"],
        convex=functools.partial(convex_limit, law=AveragedFeatures),
        given=SpectrumLimit.of,
    ),
    "scalar-conditional": InTheLimit(
        ConditionalLimit.of, *DOMAINS["scalar-conditional"], convex=convex_limit
    ),
}
"""Methods of `onestep.predict`, each with the domain in which it was found to be right."""


def known_method(name: str) -> str:
    """The name of a method; ValueError if there is none, with what took a retired one's place."""
    if isinstance(name, str) and name == "kernel":
        raise ValueError(
            "method = 'kernel' is not allowed: it is retired, 'scalar' is the same limit with a "
            "bulk for each kind of neuron"
        )
    return check.choice("method", name, METHODS)
