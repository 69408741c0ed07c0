"""Gaussians in the place of Figure 8a's generator: their moments, and what is said of them."""

import numpy as np
import pytest
from toy_images import toy

from onestep.experiment import compute
from onestep.inputs import fashion
from onestep.studies import archive
from onestep.studies.images import image_results, image_tables, low_rank
from onestep.studies.paper import digitized


@pytest.fixture(scope="module")
def images():
    return toy(centring="common", spread=12.0)


def test_nothing_cut_leaves_the_covariances_of_the_images(images):
    whole = low_rank.mixture(images, images.n, 1.0)
    assert np.allclose(whole.covariances, images.gaussian.covariances)


def test_rank_trace_and_variance_along_the_difference_are_what_is_asked_for(images):
    n, apart = images.n, np.subtract(*images.image_means)
    apart = apart / np.linalg.norm(apart)
    for rank, along in ((3, 1.0), (n, 0.25), (2, 0.5)):
        full, cut = low_rank.mixture(images, rank, 1.0), low_rank.mixture(images, rank, along)
        for one, other in zip(full.covariances, cut.covariances, strict=True):
            parts = [each - np.eye(n) for each in (one, other)]
            assert [np.linalg.matrix_rank(part, tol=1e-8) for part in parts] == [rank, rank]
            assert np.allclose([np.trace(part) for part in parts], images.spread)
            # Up to the factor that brings the trace back, the variance along is that share.
            shares = [(v := apart @ part @ apart) / (np.trace(part) - v) for part in parts]
            assert np.isclose(shares[1] / shares[0], along)


def test_offsets_are_those_of_the_printed_numbers(images):
    law = low_rank.mixture(images, 2, 0.5)
    sizes = low_rank.DISTANCE * np.sqrt(images.spread / np.array(low_rank.TRACES))
    assert np.allclose(np.linalg.norm(law.means, axis=1), sizes)
    assert law.means[0] @ law.means[1] < 0 < law.means[0] @ images.means[0]


@pytest.mark.parametrize(
    ("rank", "along", "told"),
    [(0, 0.5, "rank = 0"), (1000, 0.5, "rank = 1000"), (2, 1.5, "along = 1.5"), (2, -0.1, "along")],
)
def test_what_is_no_part_of_a_covariance_is_refused(images, rank, along, told):
    with pytest.raises(ValueError, match=told):
        low_rank.mixture(images, rank, along)


def test_the_rank_does_not_explain_the_published_points_and_the_direction_could():
    cut = archive.stored("images/fig8a-low-rank").generalization_error
    full, few = (cut.sel(rank=rank, along=1.0).mean("width") for rank in (784, 62))
    assert np.all((few / full.mean("trial")).mean("trial") > 1)
    table = image_tables.low_rank()
    assert table.shape == (9, 3)
    means = table.map(lambda text: float(text.split()[0]))
    assert means.loc[("printed", 62, 1.0)].max() < -25
    assert means.loc[("printed", 62, 0.6)].abs().max() < 6


def test_printed_samples_are_as_wide_as_real_images_along_the_difference():
    variance, error, trace = image_tables.printed_samples()
    samples = digitized.published("fig8a-samples")
    assert np.isclose(variance, samples.along.var(ddof=1))
    assert abs(variance / 5.66 - 1) < error / variance < (1 - 0.6) / 2
    assert abs(trace / low_rank.TRACES[0] - 1) < 0.1


@pytest.fixture(scope="module")
def real():
    try:
        return fashion.load(download=False)
    except fashion.DataMissing:
        pytest.skip("Fashion-MNIST is not installed")


def test_real_images_have_the_variances_that_the_page_compares_with(real):
    shirts, trousers = (real.of(c) / 255 for c in (0, 1))
    apart = shirts.mean(axis=0) - trousers.mean(axis=0)
    size = np.linalg.norm(apart)
    assert round(size / 2, 3) == 3.227
    assert round(float(np.var(shirts @ apart / size)), 2) == 5.66
    traces = [float(each.var(axis=0).sum()) for each in (shirts, trousers)]
    assert np.round(traces, 3).tolist() == [41.154, 25.767]
    shares = np.array(low_rank.TRACES) / traces
    assert np.round(shares, 3).tolist() == [0.951, 0.932]


def test_a_stored_cell_can_be_computed_anew(real):
    at = {"rank": 62, "along": 0.6, "width": 0.7, "trial": 5}
    [found] = compute([low_rank.STUDY.cell(at)])
    kept = archive.stored("images/fig8a-low-rank").generalization_error.sel(at)
    assert np.allclose(found["generalization_error"], kept, rtol=1e-8)
    assert kept.activation.values.tolist() == list(image_results.ACTIVATIONS)
