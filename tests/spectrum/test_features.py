import numpy as np
import pytest

import onestep
from onestep import activations, claims, hermite
from onestep.network import TrainedLayer, draw
from onestep.spectrum import feature_law, feature_spectrum, predicted_outliers, spike_modes

SINE = "sin(1.2*z + 0.8)"


def problem(**options):
    size = {"n": 300, "m": 300, "k": 300}
    return onestep.Problem(**(size | {"alpha": 0.0, "beta": 0.8} | options))


@pytest.mark.parametrize("activation", ["relu", SINE])
def test_kernel_modes_are_those_of_many_sampled_means(activation):
    """Against eigenvalues of E m m^T over 700 inputs and neurons, 10 draws: 5 standard errors.

    The means come from the smoothed activation itself, not from its Hermite series.
    """
    setting = problem(activation=activation)
    expected = spike_modes(setting, modes=5).strength / setting.k
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
    even = spike_modes(problem(activation="abs"), modes=5)
    assert list(even.power[:3]) == [0, 2, 2]
    assert np.all(even.share[:, 1::2] < 1e-12)
    odd = spike_modes(problem(activation="erf"), modes=4)
    assert list(odd.power[:2]) == [1, 1]
    assert np.all(odd.share[:2, 0::2] < 1e-12)
    # An odd power's modes are equal, one for each cluster; an even power's are not.
    assert np.isclose(odd.strength[0], odd.strength[1])
    assert even.strength[1] > 1.2 * even.strength[2]


def test_quadratic_modes_have_their_closed_form():
    """sigma = He_2: m = s^2 kappa^2 + const and the kernel is a polynomial of moments."""
    setting = problem(activation="he(2)", weights=(1.0,))
    found = spike_modes(setting, modes=2)
    # K(x, y) = E (a + r x^2 g^2)(a + r y^2 g^2) with a = b^2 - 1 and r = (1 + theta)/tr.
    r = (1 + setting.theta) / setting.trace
    a = (setting.n - 1) / setting.trace - 1
    gram = np.array([[1, 1], [1, 3]])  # of the functions 1 and x^2
    form = np.array([[a**2, a * r], [a * r, 3 * r**2]])  # E over g of (a, r g^2) products
    expected = np.sort(np.linalg.eigvals(gram @ form).real)[::-1]
    assert np.allclose(found.strength / setting.k, expected, rtol=1e-9)


@pytest.mark.parametrize("activation", ["relu", SINE, "he(2)"])
def test_the_averaged_bulk_carries_the_variance_that_the_modes_leave(activation):
    """All modes and the bulk together: E sigma(z)^2 averaged over kappa, by plain sampling."""
    setting = problem(activation=activation, n=100, beta=0.9)
    rng = np.random.default_rng(6)
    kappa = rng.standard_normal((400_000, 2)) * np.sqrt([1 + setting.theta, 1])
    scale = np.sqrt((98 + np.sum(kappa**2, axis=1)) / setting.trace)
    drawn = activations.get(activation)(scale * rng.standard_normal(scale.size)) ** 2
    power = claims.sample(drawn)
    modes = spike_modes(setting, modes=300).strength.sum() / setting.k
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


def test_eigenvalues_and_alignments_are_those_of_the_features():
    setting = problem(n=60, m=50, k=40, activation=SINE)
    found = feature_spectrum(setting, trials=2, seed=3, outliers=4, powers=2)
    drawn = draw(setting, 1, 3)
    F = TrainedLayer.of(setting, drawn).F
    Phi = activations.get(SINE)(F @ drawn.readout.X.T)
    values = np.linalg.svd(Phi / np.sqrt(50), full_matrices=False)
    assert np.allclose(found.eigenvalue.sel(trial=1), values[1] ** 2)
    total = np.zeros((4, 3))
    for c in range(2):
        x = drawn.readout.X @ drawn.inputs.directions[c, :, 0] / np.sqrt(1 + setting.theta)
        inside = drawn.readout.cluster == c
        for p, target in enumerate((np.ones_like(x), x, (x**2 - 1) / np.sqrt(2))):
            vector = np.where(inside, target, 0.0)
            total[:, p] += (values[2][:4] @ vector) ** 2 / (vector @ vector) / 2
    assert np.allclose(found.alignment.sel(trial=1, coordinate="own"), total)


def test_more_neurons_than_samples_leave_zeros():
    found = feature_spectrum(problem(n=60, m=30, k=50), trials=1, outliers=3)
    assert found.eigenvalue.shape == (1, 50)
    assert np.allclose(found.eigenvalue[0, 30:], 0)


@pytest.mark.parametrize("activation", ["relu", SINE])
def test_outliers_bulk_and_alignment_of_a_network(activation):
    """12 draws at n = m = k = 300: 5 standard errors and 3 n^{-1/2} for the finite size."""
    setting = problem(activation=activation)
    found = feature_spectrum(setting, trials=12, seed=1, outliers=6)
    expected = predicted_outliers(setting)
    slack = 3 / np.sqrt(setting.n)
    for group in (slice(0, 1), slice(1, 3)):
        drawn = found.eigenvalue[:, group].sum("neuron")
        for name in ("given_coordinates", "given_layer"):
            ratio = claims.sample(drawn.values / found[name][:, group].sum("index").values)
            assert abs(ratio.value - 1) < 5 * ratio.standard_error + slack
        ratio = claims.sample(drawn.values / float(expected.position[group].sum()))
        assert abs(ratio.value - 1) < 5 * ratio.standard_error + slack
    own = found.alignment.sel(coordinate="own")[:, :3].sum("index")
    predicted = expected.alignment[:3].sum("mode")
    assert abs(float(own.sel(power=1).mean()) - float(predicted.sel(power=1))) < slack
    shuffled = found.alignment.sel(coordinate="shuffled", power=1)[:, :3].sum("index")
    assert float(shuffled.mean()) < 0.1
    law = feature_law(setting)
    # Spikes that left the bulk, at most 8, move the distribution by as many steps.
    distance = [law.kolmogorov_distance(values[5:]) for values in found.eigenvalue.values]
    assert np.mean(distance) < 8 / setting.k + np.log(setting.k) / setting.k


@pytest.mark.parametrize(
    ("call", "options", "message"),
    [
        (feature_spectrum, {"trials": 0}, "trials"),
        (feature_spectrum, {"outliers": 300}, "outliers = 300"),
        (feature_spectrum, {"powers": -1}, "powers"),
        (predicted_outliers, {"modes": 0}, "modes"),
        (feature_law, {"bulk": "magic"}, "bulk"),
    ],
)
def test_bad_arguments_are_refused(call, options, message):
    with pytest.raises(ValueError, match=message):
        call(problem(), **options)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rank", 2),
        ("alignment", 0.5),
        ("weights", (0.25, 0.25, 0.25, 0.25)),
        ("means", ((0.0,) * 300,) * 2),
    ],
)
def test_problems_beyond_the_formula_are_refused(field, value):
    with pytest.raises(ValueError, match=field):
        predicted_outliers(problem(**{field: value}))
