"""Pairs of classes of Fashion-MNIST as own data, and what feature moments foretell."""

import numpy as np
import pytest

from onestep import claims
from onestep.inputs import fashion
from onestep.studies.images import image_pairs
from onestep.studies.images.image_pairs import PAIRS


@pytest.fixture(scope="module")
def found():
    return image_pairs.gaps(image_pairs.stored())


def test_every_pair_has_its_verdict(found):
    assert len(found) == len(PAIRS) and found.notna().all().all()
    assert (found["standard error"] < 0.04).all()
    shown = image_pairs.table(image_pairs.stored())
    assert len(shown) == len(PAIRS) and shown.iloc[:, 0].is_monotonic_increasing


def test_the_formula_is_right_about_gaussians_of_every_pair():
    """Within m^-1/2, and three standard errors."""
    for activation in ("relu", "tanh"):
        error = image_pairs.stored(activation).error.transpose("curve", "pair", "network")
        ratio = claims.ratio(error.sel(curve="formula"), error.sel(curve="gaussians"))
        excess = np.abs(ratio.value - 1) - image_pairs.SAMPLES**-0.5
        assert (excess < 3 * ratio.standard_error).all()


def test_the_flag_agrees_with_what_is_measured(found):
    told = image_pairs.agreement(found)
    assert told["flag agrees with the verdict"] >= 0.9
    assert told["flag agrees with these"] == 1.0
    assert told["one flag for all agrees"] < 0.85


def test_what_is_foretold_is_this_pair_and_no_other(found):
    right, wrong = image_pairs.squares(found), image_pairs.squares(found, 1)
    assert right.value < 0.02**2 < wrong.value


def test_flags_and_verdicts_follow_their_margin(found):
    assert np.array_equal(found["flag"], found["foretold"].abs() > 0.1)
    assert np.array_equal(found["verdict"], found["measured"].abs() > 0.1)


def test_the_figure_shows_every_pair(found):
    figure = image_pairs.figure(found)
    [axis] = figure.axes
    assert len(axis.containers[0].lines[0].get_xdata()) == len(found)


def test_a_stored_pair_can_be_computed_anew():
    try:
        fashion.load(download=False)
    except fashion.DataMissing:
        pytest.skip("Fashion-MNIST is not installed")
    again = image_pairs.errors(2, "tanh", 3)
    kept = image_pairs.stored("tanh").sel(pair=2, network=3)
    for name, row in again.items():
        found = np.array(row, dtype=float)
        assert np.allclose(found, kept[name].sel(curve=list(image_pairs.CURVES)), equal_nan=True)
