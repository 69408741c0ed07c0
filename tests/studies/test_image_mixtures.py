"""Mixtures of images have the moments of their preprocessed images, and draw none twice."""

import numpy as np
import pytest
from toy_images import toy

from onestep.inputs import CENTRINGS, OFFSETS


@pytest.mark.parametrize("centring", CENTRINGS)
@pytest.mark.parametrize("offsets", OFFSETS)
def test_moments_are_those_of_all_preprocessed_images(centring, offsets):
    """Against numpy's own covariance of every image, preprocessed one by one."""
    mixture = toy(centring=centring, offsets=offsets)
    raw = [each.astype(float) for each in mixture.pixels]
    middle = (raw[0].mean(axis=0) + raw[1].mean(axis=0)) / 2
    for c, each in enumerate(raw):
        factor = np.sqrt(mixture.spread / np.trace(np.cov(each.T, bias=True)))
        if centring == "class":
            x = factor * (each - each.mean(axis=0))
        elif offsets == "published":
            x = factor * (each - middle)
        else:
            own = np.sqrt(mixture.spread / np.trace(np.cov(raw[0].T, bias=True)))
            x = factor * (each - each.mean(axis=0)) + own * (each.mean(axis=0) - middle)
        assert np.allclose(mixture.gaussian.means[c], x.mean(axis=0), atol=1e-10)
        expected = np.cov(x.T, bias=True) + np.eye(mixture.n)
        assert np.allclose(mixture.gaussian.covariances[c], expected, atol=1e-10)
    assert np.isclose(mixture.gaussian.trace, mixture.n + mixture.spread)


def test_published_and_consistent_offsets_differ_in_the_second_class_only():
    published = toy(centring="common").means
    consistent = toy(centring="common", offsets="consistent").means
    assert np.allclose(consistent.sum(axis=0), 0)
    assert np.allclose(published[0], consistent[0])
    factors = toy().factors
    assert np.allclose(published[1], consistent[1] * factors[1] / factors[0])
    assert abs(factors[1] / factors[0] - 1) > 0.1


def test_no_image_is_drawn_twice():
    """Large spread makes the added noise small: each input is nearest to its own image."""
    mixture = toy(spread=1e8)
    drawn = mixture.samples([90, 100, 200], np.random.default_rng(5))
    assert [len(X) for X, _ in drawn] == [90, 100, 200]
    seen = []
    for X, cluster in drawn:
        for x, c in zip(X, cluster, strict=True):
            clean = mixture.factors[c] * (mixture.pixels[c] - mixture.image_means[c])
            distance = np.linalg.norm(clean - x, axis=1)
            assert distance.min() < 12
            seen.append((int(c), int(distance.argmin())))
    assert len(set(seen)) == len(seen)


def test_samples_have_the_mixtures_moments():
    """Half the images, 40 draws: z-scores of means and variances within 5 of 48 entries each.

    False alarm below 1e-4 if they were independent Gaussians.
    """
    mixture = toy(centring="common")
    drawn = [mixture.samples([300], np.random.default_rng(s))[0] for s in range(40)]
    for c in (0, 1):
        each = np.stack([X[cluster == c].mean(axis=0) for X, cluster in drawn])
        power = np.stack([X[cluster == c].var(axis=0, ddof=1) for X, cluster in drawn])
        for value, expected in (
            (each, mixture.gaussian.means[c]),
            (power, np.diag(mixture.gaussian.covariances[c])),
        ):
            error = value.std(axis=0, ddof=1) / np.sqrt(40)
            # Half of the class is drawn: of N numbers without replacement, N/(N-1) at most.
            slack = expected / len(mixture.pixels[c]) if value is power else 0
            assert np.all(np.abs(value.mean(axis=0) - expected) < 5 * error + slack)


def test_running_out_of_images_is_told():
    with pytest.raises(ValueError, match="none is drawn twice"):
        toy().samples([1500], np.random.default_rng(0))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"spread": -1.0}, "spread"),
        ({"centring": "both"}, "centring"),
        ({"offsets": "none"}, "offsets"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(ValueError, match=message):
        toy(**options)


def test_stretched_offsets_move_the_means_alone():
    plain, stretched = toy(centring="common"), toy(centring="common", stretch=1.25)
    assert np.allclose(stretched.means, 1.25 * plain.means)
    assert np.array_equal(stretched.gaussian.covariances, plain.gaussian.covariances)
    [(X, cluster)] = stretched.samples([300], np.random.default_rng(0))
    [(Y, same)] = plain.samples([300], np.random.default_rng(0))
    assert np.array_equal(cluster, same)
    assert np.allclose(X - Y, 0.25 * plain.means[cluster])
    with pytest.raises(ValueError, match="stretch"):
        toy(stretch=-1.0)


@pytest.mark.parametrize("centring", CENTRINGS)
def test_as_data_they_have_the_same_moments(centring):
    mixture = toy(centring=centring)
    data = mixture.as_data()
    assert data.counts.tolist() == [len(each) for each in mixture.pixels]
    assert np.allclose(data.gaussian.means, mixture.gaussian.means, atol=1e-10)
    assert np.allclose(data.gaussian.covariances, mixture.gaussian.covariances)
    assert np.allclose(data.traces, mixture.n + mixture.spread)
