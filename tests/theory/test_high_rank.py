"""Formulas given the layer, for eight spikes a cluster, class labels and class means."""

from __future__ import annotations

import numpy as np
import pytest

from onestep import Problem
from onestep._support import streams
from onestep.network import Network, TrainedLayer
from onestep.theory import METHODS

READOUTS = 60


def problems() -> dict[str, Problem]:
    n = 180
    sizes = {"n": n, "m": n, "k": n, "rank": 8, "ridge": 0.1 / n}
    means = streams.generator("high rank").standard_normal((2, n)) * 2 / np.sqrt(n)
    return {
        "class means": Problem(
            **sizes, alpha=0.2, beta=0.7, target="class",
            means=tuple(tuple(row) for row in means.tolist()),
        ),
        "along the spikes": Problem(
            **sizes, alpha=0.0, beta=0.8, activation="tanh", direction="aligned"
        ),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["class means", "along the spikes"])
def test_readouts_of_one_layer_have_the_errors_of_the_formulas(name: str) -> None:
    """Margin 3 % + 3 standard errors, of 60 readouts that the formulas have not seen."""
    problem = problems()[name]
    layer = TrainedLayer.train(problem, 0, 11)
    moments = layer.moments()
    found = []
    for number in range(READOUTS):
        sample = layer.sample(problem.m, streams.generator("high rank", name, number))
        fit = layer.readout(sample, problem.ridge)
        found.append((fit.training_error, moments.generalization_error(fit.weights)))
    mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / READOUTS**0.5
    for method in ("equivalent", "conditional"):
        [solver] = METHODS[method].solvers(problem, [Network()], 1, 0, 11)
        formula = solver.solver.errors(problem.m, problem.ridge)
        predicted = np.array([formula.training_error, formula.generalization_error])
        assert np.all(np.abs(mean / predicted - 1) < 0.03 + 3 * error / predicted), method
