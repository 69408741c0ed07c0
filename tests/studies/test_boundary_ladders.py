"""Ladders at the boundaries of the degree map, as stored and as predicted."""

import numpy as np

from onestep.studies import archive
from onestep.studies.degree import boundary_ladders


def test_exponents_are_slopes_of_the_stored_gaps():
    boundary = boundary_ladders.EDGES[0]
    inner = [each for each in boundary_ladders.OTHERS if each.segment.startswith("inner")]
    among = [boundary, inner[0]]
    ladders = boundary_ladders.of_store(archive.stored("degree-ladder"), among)
    low, high = (ladders[boundary, side] for side in boundary_ladders.SIDES)
    assert low.sizes == (400, 800, 1600)
    means = np.log([gaps.mean() for gaps in low.gaps])
    assert np.isclose(low.measured_exponent.value, np.polyfit(np.log(low.sizes), means, 1)[0])
    assert low.predicted_exponent < 0 < high.predicted_exponent
    assert np.isclose(low.exponent_of_strength, low.predicted_exponent)  # alpha is 0 already
    off = boundary_ladders.off([low, high], [low.predicted_exponent, high.predicted_exponent])
    assert np.all(abs(off.value) < 0.1)
    table = boundary_ladders.exponents(ladders.values())
    assert len(table) == len(ladders) == 4
    assert (table["as at alpha = 0"] != "").tolist() == [False, False, True, True]
    assert len(inner) == 4


def test_a_stored_cell_is_what_the_library_computes():
    own, following = boundary_ladders.recomputed(archive.stored("degree-ladder"), 0, "low")
    assert abs(own) < 1e-6 < abs(following)
