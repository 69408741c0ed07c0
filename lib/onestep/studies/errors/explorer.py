"""Data of the book's explorer page: what a browser needs to solve the limit by itself.

The page evaluates the method ``"scalar"`` of `onestep.predict` in the reader's browser, the same
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

ACTIVATIONS = ("relu", "tanh", "sigmoid", "gelu", "erf", "abs")
"""Students and targets of the page; a target may also be the class."""

DEGREE = 22
"""Highest coefficient of a table: the page's series end at 20, and their second derivatives do."""

NODES = 112
"""Chebyshev nodes of a table."""

_SCALES = (0.1, 90.0)  # of preactivations, from a bulk that the step shrinks to the farthest type
_DIGITS = 13  # decimals of the coefficients; what is 0 then is left out at the end of a series
_TYPES = range(2, 13)  # nodes for a coordinate of the neurons
_LABEL = 40  # nodes for either half of the label's index
_INPUTS = 20  # and for either half of the coordinate along which classes are told apart
_WINDOW = (-4.0, 4.0, 161)  # preactivations at which an activation is drawn


def _feature_values(activation: Activation, scale: Array) -> Array:
    """What the features need at scales tau, shape (N, DEGREE + 3).

    ``sqrt(p!) h_p(tau)`` for p up to `DEGREE`, ``E sigma(tau g)^2`` and
    ``E sigma'(tau g)^2``, all divided by ``(1 + tau^2)^{1/2}`` or, the second, ``1 + tau^2``:
    for activations of linear growth nothing is then large at any scale.
    """
    growth = np.sqrt(1 + scale**2)[:, None]
    series = hermite.coefficients(activation, DEGREE, scale)
    series = series * hermite.sqrt_factorials(DEGREE) / growth
    power = hermite.second_moment(activation, scale)[:, None] / growth**2
    return np.concatenate(
        [series, power, hermite.mean_square_slope(activation, scale)[:, None]], axis=1
    )


def feature_table(activation: Activation, nodes: int = NODES) -> ScaleSeries:
    """What the features need, over the scales of their preactivations.

    Examples
    --------
    >>> table = feature_table(activations.get("relu"), nodes=32)
    >>> table(np.array([1.0]))[0, :2].round(6)  # h_0(1) and h_1(1), over sqrt(2)
    array([0.282095, 0.353553])
    """
    return ScaleSeries.of(lambda s: _feature_values(activation, s), *_SCALES, nodes)


def table_error(activation: Activation, scales: int, rng: np.random.Generator, nodes: int) -> float:
    """Largest error of the table at random scales, by the library's own coefficients.

    In units in which features are of order 1. Scales are uniform in the logarithm over the range.
    """
    scales = check.integer("scales", scales, 1)
    table = feature_table(activation, nodes)
    scale = np.exp(rng.uniform(math.log(table.low), math.log(table.high), scales))
    return float(np.abs(table(scale) - _feature_values(activation, scale)).max())


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
        }
    return {
        "n": n,
        "window": [float(_WINDOW[0]), float(_WINDOW[1])],
        "rules": {
            "types": {str(size): [each.tolist() for each in gauss(size)] for size in _TYPES},
            "label": [each.tolist() for each in gauss_on_pieces([0.0], _LABEL)],
            "inputs": [each.tolist() for each in gauss_on_pieces([0.0], _INPUTS)],
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
    return {
        "low": table.low,
        "high": table.high,
        "series": [_trimmed(column.round(_DIGITS)).tolist() for column in table.series.T],
    }


def _trimmed(series: Array) -> Array:
    """The series without its negligible tail."""
    counts = np.flatnonzero(series)
    return series[: counts[-1] + 1] if counts.size else series[:1]
