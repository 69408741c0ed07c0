"""Readouts fitted behind a trained layer on its own samples, and their errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special
from scipy.linalg import blas

from .._support.arrays import Array
from ..inputs import Classes
from .convex_fit import fit_readout
from .drawing import TEST_SHARE, Draw, Sample
from .errors import Errors
from .losses import LOSSES, Loss, against_the_rest
from .models import FeatureMap, Model
from .problem import Problem
from .ridge import Readout, require_digits
from .trained_layer import TrainedLayer


def readout_errors(
    layer: TrainedLayer, models: Sequence[Model], degree: int, problem: Problem
) -> list[Errors]:
    """Errors of every model with the readout of a problem, on samples drawn with the layer.

    All models see the same preactivations; those that name no degree take `degree`. The
    generalization error is exact, or measured on the test sample if one was drawn. For other
    losses, and with an intercept, a sample is drawn if there is none.
    """
    drawn = layer.draws
    maps = [layer.feature_map(model, degree) for model in models]
    Z = layer.preactivations(drawn.readout.X)
    fits = [_fit(features, Z, drawn, problem) for features in maps]
    del Z
    if not problem.simple:
        return _measured(layer, maps, fits, LOSSES[problem.loss])
    weights = [fit.weights for fit in fits]
    accuracies: list[float | None] = [None] * len(maps)
    if drawn.test is None:
        for fit in fits:
            require_digits(problem.ridge, fit.power)
        halves = layer.generalization_errors([features.gaussian for features in maps], weights)
    else:
        test = drawn.test
        scores = _test_scores(maps, weights, layer, test, block=drawn.readout.y.shape[0])
        halves = [0.5 * float(np.sum((test.y - score) ** 2)) / len(score) for score in scores]
        if isinstance(drawn.labels, Classes):
            accuracies = [
                _accuracy(drawn.labels, test, score, features.noise, w, drawn)
                for features, score, w in zip(maps, scores, weights, strict=True)
            ]
    excess = drawn.label_excess(drawn.readout)
    # The noise of a new input adds h*^2 ||w||^2 / k to its expected squared error exactly; adding
    # the expectation instead of a draw removes needless test noise.
    return [
        Errors(
            fit.training_error,
            fit.plain_training_error,
            half + 0.5 * features.noise**2 * float(np.sum(fit.weights**2)) / layer.k,
            accuracy=accuracy,
            label_excess=excess,
        )
        for features, fit, half, accuracy in zip(maps, fits, halves, accuracies, strict=True)
    ]


def _measured(
    layer: TrainedLayer, maps: Sequence[FeatureMap], fits: Sequence[Readout], loss: Loss
) -> list[Errors]:
    """Mean losses and shares of found classes on the test sample, or on one drawn for this."""
    drawn, size = layer.draws, TEST_SHARE * layer.draws.readout.y.size
    test = drawn.test or layer.sample(size, drawn.stream("test of other losses"))
    weights = [fit.weights for fit in fits]
    found = []
    scores = _test_scores(maps, weights, layer, test, block=drawn.readout.y.size)
    for features, fit, score in zip(maps, fits, scores, strict=True):
        # One draw for all models, as the features' noise of the readout's sample.
        rng = drawn.stream("test zeta of other losses")
        score = score + fit.intercept + _score_noise(features.noise, fit.weights, len(score), rng)
        accuracy = None
        if isinstance(drawn.labels, Classes):
            accuracy = float(np.mean(drawn.labels.decide(score) == test.cluster))
        elif test.y.ndim == 1 and np.all(np.abs(test.y) == 1):  # signs of an index
            accuracy = float(np.mean(score * test.y > 0))
        columns = score.reshape(len(score), -1)
        fresh = float(np.mean(np.sum(loss.value(against_the_rest(test.y, loss), columns), axis=1)))
        found.append(Errors(fit.training_error, fit.plain_training_error, fresh, accuracy=accuracy))
    return found


def _fit(features: FeatureMap, Z: Array, drawn: Draw, problem: Problem) -> Readout:
    Phi, y = features.function(Z), drawn.readout.y
    if features.noise:
        noisy = blas.daxpy(drawn.zeta.ravel(), Phi.ravel(), a=features.noise)  # in one pass
        Phi = noisy.reshape(Phi.shape)
    Phi *= 1.0 / np.sqrt(Z.shape[0])
    return fit_readout(Phi, y, problem.ridge, problem.loss, problem.intercept)


def _test_scores(
    maps: Sequence[FeatureMap],
    weights: Sequence[Array],
    layer: TrainedLayer,
    test: Sample,
    block: int,
) -> list[Array]:
    """Predicted labels without feature noise, block by block: (size, *outputs) each."""
    scores = [np.empty_like(test.y) for _ in weights]
    for start in range(0, len(test.y), block):
        rows = slice(start, start + block)
        Z = layer.preactivations(test.X[rows])
        for score, features, w in zip(scores, maps, weights, strict=True):
            score[rows] = features.function(Z).T @ w / np.sqrt(layer.k)
    return scores


def _accuracy(
    law: Classes, test: Sample, score: Array, noise: float, w: Array, drawn: Draw
) -> float:
    """Share of test inputs whose cluster is decided, with the feature noise of new inputs."""
    size = noise * np.linalg.norm(w) / np.sqrt(w.shape[0])
    if not noise:
        return float(np.mean(law.decide(score) == test.cluster))
    if score.ndim == 1:
        # The noise is Gaussian: the probability of the right sign needs no draw.
        return float(np.mean(special.ndtr(law.codes[test.cluster] * score / size)))
    noisy = score + _score_noise(noise, w, len(score), drawn.stream("test zeta"))
    return float(np.mean(law.decide(noisy) == test.cluster))


def _score_noise(noise: float, w: Array, size: int, rng: np.random.Generator) -> Array:
    """What noisy features add to scores, shape (size, *outputs): covariance ``h*^2 w^T w / k``."""
    scale = noise / np.sqrt(len(w))
    if w.ndim == 1:
        return np.asarray(scale * float(np.linalg.norm(w)) * rng.standard_normal(size))
    _, s, Vt = np.linalg.svd(w, full_matrices=False)
    return np.asarray(scale * (rng.standard_normal((size, s.size)) * s) @ Vt)
