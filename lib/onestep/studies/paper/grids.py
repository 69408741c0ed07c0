"""The paper's synthetic figures as declared grids: Figures 1, 2, 4 and 5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..._support import streams
from ...degrees import published_degree
from ...experiment import Fields
from ...network import HermiteModel, Model, Problem

ACTIVATIONS = ("relu", "tanh", "sigmoid")
"""Students of the paper's figures."""

WIDTHS = (0.1, 0.3, 0.4, 0.5, 0.7, 0.9, 1.0, 1.1, 1.5, 2.0, 3.0, 4.0, 5.0)
"""Widths k/m of the paper's Figure 1a."""

_TENTHS = tuple(np.linspace(0, 1, 10).tolist())


@dataclass(frozen=True)
class Figure:
    """One published figure as a sweep.

    `problem`, `over`, `models` and `fields` are as for `sweep`, at the size of the paper,
    `trials` the paper's number, `axis` the dimension that the figure shows, `quick` the
    coordinates of the quick profile. If the published trials of a point share `one_draw` of
    structure, direction and samples, students measure the scatter of such a draw at the
    coordinates `shared`. The formula averages over trained `layers`; 0 takes the limit, which
    draws nothing.

    Examples
    --------
    >>> problem, degree = FIGURES["fig1a"].at({"k": 300, "activation": "tanh"}, trial=0)
    >>> problem.k, problem.activation, degree
    (300, 'tanh', 3)
    """

    problem: Problem
    over: Mapping[str, Sequence[Any]]
    axis: str
    quick: Mapping[str, Sequence[Any]]
    one_draw: bool = False
    shared: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    models: tuple[str | Model, ...] = ("network", "hermite")
    trials: int = 20
    fields: Fields | None = None
    layers: int = 0

    def at(self, point: Mapping[str, Any], trial: int) -> tuple[Problem, int | None]:
        """Problem and degree of one trial at one point."""
        own = dict(point if self.fields is None else self.fields(point, trial))
        degree = own.pop("degree", None)
        return replace(self.problem, **own), degree


def _degree_three(point: Mapping[str, Any], trial: int) -> dict[str, Any]:
    return {**point, "degree": 3}


def _degree_of_beta(point: Mapping[str, Any], trial: int) -> dict[str, Any]:
    return {**point, "degree": published_degree(point["beta"])}


def _mixture_ratio(point: Mapping[str, Any], trial: int) -> dict[str, Any]:
    rho = point["rho"]
    return {"activation": point["activation"], "weights": (rho, 1 - rho), "degree": 3}


def _random_strengths(point: Mapping[str, Any], trial: int) -> dict[str, Any]:
    """Strengths theta * U(0, 1), those of the second cluster rescaled to the sum of the first's."""
    rank = point["rank"]
    one, two = streams.generator("strengths of Figure 2c", rank, trial).uniform(size=(2, rank))
    two *= one.sum() / two.sum()
    return {**point, "strengths": (tuple(one.tolist()), tuple(two.tolist())), "degree": 3}


_BASE = Problem()
_CLASSES, _PUBLISHED = replace(_BASE, target="class"), replace(_BASE, construction="published")
_WEIGHTINGS = tuple(np.linspace(0, 1, 20).tolist())
_ALIGNMENTS = tuple(np.linspace(-1, 1, 20).tolist())
_MAP = tuple(np.linspace(0, 1, 30).tolist())


def _along(
    axis: str,
    values: Sequence[Any],
    quick: Sequence[Any],
    shared: Sequence[Any] = (),
    *,
    problem: Problem = _BASE,
    fields: Fields = _degree_three,
    **options: Any,
) -> Figure:
    """A figure along one axis, for every activation."""
    return Figure(
        problem,
        over={axis: values, "activation": ACTIVATIONS},
        axis=axis,
        quick={axis: quick},
        shared={axis: shared} if shared else {},
        fields=fields,
        **options,
    )


def _by_beta(alpha: float) -> Figure:
    at = replace(_BASE, alpha=alpha)
    options: dict[str, Any] = {"problem": at, "fields": _degree_of_beta, "one_draw": True}
    return _along("beta", _TENTHS, _TENTHS[::3], _TENTHS[1::3], **options)


_WIDTHS = tuple(round(1000 * width) for width in WIDTHS)

FIGURES: Mapping[str, Figure] = {
    "fig1a": _along("k", _WIDTHS, (100, 500, 1000, 2000), (300, 700, 1500), one_draw=True),
    "fig1b": _along("alpha", _WEIGHTINGS, _WEIGHTINGS[::6], _WEIGHTINGS[2::6], one_draw=True),
    "fig1c": _by_beta(_BASE.alpha),
    "fig2a": _along(
        "alignment", _ALIGNMENTS, _ALIGNMENTS[::6], _ALIGNMENTS[3::6], problem=_PUBLISHED
    ),
    # The same with an exact overlap, at half of the points.
    "fig2a-exact": _along("alignment", _ALIGNMENTS[::2], _ALIGNMENTS[::6]),
    "fig2b": _along(
        "rho",
        _TENTHS,
        _TENTHS[::3],
        _TENTHS[1::3],
        problem=_CLASSES,
        fields=_mixture_ratio,
        one_draw=True,
    ),
    # The limit's quadrature is a product rule: it cannot carry twenty spikes. So a few layers.
    "fig2c": _along(
        "rank",
        tuple(range(1, 11)),
        (1, 4, 7, 10),
        problem=_PUBLISHED,
        fields=_random_strengths,
        trials=100,
        layers=6,
    ),
    # One sweep serves both heat maps: 4a shows the network, 4b what degree 1 is off.
    "fig4": Figure(
        problem=replace(_PUBLISHED, n=400, m=500, k=500, direction="aligned"),
        over={"alpha": _MAP, "beta": _MAP},
        axis="beta",
        quick={"alpha": _MAP[::7], "beta": _MAP[::7]},
        one_draw=True,
        shared={"alpha": _MAP[4::10], "beta": _MAP[4::10]},
        models=("network", HermiteModel(degree=1)),
    ),
    "fig5a": _by_beta(0.0),
    "fig5c": _by_beta(1.0),
}
"""Published figures by name."""
