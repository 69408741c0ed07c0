"""The trained layer: what every measurement and every formula starts from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from .. import activations
from .._support import check
from .._support.arrays import Array, product
from ..activations import Activation
from ..hermite import GaussianFunction, OfActivation
from ..inputs import Labels, Mixture, scale
from .correlations import PreactivationLaw
from .drawing import Draw, Sample, draw, require_shared_draws
from .models import FeatureMap, Model
from .moments import Moments, generalization_errors, population_moments, preactivation_laws
from .problem import Problem
from .ridge import Readout, require_digits, ridge_regression
from .training import train


@dataclass(frozen=True)
class TrainedLayer:
    """A first layer, its activation, and the laws of the inputs and labels in front of it.

    Made by training (`train`), or from arrays of any origin.

    Attributes
    ----------
    F
        First-layer weights, shape (k, n): one neuron a row; finite, or refused.
    activation
        sigma.
    inputs, labels
        The law of x, and that of y given x.
    drawn
        The random objects of the trial that trained the layer, samples included; None if it came
        from elsewhere.

    Examples
    --------
    >>> from onestep.network import Problem, TrainedLayer
    >>> layer = TrainedLayer.train(Problem(n=40, m=50, k=30, activation="tanh"), seed=1)
    >>> layer.F.shape, layer.moments().M.shape
    ((30, 40), (30, 30))

    A layer of one's own, in front of the same inputs:

    >>> import numpy as np
    >>> F = np.random.default_rng(0).standard_normal((8, 40)) / 40**0.5
    >>> TrainedLayer(F, layer.activation, layer.inputs, layer.labels).k
    8
    """

    F: Array
    activation: Activation
    inputs: Mixture
    labels: Labels
    drawn: Draw | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.F.ndim != 2 or self.F.shape[1] != self.inputs.n or not self.F.size:
            raise ValueError(f"F has shape {self.F.shape}; (k, {self.inputs.n}), k >= 1, is needed")
        if not np.all(np.isfinite(self.F)):
            raise ValueError("F must be finite")

    @classmethod
    def train(
        cls,
        problem: Problem,
        trial: int = 0,
        seed: int = 0,
        *,
        test_size: int | None = None,
        inputs: Mixture | None = None,
    ) -> TrainedLayer:
        """Draw a trial of a problem and take its steps; arguments as for `onestep.simulate`.

        Trial t of `onestep.simulate` with this seed has the same layer.
        """
        [layer] = cls.train_each([problem], trial, seed, test_size=test_size, inputs=inputs)
        return layer

    @classmethod
    def train_each(
        cls,
        problems: Sequence[Problem],
        trial: int = 0,
        seed: int = 0,
        *,
        test_size: int | None = None,
        inputs: Mixture | None = None,
        student: int = 0,
        precision: str = "double",
    ) -> Iterator[TrainedLayer]:
        """Layers of problems that differ in activation, steps and readout only, from one draw.

        Other arguments are as for `train` and `onestep.simulate`; `student` says which of the
        networks that learn from the data of this trial. Problems that differ in more are refused.
        """
        require_shared_draws(problems)
        drawn = draw(problems[0], trial, seed, test_size, inputs, student, precision)
        for problem in problems:
            yield cls.of(problem, drawn)

    @classmethod
    def of(cls, problem: Problem, drawn: Draw) -> TrainedLayer:
        """The layer of a draw, after the steps of the problem: ``F^ = F + eta G`` after one."""
        activation = activations.get(problem.activation)
        F = train(
            drawn.weights,
            drawn.batches(problem),
            problem.step_sizes,
            activation,
            update=problem.update,
            decay=problem.decay,
            preactivations=drawn.step_preactivations,
        )
        return cls(F, activation, drawn.inputs, drawn.labels, drawn)

    @property
    def k(self) -> int:
        """Hidden width."""
        return int(self.F.shape[0])

    @property
    def draws(self) -> Draw:
        """What was drawn with the layer; a ValueError if it was not trained here."""
        if self.drawn is None:
            raise ValueError("layer has no draws: one that `train` made is needed")
        return self.drawn

    def preactivations(self, X: Array) -> Array:
        """``F X^T`` for inputs X of shape (size, n); shape (k, size)."""
        return product(self.F, X)

    def features(self, X: Array) -> Array:
        """``k^{-1/2} sigma(F X^T)``, shape (k, size)."""
        return np.asarray(self.activation(self.preactivations(X)) / np.sqrt(self.k))

    def feature_map(self, model: Model, degree: int) -> FeatureMap:
        """What a model puts in the place of the activation; `degree` if it names none."""
        return model.feature_map(self.activation, scale(self.inputs), degree)

    def laws(self) -> list[PreactivationLaw]:
        """Law of the preactivations in every cluster."""
        return preactivation_laws(self.F, self.inputs, self.labels)

    def moments(
        self, function: GaussianFunction | None = None, degree: int | None = None
    ) -> Moments:
        """Exact moments of the features ``k^{-1/2} function(F x)``; None takes the activation.

        With a `degree`, those of its polynomial model, in which every neuron has its own mean and
        scale in each cluster, and what the polynomial misses is independent noise.
        """
        f = OfActivation(self.activation) if function is None else function
        degree = None if degree is None else check.integer("degree", degree, 0)
        return population_moments(self.F, self.inputs, self.labels, f, degree)

    def generalization_errors(
        self, functions: Sequence[GaussianFunction], readouts: Sequence[Array]
    ) -> list[float]:
        """Exact ``(1/2) E ||y - w^T phi||^2`` of readouts (k, *outputs), one for every function."""
        return generalization_errors(self.F, self.inputs, self.labels, functions, readouts)

    def sample(self, size: int, rng: np.random.Generator) -> Sample:
        """Fresh inputs and labels."""
        X, cluster = self.inputs.sample(size, rng)
        return Sample(X, self.labels.sample(X, cluster, rng), cluster)

    def readout(self, sample: Sample, ridge: float) -> Readout:
        """The network's readout, fitted on a sample, with digits enough for its exact errors."""
        fit = ridge_regression(self.features(sample.X), sample.y, ridge)
        require_digits(ridge, fit.power)
        return fit
