"""How costs grow: exponents of a power law, and sizes that grow."""

import numpy as np
import pytest

from onestep.experiment import fill
from onestep.studies import bench_growth


def test_exponents_are_those_of_a_power_law(monkeypatch):
    def told(problem, what):
        return {"seconds": 1e-9 * problem.n**2.5, "bytes": 1e8 + 8.0 * (problem.n**2 - 50**2)}

    monkeypatch.setattr(bench_growth, "alone", told)
    monkeypatch.setattr(bench_growth, "matrix_rate", lambda: 2e9)
    study = bench_growth.at_sizes([500, 1000, 2000], ["trial", "scalar"])
    found = bench_growth.table(fill(study))
    assert np.allclose(found["products", "500"], 500**-0.5)  # a product takes 1e-9 n^3 seconds
    assert np.allclose(found["products", "exponent of time"], 2.5)
    assert np.allclose(found["GB", "exponent"], 2.0, atol=0.01)


def test_what_was_not_measured_is_no_part_of_an_exponent():
    study = bench_growth.at_sizes([500, 1000, 2000], ["trial"])
    found = study.blank().assign(
        products=(("what", "size", "process"), [[[1.0], [8.0], [16.0], [np.nan]]]),
        bytes=(("what", "size", "process"), [[[1e8], [2e8], [5e8], [np.nan]]]),
    )
    assert np.isclose(bench_growth.table(found)["products", "exponent of time"], 4.0).all()


@pytest.mark.parametrize("sizes", [[500], [500, 400], [50, 100]])
def test_growth_needs_growing_sizes(sizes):
    with pytest.raises(ValueError, match="sizes"):
        bench_growth.at_sizes(sizes)


def test_a_method_that_is_none_is_refused():
    with pytest.raises(ValueError, match="what"):
        bench_growth.at_sizes([100, 200], ["kernel"])
