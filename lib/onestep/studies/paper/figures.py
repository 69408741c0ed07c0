"""The paper's synthetic figures as declared sweeps: Figures 1, 2, 4, 5 and 6.

Every trial redraws everything. Where the published points share one draw of the data among their
trials, its scatter is measured with *students*: networks that learn from the data of one trial.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from ..._support import check
from ..._support.version import __version__
from ...experiment import Study, grid
from ...network import Problem, TrainedLayer
from ...theory import predict
from .. import archive
from .grids import ACTIVATIONS, FIGURES, Figure

__all__ = ["ACTIVATIONS", "FIGURES", "PROFILES", "formula", "stored", "studies"]

PROFILES = ("quick", "full")
"""A few points and trials, or all that the paper has."""

_QUICK_TRIALS = 4


def studies(name: str, *, profile: str = "quick", trials: int | None = None) -> dict[str, Study]:
    """A figure's ``"results"`` and, where the published trials share draws, ``"students"``.

    The profile ``"full"`` has the published points and trials, ``"quick"`` some points, 4 trials.

    Examples
    --------
    >>> study = studies("fig1b")["results"]
    >>> study.repeats["trial"], list(study.points)
    (4, ['alpha', 'activation'])
    """
    figure = FIGURES[check.choice("name", name, FIGURES)]
    full = check.choice("profile", profile, PROFILES) == "full"
    over = figure.over if full else {**figure.over, **figure.quick}
    count = (figure.trials if full else _QUICK_TRIALS) if trials is None else trials
    options: dict[str, Any] = {"models": figure.models, "trials": count, "fields": figure.fields}
    found = {"results": grid(figure.problem, over, **options)}
    if figure.shared:
        # The published test sample, 5 m inputs, belongs to the draw that the trials share.
        options |= {"students": 2, "test_size": 5 * figure.problem.m}
        found["students"] = grid(figure.problem, {**figure.over, **figure.shared}, **options)
    return found


def formula(name: str) -> xr.Dataset:
    """The errors of a figure's networks by formula: the curve that the simulation is compared with.

    The method is ``"scalar"``; ``"scalar-conditional"`` for ``beta > 0.85``; and, where there are
    too many spikes for these, ``"equivalent"`` over some layers, with the power of the labels in
    the trials as a control variate. NaN where a solver did not converge.
    """
    figure = FIGURES[check.choice("name", name, FIGURES)]
    shape = [len(values) for values in figure.over.values()]
    points = [
        dict(zip(figure.over, values, strict=True))
        for values in itertools.product(*figure.over.values())
    ]
    found = [_by_formula(figure, point) for point in points]
    return xr.Dataset(
        {
            error: (list(figure.over), np.reshape([e[error].mean().item() for e in found], shape))
            for error in ("training_error", "generalization_error")
        },
        coords={axis: list(values) for axis, values in figure.over.items()},
        attrs={"onestep_version": __version__},
    )


def _by_formula(figure: Figure, point: Mapping[str, Any]) -> xr.Dataset:
    """Predictions at one point: the limit, where it holds, else over a few trained layers."""
    problem, degree = figure.at(point, 0)
    only: dict[str, Any] = {"models": ["network"], "degree": degree}
    if figure.layers:
        # Every layer has its own problem: the strengths are drawn anew. Errors follow the power of
        # the labels, which is known at once for as many draws as are simulated: a control variate.
        at = [figure.at(point, trial)[0] for trial in range(figure.trials)]
        few = at[: figure.layers]
        found = xr.concat(
            [predict(each, method="equivalent", guarded=False, **only) for each in few], "trial"
        )
        power = [_label_power(each) for each in at]
        return found.mean("trial") * (np.mean(power) / np.mean(power[: figure.layers]))
    if problem.beta > _FULL:
        return predict(problem, method="scalar-conditional", guarded=False, **only)
    return predict(problem, method="scalar", guarded=False, **only)


def _label_power(problem: Problem) -> float:
    """``E y^2`` of one draw of the structure and the direction, the same at every size m and k."""
    layer = TrainedLayer.train(replace(problem, m=2, k=1))
    return layer.labels.second_moment(layer.inputs)


_FULL = 0.85
"""Strength beyond which features are conditioned on the coordinates of the spikes."""


def stored(name: str, part: str = "results") -> xr.Dataset:
    """Full results that come with the package, their ``"students"``, or the ``"formula"``."""
    name = check.choice("name", name, FIGURES)
    part = check.choice("part", part, ("results", "students", "formula"))
    return archive.stored(f"figures/{name}" + ("" if part == "results" else f"-{part}"))
