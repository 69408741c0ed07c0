"""Outliers step by step: drawn and predicted in one table."""

import numpy as np
import pytest

import onestep
from onestep.network import Problem
from onestep.studies.step import fresh_steps, many_steps, outlier_places


def test_each_student_has_its_own_outlier_beside_its_prediction():
    problem = Problem(n=60, m=120, k=60, weights=(1.0,), spread=0.0, step=30.0)
    found = outlier_places.places(problem, ["tanh", "softplus"], [1, 3], trials=2)
    assert dict(found.moved.sizes) == {"student": 2, "steps": 2, "trial": 2}
    for name, index in (("tanh", 0), ("softplus", 1)):
        at = onestep.Problem(**{**vars(problem), "activation": name, "steps": 3})
        *_, last = fresh_steps.as_one_step(at)
        position = onestep.predicted_outliers(last, modes=3).position[index].item()
        mine = found.sel(student=name, steps=3)
        assert mine.place.item() == pytest.approx(position)
        drawn = many_steps.spectra_after(at, [3], trials=2).sel(steps=3)
        assert np.allclose(mine.feature, drawn.features[:, index])
        assert np.allclose(mine.moved, drawn.moved[:, 0])
