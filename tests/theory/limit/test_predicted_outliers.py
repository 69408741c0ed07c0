"""Outliers before the step: the kernel of the spikes, its powers, and the bulk beside it."""

import numpy as np
import pytest

import onestep
from onestep import activations, claims, hermite
from onestep.theory.limit import NeuronTypes, coordinates, feature_law, predicted_outliers

SINE = "sin(1.2*z + 0.8)"


def problem(**options):
    size = {"n": 300, "m": 300, "k": 300}
    return onestep.Problem(**(size | {"alpha": 0.0, "beta": 0.8, "step": 0.0} | options))


@pytest.mark.parametrize("activation", ["relu", SINE])
def test_kernel_modes_are_those_of_many_sampled_means(activation):
    """Against eigenvalues of E m m^T over 700 inputs and neurons, 10 draws: 5 standard errors.

    The means come from the smoothed activation itself, not from its Hermite series.
    """
    setting = problem(activation=activation)
    expected = predicted_outliers(setting, modes=5).strength / setting.k
    b = np.sqrt((setting.n - 2) / setting.trace)
    rng = np.random.default_rng(2)
    size, found = 700, []
    for _ in range(10):
        s = rng.standard_normal((size, 2)) / np.sqrt(setting.trace)
        kappa = rng.standard_normal((size, 2))
        cluster = rng.integers(2, size=size)
        kappa[np.arange(size), cluster] *= np.sqrt(1 + setting.theta)
        t = s @ kappa.T
        grid = np.linspace(-abs(t).max(), abs(t).max(), 4000)
        exact = hermite.coefficients(activation, 0, b, grid)[:, 0]
        means = np.interp(t, grid, exact)
        found.append(np.linalg.svd(means, compute_uv=False)[:5] ** 2 / size**2)
    mean = claims.sample(np.transpose(found))
    # Pairs split by the fluctuations of the draw: their sum does not.
    split = [(0, 0), (1, 2), (3, 4)]
    for i, j in split:
        measured = claims.sample(np.transpose(found)[i : j + 1].sum(axis=0))
        target = expected[i : j + 1].sum()
        assert abs(measured.value - target) < 5 * measured.standard_error + 0.02 * target
    assert mean.value.shape == (5,)


def test_modes_belong_to_the_powers_that_the_activation_has():
    even = predicted_outliers(problem(activation="abs"), modes=5)
    assert list(even.power_of[:3]) == [0, 2, 2]
    assert np.all(even.alignment[:3, 1::2] < 1e-12)
    odd = predicted_outliers(problem(activation="erf"), modes=4)
    assert list(odd.power_of[:2]) == [1, 1]
    assert np.all(odd.alignment[:2, 0::2] < 1e-12)
    # An odd power's modes are equal, one for each cluster; an even power's are not.
    assert np.isclose(odd.strength[0], odd.strength[1])
    assert even.strength[1] > 1.2 * even.strength[2]


def test_quadratic_modes_have_their_closed_form():
    """sigma = He_2, the norm of the bulk included: of rank 3 on functions of 1, s and q."""
    setting = problem(n=2000, activation="he(2)", weights=(1.0,))
    special = coordinates(setting)
    function = hermite.OfActivation(activations.get("he(2)"))
    types = NeuronTypes.of(special, function, 0.0, floor=1e-7)
    found = np.linalg.eigvalsh(types.kernel(np.ones(types.weights.size)))[::-1][:2]
    # K = 2 (x.x'/tr)^2 + (|x|^2/tr - 1)(|x'|^2/tr - 1) with s = x_1^2 and q = |x|^2 - s.
    tr, N, S = setting.trace, setting.n - 1, 1 + setting.theta
    gram = np.array([[1, S, N], [S, 3 * S**2, S * N], [N, S * N, N * (N + 2)]])
    norm = np.array([-1, 1 / tr, 1 / tr])
    form = np.diag([0, 2, 2 / N]) / tr**2 + np.outer(norm, norm)
    expected = np.sort(np.linalg.eigvals(gram @ form).real)[::-1][:2]
    assert np.allclose(found, expected, rtol=2e-3)


@pytest.mark.parametrize("activation", ["relu", SINE])
def test_the_averaged_bulk_carries_the_variance_that_the_modes_leave(activation):
    """All modes and the bulk together: E sigma(z)^2 averaged over kappa, by plain sampling."""
    setting = problem(activation=activation, n=100, beta=0.9)
    rng = np.random.default_rng(6)
    kappa = rng.standard_normal((400_000, 2)) * np.sqrt([1 + setting.theta, 1])
    scale = np.sqrt((98 + np.sum(kappa**2, axis=1)) / setting.trace)
    drawn = activations.get(activation)(scale * rng.standard_normal(scale.size)) ** 2
    power = claims.sample(drawn)
    modes = predicted_outliers(setting, modes=300).strength.sum() / setting.k
    both = modes + feature_law(setting).bulk.mean
    assert abs(both - power.value) < 5 * power.standard_error
    assert (
        abs(feature_law(setting).bulk.noise / feature_law(setting, "limit").bulk.noise - 1) > 0.05
    )


def test_without_spread_the_averaged_bulk_is_the_limit():
    setting = problem(n=10**6, m=10**6, k=10**6, beta=0.0)
    averaged, limit = (feature_law(setting, bulk).bulk for bulk in ("averaged", "limit"))
    assert np.isclose(averaged.slope, limit.slope, rtol=1e-5)
    assert np.isclose(averaged.noise, limit.noise, rtol=1e-5)


@pytest.mark.parametrize("clusters", [1, 3])
def test_every_cluster_has_its_linear_outlier(clusters):
    setting = problem(activation="erf", weights=(1 / clusters,) * clusters)
    found = predicted_outliers(setting, modes=clusters + 1)
    assert list(found.power_of[:clusters]) == [1] * clusters
    assert np.allclose(found.position[:clusters], found.position[0])
    assert np.isnan(found.position[clusters])


@pytest.mark.parametrize(
    ("call", "options", "message"),
    [(predicted_outliers, {"modes": 0}, "modes"), (feature_law, {"bulk": "magic"}, "bulk")],
)
def test_bad_arguments_are_refused(call, options, message):
    with pytest.raises(ValueError, match=message):
        call(problem(), **options)
