"""Pairs of classes of Fashion-MNIST as a reader's own data, and what feature moments foretell."""

import numpy as np
import pytest

from onestep.inputs import fashion
from onestep.studies.images.image_results import PAIRS
from onestep.studies.own_data import clothes


@pytest.fixture(scope="module")
def found():
    return clothes.gaps(clothes.stored())


def test_every_pair_has_its_verdict(found):
    assert len(found) == len(PAIRS) and found.notna().all().all()
    assert (found["standard error"] < 0.04).all()


def test_the_formula_is_right_about_gaussians_of_every_pair():
    """Within m^-1/2, and three standard errors."""
    results = clothes.stored()
    error, se = (results[name].sel(curve="gaussians") for name in ("error", "standard_error"))
    gap = abs(results.error.sel(curve="formula") / error - 1)
    assert (gap < clothes.SAMPLES**-0.5 + 3 * se / error).all()


def test_the_flag_agrees_with_what_is_measured(found):
    told = clothes.agreement(found)
    assert told["flag agrees with the verdict"] >= 0.9
    assert told["flag agrees with these"] == 1.0
    assert told["one flag for all agrees"] < 0.85


def test_what_is_foretold_is_this_pair_and_no_other(found):
    right, wrong = clothes.squares(found), clothes.squares(found, 1)
    assert right.value < 0.02**2 < wrong.value


def test_gaps_are_those_of_the_page_on_images(found):
    """Another noise, other networks: one here, ten there."""
    assert np.corrcoef(found["measured"], found["images"])[0, 1] > 0.9
    assert abs((found["measured"] - found["images"]).mean()) < 0.03


def test_flags_and_verdicts_follow_their_margin(found):
    assert np.array_equal(found["flag"], found["foretold"].abs() > 0.1)
    assert np.array_equal(found["verdict"], found["measured"].abs() > 0.1)


def test_data_are_prepared_as_on_the_page_of_images(monkeypatch):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (200, fashion.PIXELS), dtype=np.uint8)
    fake = fashion.FashionMNIST(images, np.arange(200) % 10)
    monkeypatch.setattr(clothes, "_images", lambda: fake)
    data = clothes.data(0, "centred")
    assert data.X.shape == (40, fashion.PIXELS) and len(data.names) == 2
    of_class = data.X[data.y == 0]
    trace = np.sum((of_class - of_class.mean(axis=0)) ** 2) / len(of_class)
    assert trace == pytest.approx(2 * fashion.PIXELS, rel=0.1)  # theta = n, and noise
    assert np.array_equal(data.X, clothes.data(0, "centred").X)
    plain = clothes.data(0, "as they are").X
    assert np.array_equal(plain[:20], fake.of(0).astype(float))


def test_the_figure_shows_every_pair(found):
    figure = clothes.figure(found)
    [axis] = figure.axes
    assert len(axis.containers[0].lines[0].get_xdata()) == len(found)


def test_a_stored_pair_can_be_computed_anew():
    try:
        fashion.load(download=False)
    except fashion.DataMissing:
        pytest.skip("Fashion-MNIST is not installed")
    again, kept = clothes.errors(2, "centred", 0), clothes.stored().sel(pair=2)
    for name, row in again.items():
        assert np.allclose(row, kept[name].sel(curve=list(clothes.CURVES)), rtol=1e-6)
