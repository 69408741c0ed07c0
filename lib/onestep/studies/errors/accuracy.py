"""How far the formulas are from simulated networks, at n = m = k = 1000.

A formula that is given the trained layer is compared with readouts of *that* layer: each drawn on a
fresh sample, so that the only noise of the comparison is that of the readout's sample. A limit,
which is given nothing, is compared with the mean over layers of what the first formula says of
them, corrected by what the readouts say of the first formula (a control variate): without bias, and
with much less noise than a mean of as many simulated trials.

Both means are taken by regression on the mean square of the labels: see `differences`.

``python -m onestep.studies sweep accuracy`` computes them anew, resumably.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass, fields
from typing import Any

from ...experiment import Numbers, Study
from ...network import Problem, TrainedLayer
from ...theory import ConditionalFeatures, Spectrum
from ..paper.grids import ACTIVATIONS
from .layer_readouts import VARIABLES, as_numbers, by_formula, readouts

__all__ = ["KEY", "LAYERS", "LIMITS", "METHODS", "SETTINGS", "STUDY", "Setting"]

LIMITS = ("scalar", "scalar-conditional")
"""Formulas that are given nothing."""

METHODS = ("equivalent", "conditional", *LIMITS)
"""Formulas that are compared."""

SEED = 11
DRAWS = 8  # readouts of every layer that is simulated

LAYERS = {"equivalent": (4, 16), "conditional": (4, 4)}
"""Layers that are simulated, and layers to which the formula is applied."""

_SIZES: dict[str, Any] = {"n": 1000, "ridge": 1e-4}


@dataclass(frozen=True)
class Setting:
    """A problem of the comparison, and the formula that it tests.

    Examples
    --------
    >>> SETTINGS[0].name, Setting.named(SETTINGS[0].name) == SETTINGS[0]
    ('equivalent/relu/aligned/0.0/0.85', True)
    """

    method: str
    activation: str
    direction: str
    alpha: float
    beta: float

    @property
    def name(self) -> str:
        """All of it in one word; `named` reads it again."""
        return "/".join(map(str, astuple(self)))

    @classmethod
    def named(cls, name: str) -> Setting:
        """The setting of a `name`."""
        method, activation, direction, alpha, beta = name.split("/")
        return cls(method, activation, direction, float(alpha), float(beta))

    @property
    def problem(self) -> Problem:
        """The problem itself."""
        own = asdict(self)
        del own["method"]
        return Problem(m=_SIZES["n"], k=_SIZES["n"], **_SIZES, **own)


KEY = tuple(field.name for field in fields(Setting))
"""Columns by which a table tells the setting."""

_DIRECTIONS = ("aligned", "random")

SETTINGS: tuple[Setting, ...] = (
    *(
        Setting(method, activation, direction, alpha, beta)
        for method, beta, alphas, students in (
            ("equivalent", 0.85, (0.0, 0.5, 1.0), ACTIVATIONS),
            ("conditional", 1.0, (0.0, 0.5), ACTIVATIONS),
            ("equivalent", 0.85, (0.5,), ("gelu", "erf", "softplus")),
        )
        for alpha, direction, activation in itertools.product(alphas, _DIRECTIONS, students)
    ),
    # Where the plain formula misses the training error, added when that was seen.
    Setting("conditional", "tanh", "aligned", 0.0, 0.85),
)
"""The strengths up to which the formulas are said to hold, which are the hardest."""


def layer_numbers(setting: str, layer: int) -> Numbers:
    """The formula, and readouts where the layer is simulated, as a cell of `STUDY`."""
    at = Setting.named(setting)
    trained, ridge = TrainedLayer.train(at.problem, layer, SEED), at.problem.ridge
    moments = trained.moments()
    conditional = at.method == "conditional"
    solver = ConditionalFeatures(trained) if conditional else Spectrum(moments)
    formula = by_formula(solver.errors(at.problem.m, ridge), moments)
    draws = DRAWS if layer < LAYERS[at.method][0] else 0
    return as_numbers([formula, *readouts(trained, moments, ridge, draws)], DRAWS + 1)


def _exists(at: Mapping[str, Any]) -> bool:
    return bool(at["layer"] < LAYERS[Setting.named(at["setting"]).method][1])


STUDY = Study.of_function(
    layer_numbers,
    {"setting": [setting.name for setting in SETTINGS]},
    {"layer": max(total for _, total in LAYERS.values())},
    ("draw", range(-1, DRAWS)),
    VARIABLES,
    exists=_exists,
    seed=SEED,
    **_SIZES,
)
"""All settings and layers; draw -1 is the formula."""
