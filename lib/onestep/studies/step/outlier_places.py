"""Where fresh steps put outliers of the update and of the features: drawn, and by the limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from ...network import Problem
from ...theory.limit import predicted_outliers
from . import fresh_steps, many_steps


def places(
    problem: Problem, students: Sequence[str], steps: Sequence[int], trials: int, seed: int = 0
) -> xr.Dataset:
    """Largest singular value of ``F^ - F`` and the outlier of the features that the steps make.

    Drawn, dimensions (student, steps, trial): ``moved``, ``feature``. In the limit, (student,
    steps): ``strength`` of the update, and ``place`` of the feature's outlier, that of the one step
    which the steps are like; what is hidden counts as ``edge``, that after one step. ``chance`` as
    of `many_steps.spectra_after`, (quantity, student, steps, trial).
    """
    each = [_places(replace(problem, activation=a), steps, trials, seed) for a in students]
    return xr.concat(each, "student").assign_coords(student=list(students))


def _places(problem: Problem, steps: Sequence[int], trials: int, seed: int) -> xr.Dataset:
    all_steps = replace(problem, steps=max(steps))
    layers, ones = list(fresh_steps.layers(all_steps)), list(fresh_steps.as_one_step(all_steps))
    found = [predicted_outliers(ones[t - 1], modes=3) for t in steps]
    made = int(found[-1].learned.sel(function="step").argmax("mode"))
    place = np.array([float(one.position[made]) for one in found])
    drawn = many_steps.spectra_after(all_steps, steps, trials, seed)
    edge = float(found[0].edge)
    return xr.Dataset(
        {
            "moved": drawn.moved.sel(index=0, drop=True),
            "feature": drawn.features.sel(index=made, drop=True),
            "chance": drawn.chance.expand_dims(steps=list(steps), axis=1),
            "strength": ("steps", [layers[t - 1].strengths(problem.k, 1)[0] for t in steps]),
            "place": ("steps", np.where(np.isnan(place), edge, place)),
            "edge": edge,
        }
    )
