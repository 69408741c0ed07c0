"""The errors of a network as a function of what can be chosen: ridge, step, spread, width, samples.

Values that shape the trained layer cost a new solver; the ridge and the number of samples cost
nothing, for a solver answers at any of them.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from .._support import check
from ..degrees import default_degree
from ..network import Model, Prediction, Problem, TrainedLayer, draw, resolve
from .limit import TooLarge
from .methods import METHODS, GivenTheLayer, Guarded

CHOICES = ("ridge", "step", "spread", "width", "samples")
"""What a `Landscape` is a function of; the last two are whole numbers."""

WHOLE = ("width", "samples")

_KEPT = 16  # solvers, the last ones asked


@dataclass(frozen=True)
class Landscape:
    """Errors by formula of one problem, at other values of what can be chosen in it.

    Attributes
    ----------
    problem
        The setting; values that are not given are its own. Of several steps, all have one size
        where ``step`` is given. ``samples`` are the readout's; the step keeps its own.
    method, model, trial, seed
        As for `onestep.readout_curves`. A method that is given the trained layer draws one trial
        with the generators of `problem`, so that errors are a smooth function of step and spread;
        its width cannot be chosen.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> from onestep import Problem
    >>> landscape = Landscape(Problem(n=60, m=80, k=60))
    >>> few, many = (landscape.errors({"samples": m, "ridge": 1e-2}) for m in (80, 800))
    >>> few.generalization_error > many.generalization_error
    True
    """

    problem: Problem
    method: str = "scalar"
    model: str | Model = "network"
    trial: int = 0
    seed: int = 0
    _solver: functools._lru_cache_wrapper[Guarded] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check.instance("problem", self.problem, Problem)
        check.keep(
            self,
            method=check.choice("method", self.method, METHODS),
            model=resolve(self.model),
            trial=check.integer("trial", self.trial, 0),
            seed=check.integer("seed", self.seed, 0),
            _solver=functools.lru_cache(maxsize=_KEPT)(self._new_solver),
        )

    def given(self, name: str) -> float:
        """The problem's own value of a choice.

        Examples
        --------
        >>> Landscape(Problem(k=300)).given("width")
        300.0
        """
        problem = self.problem
        own = (problem.ridge, problem.eta, problem.theta, problem.k, problem.m)
        return float(dict(zip(CHOICES, own, strict=True))[name])

    def errors(self, values: Mapping[str, float], *, guarded: bool = True) -> Prediction:
        """Errors at values by name, one of `CHOICES`; `guarded` as for `onestep.predict`.

        Where a quadrature would be too large, the status is ``"out of range"``.
        """
        if values:
            choices("values", list(values), self.method)
        ridge = values.get("ridge", self.problem.ridge)
        samples = values.get("samples", self.problem.m)
        shape = {name: values[name] for name in values if name not in ("ridge", "samples")}
        samples = check.integer("samples", samples, 1, floats=True)
        try:
            return self._solver(*sorted(shape.items())).errors(samples, ridge, guarded)
        except TooLarge as error:
            return Prediction.unasked(str(error))

    def _new_solver(self, *shape: tuple[str, float]) -> Guarded:
        given, fields = self.problem, dict(shape)
        if "width" in fields:
            fields["k"] = check.integer("width", fields.pop("width"), 1, floats=True)
        problem = replace(given, **fields)  # type: ignore[arg-type]
        degree, way = default_degree(given), METHODS[self.method]
        model = resolve(self.model)
        if not isinstance(way, GivenTheLayer):
            [solver] = way.solvers(problem, [model], degree)
            return solver
        drawn = draw(problem, self.trial, self.seed, generators=given)
        layer = TrainedLayer.of(problem, drawn)
        features = layer.feature_map(model, degree)
        return way.behind(layer, features, problem.loss, problem.intercept)


def choices(name: str, values: Sequence[str], method: str) -> tuple[str, ...]:
    """Different names of `CHOICES`, refused where the method has no such choice.

    Examples
    --------
    >>> choices("over", ["width"], "equivalent")
    Traceback (most recent call last):
        ...
    ValueError: over = ['width'] is not allowed with method = 'equivalent': a drawn layer has the \
width it has; the methods of the limit draw none
    """
    method = check.choice("method", method, METHODS)
    if isinstance(values, str) or not values or len(set(values)) < len(values):
        raise ValueError(f"{name} = {values!r} is not allowed: different names are needed")
    for each in values:
        check.choice(name, each, CHOICES)
    if "width" in values and isinstance(METHODS[method], GivenTheLayer):
        raise ValueError(
            f"{name} = {values!r} is not allowed with method = {method!r}: a drawn layer has the "
            "width it has; the methods of the limit draw none"
        )
    return tuple(values)
