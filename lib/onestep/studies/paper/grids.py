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
_WEIGHTINGS = tuple(np.linspace(0, 1, 20).tolist())
_ALIGNMENTS = tuple(np.linspace(-1, 1, 20).tolist())
_MAP = tuple(np.linspace(0, 1, 30).tolist())

_BY_BETA: dict[str, Any] = {
    "over": {"beta": _TENTHS, "activation": ACTIVATIONS},
    "axis": "beta",
    "quick": {"beta": _TENTHS[::3]},
    "one_draw": True,
    "shared": {"beta": _TENTHS[1::3]},
    "fields": _degree_of_beta,
}

FIGURES: Mapping[str, Figure] = {
    "fig1a": Figure(
        problem=_BASE,
        over={"k": tuple(round(1000 * w) for w in WIDTHS), "activation": ACTIVATIONS},
        axis="k",
        quick={"k": (100, 500, 1000, 2000)},
        one_draw=True,
        shared={"k": (300, 700, 1500)},
        fields=_degree_three,
    ),
    "fig1b": Figure(
        problem=_BASE,
        over={"alpha": _WEIGHTINGS, "activation": ACTIVATIONS},
        axis="alpha",
        quick={"alpha": _WEIGHTINGS[::6]},
        one_draw=True,
        shared={"alpha": _WEIGHTINGS[2::6]},
        fields=_degree_three,
    ),
    "fig1c": Figure(problem=_BASE, **_BY_BETA),
    "fig2a": Figure(
        problem=replace(_BASE, construction="published"),
        over={"alignment": _ALIGNMENTS, "activation": ACTIVATIONS},
        axis="alignment",
        quick={"alignment": _ALIGNMENTS[::6]},
        shared={"alignment": _ALIGNMENTS[3::6]},
        fields=_degree_three,
    ),
    # The same with an exact overlap, at half of the points.
    "fig2a-exact": Figure(
        problem=_BASE,
        over={"alignment": _ALIGNMENTS[::2], "activation": ACTIVATIONS},
        axis="alignment",
        quick={"alignment": _ALIGNMENTS[::6]},
        fields=_degree_three,
    ),
    "fig2b": Figure(
        problem=replace(_BASE, target="class"),
        over={"rho": _TENTHS, "activation": ACTIVATIONS},
        axis="rho",
        quick={"rho": _TENTHS[::3]},
        one_draw=True,
        shared={"rho": _TENTHS[1::3]},
        fields=_mixture_ratio,
    ),
    "fig2c": Figure(
        problem=replace(_BASE, construction="published"),
        over={"rank": tuple(range(1, 11)), "activation": ACTIVATIONS},
        axis="rank",
        quick={"rank": (1, 4, 7, 10)},
        trials=100,
        fields=_random_strengths,
        # The limit's quadrature is a product rule: it cannot carry twenty spikes.
        layers=6,
    ),
    # One sweep serves both heat maps: 4a shows the network, 4b what degree 1 is off.
    "fig4": Figure(
        problem=replace(_BASE, n=400, m=500, k=500, direction="aligned", construction="published"),
        over={"alpha": _MAP, "beta": _MAP},
        axis="beta",
        quick={"alpha": _MAP[::7], "beta": _MAP[::7]},
        one_draw=True,
        shared={"alpha": _MAP[4::10], "beta": _MAP[4::10]},
        models=("network", HermiteModel(degree=1)),
    ),
    "fig5a": Figure(problem=replace(_BASE, alpha=0.0), **_BY_BETA),
    "fig5c": Figure(problem=replace(_BASE, alpha=1.0), **_BY_BETA),
}
"""Published figures by name."""
