"""One trial: every random object drawn anew, one gradient step, one readout for each model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.linalg import blas

from . import activations, labels, mixture, network, streams
from ._problem import Problem
from .mixture import Array, Mixture
from .models import FeatureMap, Model
from .moments import Layer
from .ridge import Readout, ridge_path, ridge_regression


@dataclass(frozen=True)
class Sample:
    """Inputs X of shape (size, n), their labels y, (size, *outputs), and clusters, (size,)."""

    X: Array
    y: Array
    cluster: NDArray[np.intp]


@dataclass(frozen=True)
class Draw:
    """The random objects of one trial: structure, network, and the samples of its stages."""

    key: tuple[Any, ...]
    inputs: Mixture
    labels: labels.Labels
    weights: network.Weights
    step: Sample
    readout: Sample
    test: Sample | None
    student: int = 0

    @cached_property
    def step_preactivations(self) -> Array:
        """``F X^T`` on the step's sample, shape (k, m): the same for every activation."""
        return self.weights.F @ self.step.X.T

    @cached_property
    def zeta(self) -> Array:
        """Feature noise of the readout's sample, shape (k, m).

        One for all models: those that differ in one constant stay comparable in pairs.
        """
        return self.stream("zeta").standard_normal(self.step_preactivations.shape)

    @property
    def scale(self) -> float:
        """``b = sqrt(n / tr)``."""
        return mixture.scale(self.inputs)

    def stream(self, name: str) -> np.random.Generator:
        """Generator of this trial's student for one purpose."""
        return streams.generator(*self.key, name, *_student(self.student))


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


def draw(
    problem: Problem,
    trial: int,
    seed: int,
    test_size: int | None = None,
    given: Mixture | None = None,
    student: int = 0,
) -> Draw:
    """Draw structure, direction, network and the samples of one trial; a test sample on request.

    A `given` mixture takes the place of the drawn one. Students of one trial learn from the same
    data, but have networks and feature noise of their own.
    """
    key: tuple[Any, ...] = (problem.draw_key(), seed, trial)
    if given is not None:
        check_given(problem, given)
        clusters = range(given.weights.size)
        bulks = [bulk for c in clusters if (bulk := given.bulk(c)) is not None]
        parts = [given.spikes(c) for c in clusters]
        key = (*key, streams.array_digest(given.weights, given.means, *parts, *bulks))

    def stream(name: str) -> np.random.Generator:
        return streams.generator(*key, name)

    inputs = _structure(problem, stream("spikes")) if given is None else given
    law = _labels(problem, inputs, stream("direction"))

    def sample(name: str, size: int) -> Sample:
        X, cluster = inputs.sample(size, stream(f"{name} inputs"))
        return Sample(X, law.sample(X, cluster, stream(f"{name} noise")), cluster)

    rng = streams.generator(*key, "network", *_student(student))
    return Draw(
        key=key,
        inputs=inputs,
        labels=law,
        weights=network.initialise(problem.k, problem.n, inputs.trace, rng, law.outputs),
        step=sample("step", problem.m),
        readout=sample("readout", problem.m),
        test=None if test_size is None else sample("test", test_size),
        student=student,
    )


def _student(student: int) -> tuple[int, ...]:
    """What tells a student's streams apart; nothing for the first, whose streams came before."""
    return (student,) if student else ()


def check_given(problem: Problem, given: Mixture) -> None:
    """Refuse a given mixture that contradicts the problem.

    Raises
    ------
    ValueError
        If dimension or weights differ, or the problem has means of its own.
    """
    if given.n != problem.n:
        raise ValueError(f"inputs has the dimension {given.n}; the problem's n = {problem.n}")
    if not np.array_equal(given.weights, problem.weights):
        raise ValueError(
            f"inputs has the weights {given.weights}; the problem's weights = {problem.weights}"
        )
    if problem.means is not None:
        raise ValueError("means of the problem must be None: those of the given inputs are used")


def _structure(problem: Problem, rng: np.random.Generator) -> mixture.GaussianMixture:
    relative = 1.0 if problem.strengths is None else np.asarray(problem.strengths)
    inputs = mixture.CONSTRUCTIONS[problem.construction](
        problem.n,
        problem.weights,
        problem.rank,
        problem.theta * relative,
        problem.alignment,
        rng,
    )
    return inputs if problem.means is None else inputs.shifted(np.asarray(problem.means))


def _labels(problem: Problem, inputs: Mixture, rng: np.random.Generator) -> labels.Labels:
    if problem.target == "class":
        return labels.Classes(len(problem.weights), problem.noise)
    if problem.direction == "random":
        xi = labels.random_direction(inputs, rng)
    elif problem.direction != "aligned":
        xi = labels.scaled(np.asarray(problem.direction, dtype=float), inputs)
    elif isinstance(inputs, mixture.GaussianMixture):
        xi = labels.aligned_direction(inputs)
    else:
        raise ValueError("direction = 'aligned' is not allowed for inputs that have no spikes")
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
    problem: Problem, drawn: Draw, models: Sequence[Model], degree: int, ridges: Sequence[float]
) -> list[list[Errors]]:
    """Errors of every model at every ridge on one draw.

    The models share the trained layer and its preactivations; the ridges share one decomposition.
    The problem's own ridge does not enter.
    """
    activation = activations.get(problem.activation)
    F = trained_layer(problem, drawn)
    maps = [model.feature_map(activation, drawn.scale, degree) for model in models]

    Z = F @ drawn.readout.X.T
    fits = [_fit(features, Z, drawn, ridges) for features in maps]
    del Z
    weights = [np.stack([fit.weights for fit in each]) for each in fits]
    accuracies: list[list[float | None]] = [[None] * len(ridges) for _ in maps]
    if drawn.test is None:
        functions = [features.gaussian for features in maps]
        layer = Layer(F, drawn.inputs)
        halves = layer.generalization_errors(functions, drawn.labels, weights)
    else:
        scores = _test_scores(maps, weights, F, drawn.test, block=problem.m)
        halves = [
            [0.5 * float(np.sum((drawn.test.y - score) ** 2)) / len(score) for score in each]
            for each in scores
        ]
        if isinstance(drawn.labels, labels.Classes):
            accuracies = [
                [
                    _accuracy(drawn.labels, drawn.test, score, features.noise, w, drawn)
                    for score, w in zip(each, ws, strict=True)
                ]
                for features, each, ws in zip(maps, scores, weights, strict=True)
            ]
    # The noise of a new input adds h*^2 ||w||^2 / k to its expected squared error exactly; adding
    # the expectation instead of a draw removes needless test noise.
    return [
        [
            Errors(
                fit.training_error,
                fit.plain_training_error,
                half + 0.5 * features.noise**2 * float(np.sum(fit.weights**2)) / problem.k,
                accuracy,
            )
            for fit, half, accuracy in zip(*columns, strict=True)
        ]
        for features, *columns in zip(maps, fits, halves, accuracies, strict=True)
    ]


def _fit(features: FeatureMap, Z: Array, drawn: Draw, ridges: Sequence[float]) -> list[Readout]:
    Phi, y = features.function(Z), drawn.readout.y
    if features.noise:
        noisy = blas.daxpy(drawn.zeta.ravel(), Phi.ravel(), a=features.noise)  # in one pass
        Phi = noisy.reshape(Phi.shape)
    Phi *= 1.0 / np.sqrt(Z.shape[0])
    if len(ridges) == 1:
        return [ridge_regression(Phi, y, ridges[0])]
    return ridge_path(Phi, y, ridges)


def _test_scores(
    maps: Sequence[FeatureMap], weights: Sequence[Array], F: Array, test: Sample, block: int
) -> list[Array]:
    """Predicted labels without feature noise, block by block: (ridges, size, *outputs) each."""
    size, k = len(test.y), F.shape[0]
    scores = [np.empty((len(w), *test.y.shape)) for w in weights]
    for start in range(0, size, block):
        rows = slice(start, start + block)
        Z = F @ test.X[rows].T
        for score, features, w in zip(scores, maps, weights, strict=True):
            Phi = features.function(Z)
            for i, each in enumerate(w):
                score[i, rows] = Phi.T @ each / np.sqrt(k)
    return scores


def _accuracy(
    law: labels.Classes, test: Sample, score: Array, noise: float, w: Array, drawn: Draw
) -> float:
    """Share of test inputs whose cluster is decided, with the feature noise of new inputs."""
    size = noise * np.linalg.norm(w) / np.sqrt(w.shape[0])
    if not noise:
        return float(np.mean(law.decide(score) == test.cluster))
    if score.ndim == 1:
        # The noise is Gaussian: the probability of the right sign needs no draw.
        return float(np.mean(special.ndtr(law.codes[test.cluster] * score / size)))
    # Scores of several outputs have noise of covariance h*^2 w^T w / k.
    _, s, Vt = np.linalg.svd(w, full_matrices=False)
    zeta = drawn.stream("test zeta").standard_normal((len(score), s.size))
    noisy = score + noise / np.sqrt(w.shape[0]) * (zeta * s) @ Vt
    return float(np.mean(law.decide(noisy) == test.cluster))
