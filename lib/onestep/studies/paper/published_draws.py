"""The published data of Figures 1a and 5c, drawn again from the seeds of numpy's old generator.

In these figures one draw serves every point: networks of our own can learn from the very samples.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import linalg

from ... import activations
from ...experiment import Numbers, Study, listed
from ...inputs import GaussianMixture, SingleIndex, scaled
from ...network import Network, Problem, Sample, TrainedLayer, draw, readout_errors
from .grids import ACTIVATIONS, FIGURES

__all__ = ["SEEDS", "STUDY", "VARIABLES"]

SEEDS = {"fig1a": 0, "fig5c": 1}
"""Published seeds of the figures with one draw."""

VARIABLES = ("training_error", "generalization_error", "exact_error")
"""The generalization error on the published test sample, and that on the whole population."""

_PLAIN = Problem()  # two clusters of one spike, a random direction, no label noise


def data_of(seed: int, problem: Problem) -> dict[str, Any]:
    """Inputs, labels and the three samples of a notebook's draw, as fields of a `Draw`.

    The notebooks can draw two clusters with a spike each, filled to exactly half; others are
    refused.
    """
    n, m = problem.n, problem.m
    if m % 2:
        raise ValueError(f"m = {m} is not allowed: half of the samples go to each cluster")
    for name in ("weights", "rank", "strengths", "means", "alignment", "direction", "noise"):
        given, plain = getattr(problem, name), getattr(_PLAIN, name)
        if given != plain:
            raise ValueError(f"{name} = {given!r} is not allowed: the notebooks draw {plain!r}")
    rng = np.random.RandomState(seed)  # a frozen stream: that of the notebooks
    bases = [linalg.qr(rng.standard_normal((n, n)))[0] for _ in range(2)]
    directions = np.stack([basis[:, -1:] for basis in bases])
    law = GaussianMixture(
        np.full(2, 0.5), directions, np.full((2, 1), problem.theta), np.zeros((2, n))
    )
    xi = scaled(rng.standard_normal(n), law)
    labels = SingleIndex(xi, activations.get(problem.target), 0.0)
    longer = np.sqrt(1 + problem.theta) - 1

    def sample(size: int) -> Sample:
        cluster = np.repeat([0, 1], size // 2)
        X = rng.standard_normal((size, n))
        for c, gamma in enumerate(directions):
            X[cluster == c] += longer * (X[cluster == c] @ gamma) @ gamma.T
        rng.standard_normal(size)  # the label noise, which has the size 0
        return Sample(X, labels.sample(X, cluster, np.random.default_rng(0)), cluster)

    sizes = {"step": m, "readout": m, "test": 5 * m}
    return {"inputs": law, "labels": labels, **{stage: sample(sizes[stage]) for stage in sizes}}


@lru_cache(maxsize=1)
def _data(figure: str) -> dict[str, Any]:
    return data_of(SEEDS[figure], FIGURES[figure].problem)


def errors(figure: str, place: int, trial: int) -> Numbers:
    """Errors of a trial's three networks on a published draw, as a cell of `STUDY`.

    ``place`` counts the abscissae at which the figure's students were; networks are those of
    its results.
    """
    declared = FIGURES[figure]
    [(axis, values)] = declared.shared.items()
    problems = [
        declared.at({axis: values[place], "activation": activation}, trial)[0]
        for activation in ACTIVATIONS
    ]
    tested = replace(draw(problems[0], trial, seed=0), **_data(figure))
    found = {
        drawn.test is None: [
            readout_errors(TrainedLayer.of(problem, drawn), [Network()], 0, problem)[0]
            for problem in problems
        ]
        for drawn in (tested, replace(tested, test=None))
    }
    return {
        "training_error": listed(each.training_error for each in found[True]),
        "generalization_error": listed(each.generalization_error for each in found[False]),
        "exact_error": listed(each.generalization_error for each in found[True]),
    }


STUDY = Study.of_function(
    errors,
    {"figure": tuple(SEEDS), "place": (0, 1, 2)},
    {"trial": 10},
    ("activation", ACTIVATIONS),
    VARIABLES,
)
"""Networks on the two published draws, at three points of each figure."""
