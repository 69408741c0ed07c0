"""How far the formulas are from simulated networks, at n = m = k = 1000.

A formula that is given the trained layer is compared with readouts of *that* layer: each drawn on a
fresh sample, so that the only noise of the comparison is that of the readout's sample. The limit,
which is given nothing, is compared with the mean over layers of what the first formula says of
them, corrected by what the readouts say of the first formula (a control variate): without bias, and
with much less noise than a mean of as many simulated trials.

``python -m onestep.accuracy FILE`` writes the cells that FILE lacks, one line each as it is done.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from . import _trial, activations, streams
from ._problem import Problem
from .equivalent import Equivalent, Spectrum
from .gaussian import OfActivation
from .heteroscedastic import ConditionalFeatures
from .moments import Layer
from .ridge import ridge_regression

SIZE = 1000
RIDGE = 1e-4
SEED = 11
DRAWS = 8
"""Readouts of every layer that is simulated."""

LAYERS = {"equivalent": (4, 16), "conditional": (4, 4)}
"""Layers that are simulated, and layers to which the formula is applied."""

COLUMNS = (
    "method", "activation", "direction", "alpha", "beta", "layer", "draw", "kind",
    "training", "generalization",
)  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """A problem of the comparison, and the formula that it tests."""

    method: str
    activation: str
    direction: str
    alpha: float
    beta: float

    @property
    def problem(self) -> Problem:
        """The problem itself."""
        return Problem(
            n=SIZE, m=SIZE, k=SIZE, ridge=RIDGE, alpha=self.alpha, beta=self.beta,
            activation=self.activation, direction=self.direction,
        )  # fmt: skip


_PAPER = ("relu", "tanh", "sigmoid")
_MORE = ("gelu", "erf", "softplus")
_DIRECTIONS = ("aligned", "random")

SETTINGS: tuple[Setting, ...] = (
    *(
        Setting("equivalent", a, d, alpha, 0.85)
        for alpha in (0.0, 0.5, 1.0)
        for d in _DIRECTIONS
        for a in _PAPER
    ),
    *(
        Setting("conditional", a, d, alpha, 1.0)
        for alpha in (0.0, 0.5)
        for d in _DIRECTIONS
        for a in _PAPER
    ),
    *(Setting("equivalent", a, d, 0.5, 0.85) for d in _DIRECTIONS for a in _MORE),
)
"""The strengths up to which the formulas are said to hold, which are the hardest."""


def measure(setting: Setting, layer: int) -> list[dict[str, float | str]]:
    """Rows of one trained layer: the formula, and readouts where the layer is simulated.

    Parameters
    ----------
    setting
        One of `SETTINGS`.
    layer
        Trial whose layer is taken; everything drawn depends on setting, `SEED` and this alone.

    Returns
    -------
    list
        Dictionaries with the keys `COLUMNS`; `draw` is -1 for the formula, whose `kind` is that of
        the method, and counts the readouts, of the kind ``"simulated"``.
    """
    problem = setting.problem
    drawn = _trial.draw(problem, layer, SEED)
    student = activations.get(problem.activation)
    F = _trial.trained_layer(problem, drawn)
    at = Layer(F, drawn.inputs)
    moments = at.moments(OfActivation(student), drawn.labels)
    formula: Equivalent
    if setting.method == "conditional":
        given = ConditionalFeatures(at, drawn.labels, OfActivation(student))
        formula = given.ridge_regression(problem.m, problem.ridge)
    else:
        formula = Spectrum(moments).ridge_regression(problem.m, problem.ridge)
    found = [(-1, setting.method, formula.training_error, formula.generalization_error)]
    simulated, _ = LAYERS[setting.method]
    for number in range(DRAWS if layer < simulated else 0):
        rng = streams.generator(problem.draw_key(), SEED, layer, "readout", number)
        X, cluster = drawn.inputs.sample(problem.m, rng)
        y = drawn.labels.sample(X, cluster, rng)
        fit = ridge_regression(student(F @ X.T) / np.sqrt(problem.k), y, problem.ridge)
        error = moments.generalization_error(fit.weights)
        found.append((number, "simulated", fit.training_error, error))
    return [
        dict(zip(COLUMNS, (*asdict(setting).values(), layer, *row), strict=True)) for row in found
    ]


def cells() -> Iterator[tuple[Setting, int]]:
    """All settings and layers of the comparison; those that are simulated come first."""
    for first in (True, False):
        for setting in SETTINGS:
            simulated, total = LAYERS[setting.method]
            for layer in range(simulated) if first else range(simulated, total):
                yield setting, layer


def main(path: Path) -> None:
    """Append to a file what it lacks."""
    done = set()
    if path.exists():
        with path.open() as file:
            lines = [line for line in file if not line.startswith("#")]
        done = {tuple(row[name] for name in COLUMNS[:6]) for row in csv.DictReader(lines)}
    with path.open("a") as file:
        writer = csv.DictWriter(file, COLUMNS)
        if not done:
            writer.writeheader()
        for setting, layer in cells():
            if tuple(str(each) for each in (*asdict(setting).values(), layer)) in done:
                continue
            for row in measure(setting, layer):
                row |= {name: f"{row[name]:.9g}" for name in COLUMNS[8:]}
                writer.writerow(row)
            file.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
