"""The stored map of random problems: what `converged` is worth."""

import numpy as np

from onestep.studies import archive
from onestep.studies.errors import validity, validity_tables
from onestep.theory import METHODS


def test_converged_answers_are_right_and_the_others_are_not_as_good():
    """At least 99 % within 5 % and three standard errors."""
    found = validity_tables.judged(archive.stored("validity"))
    assert validity_tables.rate(found[found.status == "converged"]) >= 0.99
    assert validity_tables.rate(found[found.status == "out of range"]) < 0.9
    assert list(found.method.unique()) == list(METHODS)


def test_problems_are_many_and_varied():
    problems = [validity.problem_of(number) for number in range(40)]
    assert len({problem.activation for problem in problems}) > 12
    assert any(problem.target == "class" for problem in problems)
    assert any(problem.means for problem in problems)
    assert {len(problem.weights) for problem in problems} == {1, 2, 3}


def test_a_cell_comes_out_again():
    stored = archive.stored("validity").sel(number=3)
    again = validity.compared(3)
    assert all(stored[name].values.tolist() == again[name] for name in ("answer",))
    for name in ("unevenness", "squares", "weight_scatter"):
        found = np.array(again[name], dtype=float)
        assert np.allclose(stored[name], found, rtol=1e-6, equal_nan=True)
