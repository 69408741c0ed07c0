"""The random objects of one trial: structure, labels, network, and the samples of its stages."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import activations, inputs
from .._support import check, streams
from .._support.arrays import PRECISIONS, Array, product
from ..inputs import (
    CONSTRUCTIONS,
    Classes,
    GaussianMixture,
    Labels,
    Mixture,
    SingleIndex,
    aligned_direction,
    random_direction,
    scaled,
)
from .problem import Problem
from .step import Weights, initialise

TEST_SHARE = 5
"""Test inputs, in units of the readout's sample, where a loss is measured and none were drawn."""


@dataclass(frozen=True)
class Sample:
    """Inputs X of shape (size, n), their labels y, (size, *outputs), and clusters, (size,)."""

    X: Array
    y: Array
    cluster: NDArray[np.intp]


@dataclass(frozen=True)
class Draw:
    """The random objects of one trial: structure, network, and the samples of its stages.

    Examples
    --------
    >>> drawn = draw(Problem(n=9, m=5, k=4), trial=0, seed=0)
    >>> drawn.step.X.shape, drawn.step_preactivations.shape, drawn.test is None
    ((5, 9), (4, 5), True)
    """

    key: tuple[Any, ...]
    inputs: Mixture
    labels: Labels
    weights: Weights
    step: Sample
    readout: Sample
    test: Sample | None
    student: int = 0

    @cached_property
    def step_preactivations(self) -> Array:
        """``F X^T`` on the first step's sample, shape (k, m): the same for every activation."""
        return product(self.weights.F, self.step.X)

    def batches(self, problem: Problem) -> Iterator[tuple[Array, Array]]:
        """Inputs and labels of every step of a problem; `step` is the sample of the first."""
        yield self.step.X, self.step.y
        for t in range(1, problem.steps):
            sample = self.step
            if problem.batch == "fresh":
                size = problem.batch_size
                sample = _sample(self.key, self.inputs, self.labels, f"step {t}", size)
            yield sample.X.astype(self.step.X.dtype, copy=False), sample.y

    @cached_property
    def zeta(self) -> Array:
        """Feature noise of the readout's sample, (k, m): one for all models, to compare them."""
        return self.stream("zeta").standard_normal((len(self.weights.F), len(self.readout.y)))

    @property
    def scale(self) -> float:
        """``b = sqrt(n / tr)``."""
        return inputs.scale(self.inputs)

    def label_excess(self, sample: Sample) -> float:
        """Mean square of a sample's labels over its expectation, less 1; 0 if labels are all 0."""
        expected = self.labels.second_moment(self.inputs)
        return float(np.sum(sample.y**2)) / (len(sample.y) * expected) - 1 if expected else 0.0

    def stream(self, name: str) -> np.random.Generator:
        """Generator of this trial's student for one purpose."""
        return streams.generator(*self.key, name, *_student(self.student))


def draw(
    problem: Problem,
    trial: int,
    seed: int,
    test_size: int | None = None,
    given: Mixture | None = None,
    student: int = 0,
    precision: str = "double",
    *,
    generators: Problem | None = None,
) -> Draw:
    """Draw structure, direction, network and the samples of one trial; a test sample on request.

    A `given` mixture takes the place of the drawn one (`check_given`). Students of one trial learn
    from the same data, but have networks and feature noise of their own. Activation, target, label
    noise, training and readout of the problem shape none of the generators, nor does the precision
    in which the inputs are kept, in a copy, once their labels are made. With the `generators` of
    another problem of the same sizes nothing of it does: draws are then a smooth function of it.
    """
    seed, trial = check.integer("seed", seed, 0), check.integer("trial", trial, 0)
    student = check.integer("student", student, 0)
    test_size = None if test_size is None else check.integer("test_size", test_size, 1)
    dtype = PRECISIONS[check.choice("precision", precision, PRECISIONS)]
    key: tuple[Any, ...] = ((generators or problem).draw_key(), seed, trial)
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
        drawn = _sample(key, inputs, law, name, size)
        return replace(drawn, X=drawn.X.astype(dtype, copy=False))

    rng = streams.generator(*key, "network", *_student(student))
    return Draw(
        key=key,
        inputs=inputs,
        labels=law,
        weights=initialise(
            problem.k, problem.n, inputs.trace, rng, law.outputs, problem.second_layer
        ),
        step=sample("step", problem.batch_size),
        readout=sample("readout", problem.m),
        test=None if test_size is None else sample("test", test_size),
        student=student,
    )


def _sample(key: tuple[Any, ...], inputs: Mixture, law: Labels, name: str, size: int) -> Sample:
    X, cluster = inputs.sample(size, streams.generator(*key, f"{name} inputs"))
    return Sample(X, law.sample(X, cluster, streams.generator(*key, f"{name} noise")), cluster)


def _student(student: int) -> tuple[int, ...]:
    """What tells a student's streams apart; nothing for the first, whose streams came before."""
    return (student,) if student else ()


def check_given(problem: Problem, given: Mixture) -> None:
    """Refuse a mixture of other dimension or weights than the problem's, and means beside it."""
    if not hasattr(given, "spikes"):
        raise ValueError(f"inputs = {given!r} is not allowed: a mixture is needed")
    if given.n != problem.n:
        raise ValueError(f"inputs has the dimension {given.n}; the problem's n = {problem.n}")
    if not np.array_equal(given.weights, problem.weights):
        raise ValueError(
            f"inputs has the weights {given.weights}; the problem's weights = {problem.weights}"
        )
    if problem.means is not None:
        raise ValueError("means of the problem must be None: those of the given inputs are used")


def _structure(problem: Problem, rng: np.random.Generator) -> GaussianMixture:
    relative = 1.0 if problem.strengths is None else np.asarray(problem.strengths)
    inputs = CONSTRUCTIONS[problem.construction](
        problem.n,
        problem.weights,
        problem.rank,
        problem.theta * relative,
        problem.alignment,
        rng,
    )
    return inputs if problem.means is None else inputs.shifted(np.asarray(problem.means))


def _labels(problem: Problem, inputs: Mixture, rng: np.random.Generator) -> Labels:
    if problem.target == "class" or problem.direction != "random":
        return undrawn_labels(problem, inputs)
    xi = random_direction(inputs, rng)
    return SingleIndex(xi, activations.get(problem.target), problem.noise)


def undrawn_labels(problem: Problem, inputs: Mixture) -> Labels:
    """Labels of classes, or of an index along a direction that is not drawn."""
    if problem.target == "class":
        return Classes(len(problem.weights), problem.noise)
    if problem.direction == "random":
        raise ValueError(
            "direction = 'random' is not allowed with given inputs: errors depend on which axes it "
            "meets; a direction of n numbers is needed"
        )
    if problem.direction != "aligned":
        xi = scaled(np.asarray(problem.direction, dtype=float), inputs)
    elif isinstance(inputs, GaussianMixture):
        xi = aligned_direction(inputs)
    else:
        raise ValueError("direction = 'aligned' is not allowed for inputs that have no spikes")
    return SingleIndex(xi, activations.get(problem.target), problem.noise)


def trial_memory(problem: Problem, test_size: int | None = None) -> float:
    """Bytes that a trial holds at its peak, about: samples, layer, features and a Gram matrix."""
    n, m, k = problem.n, max(problem.m, problem.batch_size), problem.k
    if not problem.simple:  # a test sample, and a weighted copy of the features
        test_size = (test_size or TEST_SHARE * m) + math.ceil(k * m / n)
    return 8.0 * (4 * k * m + 3 * n * (m + k) + 2 * k**2 + n * (test_size or 0))


def require_shared_draws(problems: Sequence[Problem]) -> None:
    """Refuse problems for which `draw` does not give the same, and none at all."""
    if not problems:
        raise ValueError("problems = [] is not allowed: at least one is needed")
    for problem in problems:
        check.instance("problem", problem, Problem)
    keys = [
        (each.draw_key(), each.target, each.noise, each.batch_size, each.second_layer)
        for each in problems
    ]
    if any(key != keys[0] for key in keys):
        raise ValueError(
            f"problems = {problems!r} differ in more than activation, steps and readout"
        )
