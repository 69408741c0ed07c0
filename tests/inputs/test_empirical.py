"""A data set as a mixture: its moments are numpy's, and nothing is drawn twice."""

import numpy as np
import pytest

from onestep.inputs import EmpiricalMixture
from onestep.inputs.empirical import ledoit_wolf

RNG = np.random.default_rng(1)
Y = np.repeat([0, 1, 2], [300, 100, 200])
X = RNG.standard_normal((600, 5)) * (1 + Y[:, None]) + RNG.standard_normal((3, 5))[Y]


def mixture(**options):
    return EmpiricalMixture.from_arrays(X, Y, **options)


def test_moments_are_those_of_numpy_with_unequal_traces():
    found = mixture()
    assert np.allclose(found.weights, [1 / 2, 1 / 6, 1 / 3])
    for c in range(3):
        of_class = X[c == Y]
        assert np.allclose(found.gaussian.means[c], of_class.mean(axis=0))
        assert np.allclose(found.gaussian.covariances[c], np.cov(of_class.T, bias=True))
    traces = [np.trace(each) for each in found.gaussian.covariances]
    assert np.allclose(found.traces, traces) and np.ptp(traces) > 10
    assert np.isclose(found.gaussian.trace, found.weights @ traces)


def test_standardised_data_are_moved_and_scaled_as_a_whole():
    found, before = mixture().standardised(), mixture()
    assert np.allclose(found.X.mean(axis=0), 0)
    assert np.isclose(found.weights @ found.traces, 5)
    assert np.allclose(found.traces / found.traces[0], before.traces / before.traces[0])


def test_nothing_is_drawn_twice_and_the_rest_is_what_is_left():
    found = mixture()
    parts = found.samples([150, 250, 200], np.random.default_rng(0))
    rows = {row.tobytes(): c for row, c in zip(X, Y, strict=True)}
    drawn = [row.tobytes() for sample, _ in parts for row in sample]
    assert set(drawn) == set(rows) and len(drawn) == 600
    assert all(rows[x.tobytes()] == c for sample in parts for x, c in zip(*sample, strict=True))
    (one, c), rest = found.split(500, np.random.default_rng(0))
    assert {row.tobytes() for row in (*one, *rest.X)} == set(rows)
    assert np.array_equal(np.bincount(c) + rest.counts, found.counts)


@pytest.mark.parametrize("sizes", [[601], [300, 301], [0], [1.5]])
def test_more_than_there_is_cannot_be_drawn(sizes):
    with pytest.raises(ValueError, match="sizes"):
        mixture().samples(sizes, np.random.default_rng(0))
    with pytest.raises(ValueError, match="size = 599"):
        mixture().split(599, np.random.default_rng(0))


def test_a_class_of_equal_inputs_has_no_covariance():
    """Whose mean is off by rounding, or not."""
    for value in (1.0, 0.1 + 1 / 3):
        equal = np.where(Y[:, None] == 1, value, X)
        with pytest.raises(ValueError, match="all inputs of the class '1' are equal"):
            EmpiricalMixture.from_arrays(equal, Y)
    with pytest.raises(ValueError, match="shrinkage = 'oas'"):
        mixture(shrinkage="oas")


def test_shrinkage_is_that_of_its_definition_and_keeps_the_trace():
    """Sums over inputs as in Ledoit and Wolf (2004), one outer product after the other."""
    x = X[Y == 1] - X[Y == 1].mean(axis=0)
    S = np.mean([np.outer(each, each) for each in x], axis=0)
    m = np.trace(S) / 5
    d2 = np.linalg.norm(S - m * np.eye(5)) ** 2
    b2 = sum(np.linalg.norm(np.outer(each, each) - S) ** 2 for each in x) / len(x) ** 2
    share = min(b2, d2) / d2
    found, told = ledoit_wolf(x)
    assert np.isclose(told, share)
    assert np.allclose(found, share * m * np.eye(5) + (1 - share) * S)
    plain, shrunk = mixture(), mixture(shrinkage="ledoit-wolf")
    assert np.isclose(shrunk.intensities[1], share)
    assert np.allclose(plain.intensities, shrunk.intensities)
    assert np.allclose(shrunk.gaussian.traces, plain.gaussian.traces)
    assert np.allclose(shrunk.gaussian.covariances[1], found)


def test_an_axis_that_stands_out_is_found_and_sampling_noise_is_not():
    """One axis of variance 30 among 40, with 400 inputs: the largest noise eigenvalue is 1.7."""
    noise = np.random.default_rng(3).standard_normal((800, 40))
    noise[400:, 0] *= np.sqrt(30)
    found = EmpiricalMixture.from_arrays(noise, np.repeat([0, 1], 400))
    assert [len(found.axes(c)) for c in (0, 1)] == [0, 1]
    assert 20 < found.axes(1)[0] < 40


def test_noise_is_in_the_moments_and_new_in_every_draw():
    """Of 600 inputs drawn 400 times with noise 2: each variance of the noise to 5 sigma, 1 %."""
    plain = mixture()
    noisy = EmpiricalMixture(plain.X, plain.y, plain.names, noise=2.0)
    added = noisy.gaussian.covariances - plain.gaussian.covariances
    assert np.allclose(added, 4 * np.eye(5))
    assert np.allclose(noisy.traces, plain.traces + 20)
    rng = np.random.default_rng(5)
    draws = np.stack([noisy.drawn(slice(None), rng) - plain.X for _ in range(400)])
    assert np.allclose(draws.var(axis=(0, 1)), 4, rtol=5 * np.sqrt(2 / 240_000))
    for drawn in (noisy.samples([600], np.random.default_rng(0))[0], noisy.split(500, rng)[0]):
        assert not set(map(bytes, drawn[0])) & set(map(bytes, plain.X))


def test_noise_is_scaled_with_the_inputs_and_weakens_a_regression():
    """Slope Cov(x, y) / (Var x + noise^2), and what it leaves of Var y."""
    rng = np.random.default_rng(6)
    x = rng.standard_normal((500, 1))
    y = 3 * x[:, 0] + rng.standard_normal(500)
    noisy = EmpiricalMixture(x, y, (), noise=1.5)
    variance = x.var() + 1.5**2
    slope = np.cov(x[:, 0], y, bias=True)[0, 1] / variance
    assert np.isclose(noisy.labels.slope, slope)
    assert np.isclose(noisy.labels.noise**2, y.var() - slope**2 * variance)
    scaled = noisy.standardised()
    assert np.isclose(scaled.noise**2, 1.5**2 / variance) and np.isclose(scaled.traces, 1)


@pytest.mark.parametrize("noise", [-1.0, np.nan, np.inf, "1", True])
def test_noise_is_checked(noise):
    plain = mixture()
    with pytest.raises(ValueError, match="noise"):
        EmpiricalMixture(plain.X, plain.y, plain.names, noise=noise)
