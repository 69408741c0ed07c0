"""Data of the book's explorer page: what a browser needs to solve the limit by itself.

The page evaluates the method ``"kernel"`` of `onestep.predict` in the reader's browser, the same
equations in another language. What it cannot do there is expand an activation in Hermite
polynomials. Those expansions are smooth in the logarithm of the scale, so that Chebyshev series of
them, made here by `onestep.hermite`, carry all that is needed: no grid over the settings is stored.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ... import activations, hermite
from ..._support import check
from ..._support.arrays import Array
from ...activations import Activation
from ...hermite import ScaleSeries, gauss, gauss_on_pieces
from ...theory.limit import KERNEL_DEGREE, KERNEL_RULES

ACTIVATIONS = ("relu", "tanh", "sigmoid", "gelu", "erf", "abs")
"""Students and targets of the page; a target may also be the class."""

NODES = 96
"""Chebyshev nodes of a table."""

_LABEL_DEGREE = 1  # the highest that the step needs; the readout sees the label itself
_FEATURE_SCALES = (0.65, 90.0)  # from the bulk's alone to the farthest node of a rule
_LABEL_SCALES = (0.04, 1.05)  # of the index of the labels
_NEGLIGIBLE = 1e-16  # coefficients of a series below this are left out at its end
_WINDOW = (-4.0, 4.0, 161)  # preactivations at which an activation is drawn


def _feature_values(activation: Activation, scale: Array) -> Array:
    """What the features need at scales tau, shape (N, KERNEL_DEGREE + 3).

    ``sqrt(p!) h_p(tau)`` for p up to `KERNEL_DEGREE`, ``E sigma(tau g)^2`` and
    ``E sigma'(tau g)^2``, all divided by ``(1 + tau^2)^{1/2}`` or, the second, ``1 + tau^2``:
    for activations of linear growth nothing is then large at any scale.
    """
    growth = np.sqrt(1 + scale**2)[:, None]
    series = hermite.coefficients(activation, KERNEL_DEGREE, scale)
    series = series * hermite.sqrt_factorials(KERNEL_DEGREE) / growth
    power = hermite.second_moment(activation, scale)[:, None] / growth**2
    return np.concatenate(
        [series, power, hermite.mean_square_slope(activation, scale)[:, None]], axis=1
    )


def _label_values(activation: Activation, scale: Array) -> Array:
    """``sqrt(p!) h_p`` for p up to the degree of labels, and ``E sigma_*^2``."""
    series = hermite.coefficients(activation, _LABEL_DEGREE, scale)
    power = hermite.second_moment(activation, scale)[:, None]
    return np.concatenate([series * hermite.sqrt_factorials(_LABEL_DEGREE), power], axis=1)


def feature_table(activation: Activation, nodes: int = NODES) -> ScaleSeries:
    """What the features need, over the scales of their preactivations.

    Examples
    --------
    >>> table = feature_table(activations.get("relu"), nodes=32)
    >>> table(np.array([1.0]))[0, :2].round(6)  # h_0(1) and h_1(1), over sqrt(2)
    array([0.282095, 0.353553])
    """
    return ScaleSeries.of(lambda s: _feature_values(activation, s), *_FEATURE_SCALES, nodes)


def _label_table(activation: Activation, nodes: int = NODES) -> ScaleSeries:
    return ScaleSeries.of(lambda s: _label_values(activation, s), *_LABEL_SCALES, nodes)


def table_error(activation: Activation, scales: int, rng: np.random.Generator, nodes: int) -> float:
    """Largest error of both tables at random scales, by the library's own coefficients.

    In units in which features and labels are of order 1. Scales are uniform in the logarithm over
    the range of each table.
    """
    scales = check.integer("scales", scales, 1)
    worst = 0.0
    for table, values in (
        (feature_table(activation, nodes), _feature_values),
        (_label_table(activation, nodes), _label_values),
    ):
        scale = np.exp(rng.uniform(math.log(table.low), math.log(table.high), scales))
        worst = max(worst, float(np.abs(table(scale) - values(activation, scale)).max()))
    return worst


def data(n: int, functions: Sequence[str] = ACTIVATIONS) -> dict[str, Any]:
    """All that the page needs, as JSON types, for an input dimension in [10, 2000].

    For others the tables are too narrow; sample size and width follow from the page's ratios.
    """
    n = check.integer("n", n, 10, 2000)
    drawn, entries = np.linspace(*_WINDOW[:2], _WINDOW[2]), {}
    for name in functions:
        activation = activations.get(name)
        entries[name] = {
            "values": [float(f"{v:.6g}") for v in activation(drawn)],
            "features": _table_as_json(feature_table(activation)),
            "labels": _table_as_json(_label_table(activation)),
        }
    rules = (("whole", gauss), ("halves", lambda size: gauss_on_pieces([0.0], size)))
    return {
        "n": n,
        "window": [float(_WINDOW[0]), float(_WINDOW[1])],
        "rules": {
            kind: {str(size): [each.tolist() for each in rule(size)] for size in KERNEL_RULES[kind]}
            for kind, rule in rules
        },
        "functions": entries,
    }


class Embedded:
    """The data as a script element that a notebook's output carries into the page."""

    def __init__(self, content: dict[str, Any]) -> None:
        # No "<" may appear in a script element; JSON has another name for it.
        self.text = json.dumps(content, separators=(",", ":")).replace("<", "\\u003c")

    @property
    def bytes(self) -> int:
        """Size on the page."""
        return len(self.text.encode())

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        element = f'<script type="application/json" id="explorer-data">{self.text}</script>'
        return {"text/html": element, "text/plain": f"[data of the explorer: {self.bytes} bytes]"}


def _table_as_json(table: ScaleSeries) -> dict[str, Any]:
    series = [_trimmed(column).tolist() for column in table.series.T]
    return {
        "low": table.low,
        "high": table.high,
        "series": [[float(f"{c:.16g}") for c in each] for each in series],
    }


def _trimmed(series: Array) -> Array:
    """The series without its negligible tail."""
    counts = np.flatnonzero(np.abs(series) > _NEGLIGIBLE)
    return series[: counts[-1] + 1] if counts.size else series[:1]
