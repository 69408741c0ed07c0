"""One trial: every random object drawn anew, one gradient step, one readout for each model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from . import activations, labels, mixture, network, streams
from ._problem import Problem
from .mixture import Array
from .models import FeatureMap, Model
from .moments import Layer
from .ridge import Readout, ridge_regression


@dataclass(frozen=True)
class Sample:
    """Inputs X of shape (size, n), one a row, and their labels y of shape (size,)."""

    X: Array
    y: Array


@dataclass(frozen=True)
class Draw:
    """The random objects of one trial: structure, network, and the samples of its stages."""

    inputs: mixture.GaussianMixture
    labels: labels.Labels
    weights: network.Weights
    step: Sample
    readout: Sample
    test: Sample | None

    @cached_property
    def step_preactivations(self) -> Array:
        """``F X^T`` on the step's sample, shape (k, m): the same for every activation."""
        return self.weights.F @ self.step.X.T


@dataclass(frozen=True)
class Errors:
    """Training error (regulariser included) and generalization error, the paper's two figures."""

    training: float
    generalization: float


def draw(problem: Problem, trial: int, seed: int, test_size: int | None = None) -> Draw:
    """Draw structure, direction, network and the samples of one trial; a test sample on request."""

    def stream(name: str) -> np.random.Generator:
        return streams.generator(problem.draw_key(), seed, trial, name)

    inputs = mixture.spiked(
        problem.n,
        problem.weights,
        problem.rank,
        problem.theta,
        problem.alignment,
        stream("spikes"),
    )
    if problem.means is not None:
        inputs = inputs.shifted(np.asarray(problem.means))
    law = _labels(problem, inputs, stream("direction"))

    def sample(name: str, size: int) -> Sample:
        X, cluster = inputs.sample(size, stream(f"{name} inputs"))
        return Sample(X, law.sample(X, cluster, stream(f"{name} noise")))

    return Draw(
        inputs=inputs,
        labels=law,
        weights=network.initialise(problem.k, problem.n, inputs.trace, stream("network")),
        step=sample("step", problem.m),
        readout=sample("readout", problem.m),
        test=None if test_size is None else sample("test", test_size),
    )


def _labels(
    problem: Problem, inputs: mixture.GaussianMixture, rng: np.random.Generator
) -> labels.Labels:
    if problem.target == "class":
        return labels.Classes(problem.noise)
    xi = (
        labels.aligned_direction(inputs)
        if problem.direction == "aligned"
        else labels.random_direction(inputs, rng)
    )
    return labels.SingleIndex(xi, activations.get(problem.target), problem.noise)


def shares_draws(one: Problem, other: Problem) -> bool:
    """Whether `draw` gives the same for both: they differ in activation and ridge at most."""

    def key(problem: Problem) -> tuple[object, ...]:
        return problem.draw_key(), problem.target, problem.noise

    return key(one) == key(other)


def trained_layer(problem: Problem, drawn: Draw) -> Array:
    """``F^ = F + eta G``, shape (k, n)."""
    step, activation = drawn.step, activations.get(problem.activation)
    G = network.gradient_at(drawn.step_preactivations, drawn.weights.w, step.X, step.y, activation)
    G *= problem.eta
    G += drawn.weights.F
    return G


def run(
    problem: Problem, drawn: Draw, models: Sequence[Model], degree: int, trial: int, seed: int
) -> list[Errors]:
    """Errors of every model on one draw: they share the trained layer and its preactivations."""
    activation = activations.get(problem.activation)
    F = trained_layer(problem, drawn)
    maps = [model.feature_map(activation, problem.scale, degree) for model in models]

    Z = F @ drawn.readout.X.T
    readouts = []
    for features in maps:
        # One noise for all models: those that differ in one constant stay comparable in pairs.
        zeta = streams.generator(problem.draw_key(), seed, trial, "zeta")
        readouts.append(_fit(features, Z, drawn.readout.y, problem.ridge, zeta))
    generalization = (
        _exact_errors(maps, readouts, Layer(F, drawn.inputs), drawn.labels)
        if drawn.test is None
        else _test_errors(maps, readouts, F, drawn.test, block=problem.m)
    )
    # The noise of a new input adds h*^2 ||w||^2 / k to its expected squared error exactly; adding
    # the expectation instead of a draw removes needless test noise.
    return [
        Errors(
            readout.training_error,
            error + 0.5 * features.noise**2 * float(readout.weights @ readout.weights) / problem.k,
        )
        for features, readout, error in zip(maps, readouts, generalization, strict=True)
    ]


def _fit(
    features: FeatureMap, Z: Array, y: Array, ridge: float, rng: np.random.Generator
) -> Readout:
    Phi = features.function(Z)
    if features.noise:
        zeta = rng.standard_normal(Z.shape)
        zeta *= features.noise
        Phi += zeta
    Phi /= np.sqrt(Z.shape[0])
    return ridge_regression(Phi, y, ridge)


def _exact_errors(
    maps: Sequence[FeatureMap], readouts: Sequence[Readout], layer: Layer, law: labels.Labels
) -> list[float]:
    """Half the mean squared error without feature noise, from population moments."""
    return [
        layer.moments(features.gaussian, law).generalization_error(readout.weights)
        for features, readout in zip(maps, readouts, strict=True)
    ]


def _test_errors(
    maps: Sequence[FeatureMap], readouts: Sequence[Readout], F: Array, test: Sample, block: int
) -> list[float]:
    """Half the mean squared error without feature noise, on a test sample, block by block."""
    size = test.y.size
    sums = np.zeros(len(maps))
    for start in range(0, size, block):
        rows = slice(start, start + block)
        Z = F @ test.X[rows].T
        for i, (features, readout) in enumerate(zip(maps, readouts, strict=True)):
            prediction = readout.weights @ features.function(Z) / np.sqrt(F.shape[0])
            residual = test.y[rows] - prediction
            sums[i] += residual @ residual
    return list(0.5 * sums / size)
