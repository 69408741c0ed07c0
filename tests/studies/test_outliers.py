"""Groups of outliers, their sums, and what is left of the bulk."""

import numpy as np
import pytest

import onestep
from onestep.studies.step import outliers


@pytest.fixture(scope="module")
def spectrum():
    problem = onestep.Problem(n=300, m=300, k=300, alpha=0.0, beta=0.8)
    return outliers.Spectrum.of(problem, 3)


def test_groups_share_out_the_visible_outliers(spectrum):
    found = np.concatenate(spectrum.groups)
    assert len(set(found)) == len(found)
    assert [len(group) for group in spectrum.groups[:2]] == [1, 2]
    drawn = spectrum.drawn.eigenvalue.values
    assert np.allclose(spectrum.total(1), drawn[:, spectrum.groups[1]].sum(axis=1))
    for power in (0, 1):
        assert abs(float(spectrum.total(power).mean()) / spectrum.formula(power) - 1) < 0.3
        assert spectrum.formula(power, "strength") < spectrum.formula(power)


def test_false_laws_are_told_apart(spectrum):
    assert abs(spectrum.excess_count("averaged").mean()) < 1 < spectrum.excess_count("plain").mean()
    assert max(spectrum.bulk_distance("averaged")) < min(spectrum.bulk_distance("plain"))
    own, shuffled = (abs(spectrum.unseen(c, 1)).mean() for c in ("own", "shuffled"))
    assert own < 0.1 < shuffled


def test_tables_have_a_row_for_each_point(spectrum):
    assert len(outliers.counts({("relu", 0.8): spectrum})) == 1
    assert len(outliers.sums([spectrum])) == len(outliers.POWERS)


def test_exponents_of_the_kernel_follow_the_powers():
    problem = onestep.Problem(alpha=0.0, beta=0.8)
    found = outliers.size_exponents(problem, [10**9, 10**10, 10**11])
    assert np.allclose(found.value, [0.8, 0.6], atol=0.03)
