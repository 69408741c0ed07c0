"""Gaussians in the place of Figure 8a's generator: with its traces, and of few dimensions.

The authors' notebook prints traces and distance of its classes; the covariances are those of real
images, cut to a rank, with less variance along the difference of the class means.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..._support import check
from ...experiment import Numbers, Study
from ...inputs import DenseMixture, ImageMixture
from ...network import Draw, Network, Sample, TrainedLayer, draw, readout_errors
from ..paper.grids import ACTIVATIONS
from . import image_results

__all__ = ["DISTANCE", "STUDY", "TRACES"]

TRACES = (39.142, 24.002)
"""Printed traces of the class covariances, pixels in [0, 1]; real images have 41.154 and 25.767."""

DISTANCE = 3.262
"""Printed half of the distance of the class means; real images have 3.227."""


def mixture(images: ImageMixture, rank: int, along: float) -> DenseMixture:
    """Gaussians after the preprocessing of Figure 8a, at the printed traces and distance.

    Each class covariance of the images is cut to a rank in 1..n, and `along` in [0, 1] is what is
    left of its variance along the difference of the class means; then its trace is the spread.
    """
    n, theta = images.n, images.spread
    if check.integer("rank", rank, 1) > n:
        raise ValueError(f"rank = {rank!r} is not allowed: at most n = {n} dimensions are there")
    along = check.number("along", along, 0.0, 1.0)
    apart = images.image_means[0] - images.image_means[1]
    apart /= np.linalg.norm(apart)
    damping = np.eye(n) - (1 - np.sqrt(along)) * np.outer(apart, apart)
    covariances = []
    for Sigma in images.gaussian.covariances:
        variances, axes = np.linalg.eigh(Sigma - np.eye(n))
        root = damping @ (axes[:, -rank:] * np.sqrt(np.maximum(variances[-rank:], 0)))
        if not (trace := np.sum(root**2)) > 0:
            raise ValueError(f"rank = {rank!r}, along = {along!r} leave a covariance of 0")
        covariances.append(np.eye(n) + theta / trace * root @ root.T)
    offsets = DISTANCE * np.sqrt(theta / np.array(TRACES)) * [1, -1]
    return DenseMixture(np.array([0.5, 0.5]), np.array(covariances), np.outer(offsets, apart))


def _drawn(rank: int, along: float, width: float, trial: int) -> Draw:
    """One trial of Figure 8a with samples of `mixture`.

    The initial network is that of the stored study ``fig8a``, and all samples are made of the same
    normal numbers, whatever rank and along.
    """
    study = image_results.STUDIES["fig8a"]
    images = study.mixture(width)
    problem = study.problem(images, width, ACTIVATIONS[0])
    base = draw(problem, trial, image_results.SEED, 1, images.gaussian)
    law, rng = mixture(images, rank, along), base.stream("low rank")
    samples = [law.sample(size, rng) for size in (problem.m, problem.m, 5 * problem.m)]
    step, readout, test = (Sample(X, base.labels.sample(X, c, rng), c) for X, c in samples)
    return replace(base, inputs=law, step=step, readout=readout, test=test)


def errors(rank: int, along: float, width: float, trial: int) -> Numbers:
    """Generalization errors of the three networks, as a cell of the study ``fig8a-low-rank``."""
    study, common = image_results.STUDIES["fig8a"], _drawn(rank, along, width, trial)
    found = []
    for activation in ACTIVATIONS:
        problem = study.problem(study.mixture(width), width, activation)
        layer = TrainedLayer.of(problem, common)
        [error] = readout_errors(layer, [Network()], image_results.DEGREE, problem)
        found.append(error.generalization_error)
    return {"generalization_error": found}


STUDY = Study.of_function(
    errors,
    {"rank": (784, 62), "along": (1.0, 0.8, 0.6, 0.4), "width": (0.7, 1.0, 2.0, 5.0)},
    {"trial": 8},
    ("activation", ACTIVATIONS),
    ["generalization_error"],
    m=image_results.SAMPLES,
    seed=image_results.SEED,
)
"""Rank and variance along the class difference, by width; all networks of a trial share draws."""
