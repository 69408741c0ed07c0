"""Gaps of surrogates, and the margins for the shape of a projection."""

import numpy as np
from scipy import stats

import onestep
from onestep.studies.step import surrogate_gaps


def test_gaps_are_relative_and_know_the_labels_power():
    problem = onestep.Problem(n=60, m=60, k=30, target="abs", direction="aligned", ridge=0.1)
    result = onestep.conditional_surrogate(problem, trials=3, test_size=60)
    point = ("relu", "strong", 60)
    found = surrogate_gaps.gaps({point: result})
    plain = onestep.relative_difference(result, "unconditional")
    same = found[*point, "unconditional", "generalization_error"]
    assert np.allclose(same, plain.generalization_error)
    power = result.label_power
    luck = power.sel(model="unconditional") - power.sel(model="network")
    training = found[*point, "unconditional", "training_error"]
    assert np.allclose(training + luck, plain.training_error)
    joint = surrogate_gaps.joint(found, ["relu"], "strong", 60, "conditional", "training_error")
    assert joint.degrees_of_freedom == 2
    rows = surrogate_gaps.rows(found, [point])
    assert rows[*point, "training"].value.shape == (3,)
    norm = surrogate_gaps.rows(found, [point], minus="conditional")[*point, "training"]
    assert np.isclose(
        norm.value[0], rows[*point, "training"].value[1] - rows[*point, "training"].value[0]
    )


def test_a_distribution_at_the_margin_is_off_by_the_probability():
    """A gamma distribution of small skewness, against the normal one."""
    margin = surrogate_gaps.shape_margins(0.01)["skewness"]
    shape = 4 / margin**2
    x = np.linspace(-4, 4, 2001)
    gamma = stats.gamma.cdf(x * shape**0.5 + shape, shape)
    assert abs(np.max(np.abs(gamma - stats.norm.cdf(x))) - 0.01) < 5e-4
