"""Decay of coefficients where it is known, and the tables of the atlas."""

import numpy as np

from onestep import hermite
from onestep.studies.model import atlas


def test_decay_of_a_kink_of_a_jump_and_of_poles():
    assert abs(atlas.power("relu", 1.0, range(100, 151, 2)) + 1.25) < 0.02
    assert abs(atlas.power("step", 1.0, range(101, 151, 2)) + 0.75) < 0.02
    assert abs(atlas.root_slope("tanh", 2.0) / (np.pi / 4) + 1) < 0.1


def test_growth_outside_the_bulk():
    assert abs(atlas.growth_outside(1.3) - np.log(2 * 1.3**2 - 1)) < 0.02


def test_tables_have_a_row_for_each_activation():
    names = ("relu", "tanh")
    assert list(atlas.properties(names, 1.0)["closed form"]) == ["yes", "no"]
    table = atlas.coefficients(names, 3, 1.0)
    assert table.loc["relu", "h_1"].strip() == "0.5000"
    best = atlas.best_degrees(names, 1.0, (1.0, 2.0))
    assert best.loc["relu", 1.0] > best.loc["relu", 2.0]
    assert np.isclose(
        atlas.normalised("relu", 1.0)[2], 2**0.5 * hermite.coefficients("relu", 2, 1.0)[2]
    )
