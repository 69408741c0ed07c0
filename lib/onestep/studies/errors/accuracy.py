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

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
import xarray as xr

from ...experiment import Numbers, Study
from ...network import Problem
from .. import archive
from ..paper.grids import ACTIVATIONS
from .layer_readouts import VARIABLES, in_a_row, in_rows, readouts

__all__ = [
    "COLUMNS",
    "LAYERS",
    "LIMITS",
    "METHODS",
    "SETTINGS",
    "STUDY",
    "Setting",
    "measure",
    "stored",
    "table",
]

LIMITS = ("scalar", "scalar-conditional")
"""Formulas that are given nothing."""

METHODS = ("equivalent", "conditional", *LIMITS)
"""Formulas that are compared."""

SIZE = 1000
RIDGE = 1e-4
SEED = 11
DRAWS = 8
"""Readouts of every layer that is simulated."""

LAYERS = {"equivalent": (4, 16), "conditional": (4, 4)}
"""Layers that are simulated, and layers to which the formula is applied."""

COLUMNS = (
    "method", "activation", "direction", "alpha", "beta", "layer", "draw", "kind",
    *VARIABLES,
)  # fmt: skip
"""Columns of the table of readouts."""


@dataclass(frozen=True)
class Setting:
    """A problem of the comparison, and the formula that it tests.

    Examples
    --------
    >>> Setting.named(SETTINGS[0].name) == SETTINGS[0]
    True
    """

    method: str
    activation: str
    direction: str
    alpha: float
    beta: float

    @property
    def key(self) -> list[str | float]:
        """The first five of `COLUMNS`."""
        return list(asdict(self).values())

    @property
    def name(self) -> str:
        """All of it in one word; `named` reads it again."""
        return "/".join(map(str, self.key))

    @classmethod
    def named(cls, name: str) -> Setting:
        """The setting of a `name`."""
        method, activation, direction, alpha, beta = name.split("/")
        return cls(method, activation, direction, float(alpha), float(beta))

    @property
    def problem(self) -> Problem:
        """The problem itself."""
        return Problem(
            n=SIZE, m=SIZE, k=SIZE, ridge=RIDGE, alpha=self.alpha, beta=self.beta,
            activation=self.activation, direction=self.direction,
        )  # fmt: skip


_MORE = ("gelu", "erf", "softplus")
_DIRECTIONS = ("aligned", "random")

SETTINGS: tuple[Setting, ...] = (
    *(
        Setting("equivalent", a, d, alpha, 0.85)
        for alpha in (0.0, 0.5, 1.0)
        for d in _DIRECTIONS
        for a in ACTIVATIONS
    ),
    *(
        Setting("conditional", a, d, alpha, 1.0)
        for alpha in (0.0, 0.5)
        for d in _DIRECTIONS
        for a in ACTIVATIONS
    ),
    *(Setting("equivalent", a, d, 0.5, 0.85) for d in _DIRECTIONS for a in _MORE),
    # Where the plain formula misses the training error, added when that was seen.
    Setting("conditional", "tanh", "aligned", 0.0, 0.85),
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

    Examples
    --------
    >>> [row["kind"] for row in measure(SETTINGS[0], layer=15)]  # only applied to: no readouts
    ['equivalent']
    """
    simulated, _ = LAYERS[setting.method]
    draws = DRAWS if layer < simulated else 0
    found = readouts(setting.problem, layer, draws, SEED, setting.method)
    return [
        {**asdict(setting), "layer": layer, "draw": i - 1,
         "kind": "simulated" if i else setting.method, **row}
        for i, row in enumerate(found)
    ]  # fmt: skip


def layer_numbers(setting: str, layer: int) -> Numbers:
    """`measure` as a cell of `STUDY`, of the setting of this name."""
    return in_a_row(measure(Setting.named(setting), layer), DRAWS + 1)


def _exists(at: Mapping[str, Any]) -> bool:
    return bool(at["layer"] < LAYERS[Setting.named(at["setting"]).method][1])


STUDY = Study.of_function(
    layer_numbers,
    {"setting": [setting.name for setting in SETTINGS]},
    {"layer": max(total for _, total in LAYERS.values())},
    ("draw", range(-1, DRAWS)),
    VARIABLES,
    exists=_exists,
    n=SIZE,
    ridge=RIDGE,
    seed=SEED,
)
"""All settings and layers; draw -1 is the formula."""


def stored() -> pd.DataFrame:
    """The comparison that comes with the package: `COLUMNS`, as rows of `measure`.

    Examples
    --------
    >>> stored().method.unique().tolist()
    ['equivalent', 'conditional']
    """
    return table(archive.stored("accuracy"))


def table(results: xr.Dataset) -> pd.DataFrame:
    """Results of `STUDY` as the rows that `measure` gives.

    Examples
    --------
    >>> from onestep.studies import archive
    >>> one = archive.stored("accuracy").isel(setting=[0], layer=[0], draw=[0, 1])
    >>> rows = table(one)
    >>> len(rows), tuple(rows.columns) == COLUMNS, rows.kind.tolist()
    (2, True, ['equivalent', 'simulated'])
    """
    rows = []
    for (name, layer, draw), numbers in in_rows(results, ("setting", "layer", "draw")):
        setting = Setting.named(name)
        kind = "simulated" if draw >= 0 else setting.method
        rows.append({**asdict(setting), "layer": layer, "draw": draw, "kind": kind, **numbers})
    return pd.DataFrame(rows, columns=list(COLUMNS))
