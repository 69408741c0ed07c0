"""A reader's own network and data: errors of a readout, measured and by formula."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr

from .. import activations
from .._support import check, streams
from .._support.arrays import Array
from .._support.cores import side_by_side
from ..activations import Activation
from ..inputs import Classes, EmpiricalMixture, Labels, Linear, Mixture
from ..network import (
    LOSSES,
    MODELS,
    TEST_SHARE,
    Model,
    Moments,
    Prediction,
    Sample,
    TrainedLayer,
    against_the_rest,
    fit_readout,
    initialise,
    is_ridge_regression,
    require_digits,
    resolve,
    train,
)
from ..theory import METHODS, GivenTheLayer, Guarded, Spectrum

SOURCES = ("data", "gaussians")
"""Whence `OwnNetwork.simulate` takes its samples: the data, or Gaussians with their moments."""


@dataclass(frozen=True)
class OwnNetwork:
    """First-layer weights and an activation in front of a data set, or of a mixture.

    Attributes
    ----------
    weights
        F, shape (k, n), finite: trained in any way, on other data than these.
    activation
        Name, expression, or `onestep.activations.Activation`.
    data
        An `onestep.inputs.EmpiricalMixture`, or a mixture of Gaussians.
    labels
        The law of the labels; None takes those of the data, and must for an `EmpiricalMixture`. Of
        labels that are numbers, the formula and Gaussians know the linear regression on the inputs
        (`EmpiricalMixture.labels`).

    Examples
    --------
    >>> from onestep.inputs import EmpiricalMixture, read
    >>> digits = EmpiricalMixture.of(read("digits", drop_constant=True)).standardised()
    >>> F = np.random.default_rng(0).standard_normal((40, digits.n)) / digits.n**0.5
    >>> own = OwnNetwork(F, "tanh", digits)
    >>> formula = own.predict(samples=200, ridge=1e-2, guarded=False)
    >>> measured = own.simulate(samples=200, ridge=1e-2, trials=4, source="gaussians")
    >>> bool(abs(formula.generalization_error / measured.generalization_error.mean() - 1) < 0.05)
    True
    """

    weights: Array
    activation: str | Activation
    data: EmpiricalMixture | Mixture
    labels: Labels | None = None
    _solvers: dict[Any, Guarded] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not hasattr(self.data, "weights"):
            raise ValueError(
                f"data = {self.data!r} is not allowed: an EmpiricalMixture or a mixture is needed"
            )
        if isinstance(self.data, EmpiricalMixture) and self.labels is not None:
            raise ValueError(
                f"labels = {self.labels!r} are not allowed with data that have their own"
            )
        check.keep(self, weights=np.asarray(self.weights, dtype=float))
        self.layer  # noqa: B018 - what is wrong with the weights is told now

    @classmethod
    def train(
        cls,
        data: EmpiricalMixture,
        activation: str | Activation,
        *,
        width: int,
        samples: int,
        step: float,
        seed: int = 0,
    ) -> OwnNetwork:
        """A network after one gradient step on a sample of the data, in front of the others.

        Parameters
        ----------
        data
            The data set; the sample of the step is taken away from it.
        activation
            As above.
        width, samples
            k, and the size of the step's sample.
        step
            eta >= 0; 0 leaves the random weights as they are.
        seed
            Root seed, >= 0.
        """
        width = check.integer("width", width, 1)
        step = check.magnitude("step", step)
        rng = streams.generator("own network", check.integer("seed", seed, 0), width)
        (X, y), rest = data.split(samples, rng)
        sigma = activations.get(activation) if isinstance(activation, str) else activation
        trace = float(data.weights @ data.traces)
        start = initialise(width, data.n, trace, rng, data.labels.outputs)
        return cls(train(start, [(X, data.told(y)[0])], [step], sigma), sigma, rest)

    @cached_property
    def layer(self) -> TrainedLayer:
        """The layer in front of Gaussians with the moments of the data."""
        name, data = self.activation, self.data
        sigma = activations.get(name) if isinstance(name, str) else name
        if isinstance(data, EmpiricalMixture):
            return TrainedLayer(self.weights, sigma, data.gaussian, data.labels)
        return TrainedLayer(self.weights, sigma, data, self.labels or Classes(len(data.weights)))

    @cached_property
    def moments(self) -> Moments:
        """Exact moments of the features, and of their labels."""
        return self.layer.moments()

    def predict(
        self,
        samples: int,
        ridge: float,
        loss: str = "square",
        *,
        intercept: bool = False,
        method: str = "equivalent",
        model: str | Model = "network",
        guarded: bool = True,
    ) -> Prediction:
        """Errors of a readout that is trained on so many samples, by formula.

        Parameters
        ----------
        samples, ridge
            m >= 1, and lambda > 0.
        loss, intercept
            As of a `onestep.Problem`.
        method, model
            ``"equivalent"`` or ``"conditional"``, as for `onestep.predict`; and what stands in the
            place of the activation.
        guarded
            False keeps the errors where the formula is out of its range.
        """
        loss = self._loss(loss)
        ways = {name: way for name, way in METHODS.items() if isinstance(way, GivenTheLayer)}
        way, model = ways[check.choice("method", method, ways)], resolve(model)
        key = (method, loss, intercept, model)
        if key not in self._solvers:
            layer = self.layer
            features = layer.feature_map(model, 0)
            solver = way.behind(layer, features, loss, intercept)
            if key == ("equivalent", "square", False, MODELS["network"]):  # moments that are here
                solver = replace(solver, make=lambda: Spectrum.of(layer, features, self.moments))
            self._solvers[key] = solver
        return self._solvers[key].errors(samples, ridge, guarded)

    def polynomial(self, samples: int, ridge: float, degree: int) -> Prediction:
        """`predict` for the polynomial model of which each neuron has its own scale in each class.

        Its moments are exact: `onestep.network.TrainedLayer.moments`. It knows the class of an
        input, so it is a law like that of the network, and no network.
        """
        return Spectrum(self.layer.moments(degree=degree)).errors(samples, ridge)

    def simulate(
        self,
        samples: int,
        ridge: float,
        loss: str = "square",
        *,
        intercept: bool = False,
        trials: int = 10,
        seed: int = 0,
        source: str = "data",
    ) -> xr.Dataset:
        """Errors of readouts that are trained on so many samples, measured.

        Parameters
        ----------
        samples, ridge, loss, intercept
            As for `predict`.
        trials, seed
            Readouts, >= 1, each on a sample of its own; and root seed, >= 0: trial t depends on
            nothing else, so networks in front of the same data see the same samples.
        source
            One of `SOURCES`: with ``"data"``, no input occurs twice in a trial, and some must be
            left.

        Returns
        -------
        xarray.Dataset
            ``training_error``, ``plain_training_error``, ``generalization_error`` and, of classes,
            ``accuracy``, dimension (trial), and ``class_error``, (trial, class). On Gaussians the
            generalization error of the square loss is exact; all else is measured on as many
            inputs as are left, at most 5 m.
        """
        samples = check.integer("samples", samples, 1)
        trials = check.integer("trials", trials, 1)
        source = check.choice("source", source, SOURCES)
        loss, data = self._loss(loss), self.data
        if source == "data":
            if not isinstance(data, EmpiricalMixture):
                raise ValueError("source = 'data' is not allowed: the network has a mixture only")
            if len(data.y) <= samples:
                raise ValueError(
                    f"samples = {samples} is not allowed: of {len(data.y)} inputs some must be "
                    "left to test with"
                )
        key = ("own", source, check.integer("seed", seed, 0))

        def one(trial: int) -> dict[str, float | Array]:
            return self._trial(
                samples, ridge, loss, intercept, streams.generator(*key, trial), source
            )

        found = side_by_side(one, range(trials), 8.0 * self.layer.k * samples * 8)
        return xr.Dataset(
            {
                name: (
                    ("trial", "class") if name == "class_error" else "trial",
                    np.array([each[name] for each in found]),
                )
                for name in found[0]
            },
            coords={"trial": np.arange(trials)},
        )

    @property
    def empirical(self) -> EmpiricalMixture:
        """The data; ValueError if the network has a mixture instead."""
        data = self.data
        if not isinstance(data, EmpiricalMixture):
            raise ValueError(f"own.data = {data!r} is not allowed: an EmpiricalMixture is needed")
        return data

    def _loss(self, name: str) -> str:
        """One that suits the labels."""
        name = check.choice("loss", name, LOSSES)
        if LOSSES[name].margin and isinstance(self.layer.labels, Linear):
            raise ValueError(f"loss = {name!r} is not allowed: labels are numbers, and no classes")
        return name

    def _trial(
        self,
        samples: int,
        ridge: float,
        loss: str,
        intercept: bool,
        rng: np.random.Generator,
        source: str,
    ) -> dict[str, float | Array]:
        layer = self.layer
        sample, test = self._samples(samples, rng, source)
        fit = fit_readout(layer.features(sample.X), sample.y, ridge, loss, intercept)
        score = layer.features(test.X).T @ fit.weights + fit.intercept
        seen, columns = against_the_rest(test.y, LOSSES[loss]), score.reshape(len(score), -1)
        each = LOSSES[loss].value(seen, columns).sum(axis=1)
        fresh = float(each.mean())
        if is_ridge_regression(loss, intercept) and source == "gaussians":
            require_digits(ridge, fit.power)
            fresh = self.moments.generalization_error(fit.weights)
        sums, counts = (np.bincount(test.cluster, w, len(self.data.weights)) for w in (each, None))
        with np.errstate(invalid="ignore"):  # of a class without test inputs, there is none
            class_error = sums / counts
        found: dict[str, float | Array] = {
            "training_error": fit.training_error,
            "plain_training_error": fit.plain_training_error,
            "generalization_error": fresh,
            "class_error": class_error,
        }
        if isinstance(layer.labels, Classes):
            found["accuracy"] = float(np.mean(layer.labels.decide(score) == test.cluster))
        return found

    def _samples(self, size: int, rng: np.random.Generator, source: str) -> tuple[Sample, Sample]:
        """For the readout, and to test it."""
        if source == "gaussians" or not isinstance(self.data, EmpiricalMixture):
            return self.layer.sample(size, rng), self.layer.sample(TEST_SHARE * size, rng)
        rest = min(TEST_SHARE * size, len(self.data.y) - size)
        drawn = self.data.samples([size, rest], rng)
        one, other = (Sample(X, *self.data.told(y)) for X, y in drawn)
        return one, other
