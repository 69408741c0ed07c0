import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from onestep.spectrum import Bulk, SampleSpectrum
from oracles import marchenko_pastur_density


def drawn(bulk, m, rng, spikes=()):
    """Eigenvalues and right singular vectors of Gaussian features, and the spikes' coordinates."""
    k, n = bulk.k, bulk.n
    F = rng.standard_normal((k, n)) * bulk.scale / np.sqrt(n)
    Phi = bulk.slope * F @ rng.standard_normal((n, m)) + bulk.noise * rng.standard_normal((k, m))
    U = np.linalg.qr(rng.standard_normal((k, len(spikes))))[0]
    coordinates = rng.standard_normal((len(spikes), m))
    Phi += (U * np.sqrt(spikes)) @ coordinates
    _, values, Vt = np.linalg.svd(Phi / np.sqrt(m), full_matrices=False)
    return np.concatenate([values**2, np.zeros(k - values.size)]), Vt, coordinates


@given(st.integers(10, 1000), st.integers(10, 1000), st.floats(0.01, 100))
def test_white_features_have_the_marchenko_pastur_law(k, m, size):
    """Edge, density and fluctuation (Johnstone 2001) of a white Wishart matrix in closed form."""
    spectrum = SampleSpectrum(Bulk(k, 7, 0.0, np.sqrt(size), 1.0), m)
    assert np.isclose(spectrum.edge, size * (1 + np.sqrt(k / m)) ** 2, rtol=1e-7)
    root = np.sqrt(m) + np.sqrt(k)
    johnstone = size / m * root * (1 / np.sqrt(m) + 1 / np.sqrt(k)) ** (1 / 3)
    assert np.isclose(spectrum.fluctuation, johnstone, rtol=1e-5)
    law = Bulk(k, m, np.sqrt(size), 0.0, 1.0)
    x = np.linspace(*law.edges, 7)[1:-1]
    assert np.allclose(spectrum.density(x), marchenko_pastur_density(law, x), rtol=1e-7)
    assert np.allclose(spectrum.density([1.01 * spectrum.edge]), 0)


@given(st.integers(20, 400), st.integers(20, 400), st.floats(1.05, 50))
def test_a_spike_of_white_features_has_its_closed_form(k, m, factor):
    """BBP: ell = 1 + s gives (ell)(1 + c/s) if s > sqrt(c), with the known right overlap."""
    c = k / m
    s = factor * np.sqrt(c)
    spike = SampleSpectrum(Bulk(k, 5, 0.0, 1.0, 1.0), m).spike(s)
    assert spike.status == "outlier"
    assert np.isclose(spike.population, 1 + s)
    assert np.isclose(spike.sample, (1 + s) * (1 + c / s))
    assert np.isclose(spike.alignment, (1 - c / s**2) / (1 + 1 / s))
    weak = SampleSpectrum(Bulk(k, 5, 0.0, 1.0, 1.0), m).spike(0.95 * np.sqrt(c))
    assert weak.status == "hidden"
    assert np.isnan(weak.sample)


@pytest.mark.parametrize(
    ("k", "n", "m", "noise"),
    [(400, 400, 400, 0.3), (300, 600, 900, 0.5), (400, 200, 600, 0.0), (450, 600, 225, 0.2)],
)
def test_gaussian_features_have_the_law(k, n, m, noise):
    """Against one draw. Eigenvalues are rigid: the Kolmogorov distance is of order log(k)/k."""
    bulk = Bulk(k, n, 0.7, noise, 0.9)
    spectrum = SampleSpectrum(bulk, m)
    rng = np.random.default_rng(3)
    values, _, _ = drawn(bulk, m, rng)
    assert spectrum.kolmogorov_distance(values) < np.log(k) / k
    plain = SampleSpectrum(Bulk(k, n, 0.0, np.sqrt(bulk.mean), 1.0), m)
    assert plain.kolmogorov_distance(values) > 2 * np.log(k) / k
    largest = [drawn(bulk, m, rng)[0][0] for _ in range(8)]
    # Mean of the Tracy-Widom law -1.21, standard deviation 1.27: five standard errors of 8 draws.
    scaled = (np.mean(largest) - spectrum.edge) / spectrum.fluctuation
    assert abs(scaled + 1.21) < 5 * 1.27 / np.sqrt(8)
    share = np.mean(values < 1e-9 * spectrum.edge)
    assert np.isclose(share, spectrum.atom, atol=1.5 / k)


@pytest.mark.parametrize(("k", "n", "m"), [(300, 300, 300), (200, 400, 400), (400, 400, 200)])
def test_the_density_has_the_mass_and_mean_of_the_law(k, n, m):
    bulk = Bulk(k, n, 0.8, 0.5, 0.9)
    spectrum = SampleSpectrum(bulk, m)
    angle = np.linspace(0, np.pi / 2, 1001)[1:-1]
    x = spectrum.edge * np.sin(angle) ** 4
    weight = spectrum.density(x) * 4 * spectrum.edge * np.sin(angle) ** 3 * np.cos(angle)
    assert np.isclose(integrate.simpson(weight, x=angle) + spectrum.atom, 1, atol=1e-3)
    assert np.isclose(integrate.simpson(weight * x, x=angle), bulk.mean, rtol=1e-3)
    assert np.isclose(spectrum.distribution(spectrum.edge), 1, atol=1e-3)
    assert np.isclose(spectrum.distribution(2 * spectrum.edge), 1, atol=1e-3)


@pytest.mark.parametrize("slope", [1e-9, 1e-6, 1e-3])
def test_a_slope_that_vanishes_leaves_white_features(slope):
    spectrum = SampleSpectrum(Bulk(200, 300, slope, 0.7, 0.9), 400)
    white = SampleSpectrum(Bulk(200, 300, 0.0, 0.7, 0.9), 400)
    x = np.linspace(0.3, 0.9, 5) * white.edge
    assert np.allclose(spectrum.density(x), white.density(x), rtol=1e-4)


def test_spikes_over_a_coloured_bulk():
    """Positions and alignments of three spikes, 12 draws: 5 standard errors and 5/k relative."""
    bulk, m, strengths = Bulk(300, 400, 0.8, 0.4, 0.9), 500, (20.0, 5.0, 2.0)
    spectrum = SampleSpectrum(bulk, m)
    rng = np.random.default_rng(5)
    positions, overlaps = [], []
    for _ in range(12):
        values, Vt, coordinates = drawn(bulk, m, rng, strengths)
        # The sample's own variance of a spike coordinate is divided out: only the bulk is tested.
        positions.append(values[:3] / np.mean(coordinates**2, axis=1))
        unit = coordinates / np.linalg.norm(coordinates, axis=1)[:, None]
        overlaps.append(np.sum(Vt[:3] * unit, axis=1) ** 2)
    spikes = [spectrum.spike(s) for s in strengths]
    for measured, expected in (
        (positions, [s.sample for s in spikes]),
        (overlaps, [s.alignment for s in spikes]),
    ):
        error = np.std(measured, axis=0, ddof=1) / np.sqrt(12)
        assert np.all(np.abs(np.mean(measured, axis=0) - expected) < 5 * error + 5 / 300)


@given(st.integers(5, 500), st.integers(5, 500), st.integers(5, 500), st.floats(0, 2))
def test_the_map_increases_above_its_threshold_only(k, n, m, noise):
    spectrum = SampleSpectrum(Bulk(k, n, 0.5, noise, 0.9), m)
    L = spectrum.threshold * np.array([1.01, 1.5, 4, 100])
    assert np.all(np.diff(spectrum.position(L)) > 0)
    assert np.all(spectrum.position(L) > spectrum.edge)
    assert np.all(spectrum.position_slope(L) > 0)
    below = spectrum.bulk.edges[1] + 0.9 * (spectrum.threshold - spectrum.bulk.edges[1])
    assert spectrum.position_slope(below) < 0
    h = 1e-5 * L
    slope = (spectrum.position(L + h) - spectrum.position(L - h)) / (2 * h)
    assert np.allclose(slope, spectrum.position_slope(L), rtol=1e-4, atol=1e-6)


def test_bad_arguments_are_refused():
    bulk = Bulk(10, 10, 1.0, 0.5, 1.0)
    with pytest.raises(ValueError, match="m = 0"):
        SampleSpectrum(bulk, 0)
    with pytest.raises(ValueError, match="noise"):
        SampleSpectrum(Bulk(10, 10, 0.0, 0.0, 1.0), 5)
    with pytest.raises(ValueError, match="x = 0"):
        SampleSpectrum(bulk, 5).density([1.0, 0.0])
    with pytest.raises(ValueError, match="strength"):
        SampleSpectrum(bulk, 5).spike(0.0)
