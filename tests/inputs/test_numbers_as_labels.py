"""Labels that are numbers: Gaussians know their linear regression on the inputs, and its noise."""

import numpy as np
import pytest

from onestep.inputs import EmpiricalMixture, Linear, spiked

RNG = np.random.default_rng(2)
X = RNG.standard_normal((500, 4)) @ RNG.standard_normal((4, 4)) + 3.0
Y = X @ [1.0, -2.0, 0.5, 0.0] + 0.3 * X[:, 0] ** 2 + RNG.standard_normal(500) + 7.0


def joint(x, y):
    """Mean and covariance of (x, y)."""
    z = np.column_stack([x, y])
    return z.mean(axis=0), np.cov(z.T, bias=True)


def test_gaussians_have_the_joint_moments_of_inputs_and_numbers():
    found = EmpiricalMixture.from_arrays(X, Y)
    mean, covariance = joint(X, Y)
    [Sigma], labels = found.gaussian.covariances, found.labels
    assert np.allclose(Sigma, covariance[:4, :4])
    assert np.allclose(Sigma @ labels.slope, covariance[:4, 4])
    assert np.isclose(labels.slope @ Sigma @ labels.slope + labels.noise**2, covariance[4, 4])
    assert np.isclose(labels.slope @ found.means[0] + labels.offset, mean[4])
    x, cluster = found.gaussian.sample(400_000, np.random.default_rng(0))
    drawn = joint(x, labels.sample(x, cluster, np.random.default_rng(1)))
    assert np.allclose(drawn[0], mean, atol=0.05)
    assert np.allclose(drawn[1], covariance, rtol=0.02, atol=0.15)


def test_fewer_inputs_than_dimensions_have_a_regression_without_noise():
    wide = np.random.default_rng(3).standard_normal((25, 40))
    labels = EmpiricalMixture.from_arrays(wide, wide[:, 0] + np.arange(25)).labels
    assert labels.noise < 1e-6
    assert np.allclose(wide @ labels.slope + labels.offset, wide[:, 0] + np.arange(25))


def test_a_shrunk_covariance_shrinks_the_correlation_with_it():
    """A share s of the identity in the joint covariance: Cov(x, y) loses s, Var y nothing."""
    few = slice(30)
    plain = EmpiricalMixture.from_arrays(X[few], Y[few])
    shrunk = EmpiricalMixture.from_arrays(X[few], Y[few], shrinkage="ledoit-wolf")
    [share] = shrunk.intensities
    assert 0.01 < share < 1
    [S], [Sigma] = shrunk.gaussian.covariances, plain.gaussian.covariances
    assert np.allclose(S @ shrunk.labels.slope, (1 - share) * Sigma @ plain.labels.slope)
    slope, noise = shrunk.labels.slope, shrunk.labels.noise
    assert np.isclose(slope @ S @ slope + noise**2, Y[few].var())


def test_numbers_are_moved_scaled_drawn_and_split_with_their_inputs():
    found = EmpiricalMixture.from_arrays(X, Y).standardised()
    assert np.isclose(found.y.mean(), 0) and np.isclose(found.y.std(), 1)
    assert np.isclose(found.traces[0], 4)
    assert found.clusters == ("all",) and found.weights == [1.0] and not found.cluster.any()
    number = {x.tobytes(): y for x, y in zip(found.X, found.y, strict=True)}
    one, other = found.samples([100, 50], np.random.default_rng(0))
    (taken, y), rest = found.split(480, np.random.default_rng(0))
    for inputs, numbers in (one, other, (taken, y), (rest.X, rest.y)):
        assert all(number[x.tobytes()] == y for x, y in zip(inputs, numbers, strict=True))
    assert rest.counts == [20]


def test_numbers_that_are_all_equal_are_refused():
    with pytest.raises(ValueError, match="all numbers are equal"):
        EmpiricalMixture(X, np.ones(500), ())
    with pytest.raises(ValueError, match="all inputs of the class 'all' are equal"):
        EmpiricalMixture(np.ones((500, 4)), Y, ())


def test_linear_labels_are_a_series_of_degree_one():
    """Moments measured on a sample of a spiked mixture."""
    mixture = spiked(30, (0.4, 0.6), 2, 5.0, 0.3, np.random.default_rng(0))
    labels = Linear(np.random.default_rng(1).standard_normal(30) / 4, 0.7, 0.5)
    rng = np.random.default_rng(2)
    x, cluster = mixture.sample(200_000, rng)
    y = labels.sample(x, cluster, rng)
    assert np.isclose(labels.second_moment(mixture), np.mean(y**2), rtol=0.01)
    for c in range(2):
        g = (x[cluster == c] - mixture.means[c]) @ labels.direction(mixture, c)
        a = labels.coefficients(mixture, c, 3)
        assert np.isclose(g.var(), 1, atol=0.02) and np.allclose(a[2:], 0)
        assert np.isclose(a[0], y[cluster == c].mean(), atol=0.03)
        assert np.isclose(a[1], np.mean(g * y[cluster == c]), atol=0.03)
        assert np.allclose(labels.mean(mixture, c, g), x[cluster == c] @ labels.slope + 0.7)
        assert np.isclose(labels.power(mixture, c), np.sum(a**2))
    flat = Linear(np.zeros(30), 0.7)
    assert flat.second_moment(mixture) == pytest.approx(0.49)
    assert np.array_equal(flat.direction(mixture, 0), np.zeros(30))
    assert np.array_equal(flat.coefficients(mixture, 0, 0), [0.7])


@pytest.mark.parametrize(("name", "value"), [("offset", np.nan), ("noise", -1.0), ("noise", "1")])
def test_labels_of_no_number_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} = "):
        Linear(np.ones(3), **{name: value})
