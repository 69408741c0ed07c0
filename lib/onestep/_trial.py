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
from .ridge import Readout, ridge_regression


@dataclass(frozen=True)
class Sample:
    """Inputs X of shape (size, n), one a row, and their labels y of shape (size,)."""

    X: Array
    y: Array


@dataclass(frozen=True)
class Draw:
    """The random objects of one trial: the network, and the samples of its three stages."""

    weights: network.Weights
    step: Sample
    readout: Sample
    test: Sample

    @cached_property
    def step_preactivations(self) -> Array:
        """``F X^T`` on the step's sample, shape (k, m): the same for every activation."""
        return self.weights.F @ self.step.X.T


@dataclass(frozen=True)
class Errors:
    """Training error (regulariser included) and generalization error, the paper's two figures."""

    training: float
    generalization: float


def draw(problem: Problem, trial: int, seed: int, test_size: int) -> Draw:
    """Draw structure, direction, network and the three samples of one trial."""

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
    xi = (
        labels.aligned_direction(inputs)
        if problem.direction == "aligned"
        else labels.random_direction(inputs, stream("direction"))
    )

    def sample(name: str, size: int) -> Sample:
        X, cluster = inputs.sample(size, stream(f"{name} inputs"))
        if problem.target == "class":
            noise = stream(f"{name} noise").standard_normal(size)
            return Sample(X, labels.classes(cluster) + problem.noise * noise)
        target = activations.get(problem.target)
        return Sample(X, labels.single_index(X, xi, target, problem.noise, stream(f"{name} noise")))

    return Draw(
        weights=network.initialise(problem.k, problem.n, inputs.trace, stream("network")),
        step=sample("step", problem.m),
        readout=sample("readout", problem.m),
        test=sample("test", test_size),
    )


def shares_draws(one: Problem, other: Problem) -> bool:
    """Whether `draw` gives the same for both: they differ in activation and ridge at most."""

    def key(problem: Problem) -> tuple[object, ...]:
        return problem.draw_key(), problem.target, problem.noise

    return key(one) == key(other)


def run(
    problem: Problem, drawn: Draw, models: Sequence[Model], degree: int, trial: int, seed: int
) -> list[Errors]:
    """Errors of every model on one draw: they share the trained layer and its preactivations."""
    activation = activations.get(problem.activation)
    step, w = drawn.step, drawn.weights.w
    G = network.gradient_at(drawn.step_preactivations, w, step.X, step.y, activation)
    F = drawn.weights.F + problem.eta * G
    maps = [model.feature_map(activation, problem.scale, degree) for model in models]

    Z = F @ drawn.readout.X.T
    readouts = []
    for features in maps:
        # One noise for all models: those that differ in one constant stay comparable in pairs.
        zeta = streams.generator(problem.draw_key(), seed, trial, "zeta")
        readouts.append(_fit(features, Z, drawn.readout.y, problem.ridge, zeta))
    test_errors = _test_errors(maps, readouts, F, drawn.test, block=problem.m)
    return [
        Errors(readout.training_error, error)
        for readout, error in zip(readouts, test_errors, strict=True)
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


def _test_errors(
    maps: Sequence[FeatureMap], readouts: Sequence[Readout], F: Array, test: Sample, block: int
) -> list[float]:
    """Half the mean squared error on the test sample, a block of inputs at a time.

    The feature noise of a new input adds ``h*^2 ||w||^2 / k`` to its expected squared error
    exactly; adding the expectation instead of a draw removes needless test noise.
    """
    k, size = F.shape[0], test.y.size
    sums = np.zeros(len(maps))
    for start in range(0, size, block):
        rows = slice(start, start + block)
        Z = F @ test.X[rows].T
        for i, (features, readout) in enumerate(zip(maps, readouts, strict=True)):
            residual = test.y[rows] - readout.weights @ features.function(Z) / np.sqrt(k)
            sums[i] += residual @ residual
    noise = [
        features.noise**2 * float(readout.weights @ readout.weights) / k
        for features, readout in zip(maps, readouts, strict=True)
    ]
    return [0.5 * (total / size + extra) for total, extra in zip(sums, noise, strict=True)]
