"""The eight studies: what they change, and the variance of their labels."""

from dataclasses import replace

import numpy as np
import pytest

import onestep
from onestep.studies.paper import structure
from onestep.theory.limit import coordinates

BASE = onestep.Problem(n=200, m=60, k=40, ridge=1e-3)


@pytest.mark.parametrize("study", structure.studies(BASE))
def test_the_variance_of_the_labels_is_that_of_the_limit(study):
    for x, point in structure.studies(BASE)[study].items():
        if "clusters" in study:
            assert point.variance == (1.0 if x == 2 else 1 - 1 / x)
            continue
        at = coordinates(replace(BASE, **point.fields))
        labels, inputs = at.labels, at.inputs
        second = labels.second_moment(inputs)
        if "ratio" in study:
            second -= (2 * x - 1) ** 2
        if point.fields.get("target") == "class":
            assert np.isclose(second, point.variance)
        else:  # a ReLU label of variance v has the second moment v / 2 / (1/2 - 1/2 pi)
            assert np.isclose(second * 2 * structure.RELU_VARIANCE, point.variance, rtol=0.02)


def test_simulation_and_formula_stand_side_by_side():
    points = structure.studies(BASE)
    few = {
        name: dict(list(points[name].items())[:3])
        for name in ("alignment, classes", "rank, classes")
    }
    results = structure.compare(BASE, few, trials=3, layers=2)
    assert len(results) == 6
    assert structure.over_formula(results, "generalization").shape == (2, 3)
    assert structure.over_formula(results, "training").shape == (3,)
    assert abs(structure.over_formula(results, "generalization").mean() - 1) < 0.3


def test_normalised_limits_are_in_units_of_the_best_constant():
    points = structure.studies(BASE)["alignment, random ξ"]
    table = structure.limits(BASE, points)
    assert np.allclose(
        table.normalised, [2 * e / points[a].variance for a, e in table.error.items()]
    )


def test_the_published_construction_has_the_exact_one_in_the_mean():
    difference, control = structure.construction()
    assert abs(difference.mean()) < 0.01 < abs(control.mean())
