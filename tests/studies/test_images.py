from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from onestep.experiment import DamagedStore, compute, fill, stores
from onestep.inputs import CENTRINGS, OFFSETS, ImageMixture, fashion
from onestep.studies.images import comparison, image_results, image_tables
from onestep.theory import predict


def toy(spread=9.0, sizes=(400, 300), n=12, **options):
    """Two classes of random images with unlike means, traces and correlations."""
    rng = np.random.default_rng(3)
    pixels = []
    for c, size in enumerate(sizes):
        mixing = rng.standard_normal((n, n)) * (6 + 4 * c)
        values = 110 + 20 * c + rng.standard_normal((size, n)) @ mixing
        pixels.append(np.clip(np.round(values), 0, 255).astype(np.uint8))
    return ImageMixture(tuple(pixels), spread, **options)


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


def test_the_formula_is_that_of_predict():
    """On the layer that Gaussians trained, trial by trial: `predict` draws it anew."""
    mixture = toy(centring="common")
    problem = comparison.problem(mixture, m=30, k=20, activation="relu", ridge=1e-2)
    found = comparison.compare(problem, mixture, trials=2, first_trial=1, curves=["formula"])
    expected = predict(problem, trials=3, models=["network"], inputs=mixture.gaussian)
    expected = expected.isel(model=0, trial=[1, 2])
    for name in ("training_error", "generalization_error"):
        assert np.allclose(found[name].sel(curve="formula"), expected[name], rtol=1e-10)


def test_running_out_of_images_is_told():
    with pytest.raises(ValueError, match="none is drawn twice"):
        toy().samples([1500], np.random.default_rng(0))


def test_trials_share_the_initial_network_and_depend_on_nothing_else():
    mixture = toy()
    problem = comparison.problem(mixture, m=30, k=20, activation="relu")
    on_images, gaussian = comparison.draws(problem, mixture, 2, 0)
    assert np.array_equal(on_images.weights.F, gaussian.weights.F)
    assert not np.allclose(on_images.readout.X, gaussian.readout.X)
    both = comparison.compare(problem, mixture, trials=3)
    assert np.isfinite(both.generalization_error).all()
    last = comparison.compare(problem, mixture, trials=1, first_trial=2)
    names = ["training_error", "generalization_error", "accuracy"]
    for name in names:
        assert np.allclose(last[name], both[name].isel(trial=[2]), equal_nan=True, rtol=1e-12)
    alone = comparison.compare(problem, mixture, trials=3, curves=["hermite"])
    assert np.allclose(alone.accuracy, both.accuracy.sel(curve=["hermite"]), rtol=1e-12)


def test_images_that_are_gaussian_cannot_be_told_from_their_gaussian_mixture():
    """Random pixels, nearly Gaussian: mean errors within 4 standard errors in 3 cases, p < 2e-4."""
    mixture = toy(spread=6.0, sizes=(3000, 3000))
    for activation in image_results.ACTIVATIONS:
        problem = comparison.problem(mixture, m=60, k=40, activation=activation, ridge=1e-3)
        found = comparison.compare(problem, mixture, trials=30, curves=["network", "gaussian"])
        gap = np.diff(found.generalization_error, axis=0)[0]
        assert abs(gap.mean()) < 4 * gap.std(ddof=1) / np.sqrt(30)


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


def test_a_problem_of_another_spread_is_refused():
    problem = comparison.problem(toy(spread=4.0), m=20, k=10, activation="relu")
    with pytest.raises(ValueError, match="spread"):
        comparison.compare(problem, toy(), trials=1)


@pytest.mark.parametrize(
    "options", [{"alpha": 0.3}, {"noise": 0.5}, {"rigde": 1e-2}, {"rank": 3}], ids=str
)
def test_a_problem_takes_ridge_and_step_and_nothing_else(options):
    given = comparison.problem(toy(), m=10, k=10, activation="relu", ridge=1e-2, step=3.0)
    assert (given.ridge, given.step) == (1e-2, 3.0)
    with pytest.raises(TypeError, match=next(iter(options))):
        comparison.problem(toy(), m=10, k=10, activation="relu", **options)


@pytest.mark.parametrize(
    "options", [{"seed": -1}, {"seed": 1.5}, {"degree": -1}, {"trials": 0}], ids=str
)
def test_a_comparison_refuses_bad_arguments(options):
    problem = comparison.problem(toy(), m=20, k=10, activation="relu")
    with pytest.raises(ValueError, match=next(iter(options))):
        comparison.compare(problem, toy(), **options)


def test_a_comparison_tells_the_options_of_its_mixture():
    mixture = toy(centring="common", offsets="consistent", stretch=1.25)
    problem = comparison.problem(mixture, m=20, k=10, activation="relu")
    attrs = comparison.compare(problem, mixture, curves=["network"]).attrs
    assert [attrs[name] for name in ("centring", "offsets", "stretch")] == [
        "common",
        "consistent",
        1.25,
    ]


@pytest.fixture
def small_study(monkeypatch):
    """A study of toy images."""
    monkeypatch.setattr(image_results, "SAMPLES", 20)
    monkeypatch.setattr(image_results.ImageStudy, "mixture", lambda *_: toy(spread=12.0))
    return image_results.ImageStudy("step", (0.0, 0.5), 3, activations=("relu", "tanh"))


def test_a_study_goes_on_where_it_was_stopped(small_study, tmp_path, monkeypatch):
    whole = fill(small_study.study(), tmp_path / "whole.nc")
    assert dict(whole.sizes) == {"step": 2, "activation": 2, "trial": 3, "curve": 5}
    assert np.isfinite(whole.generalization_error).all()
    assert np.isnan(whole.accuracy.sel(curve="formula")).all()

    # Stopped in the third trial, the last line torn, as by a kill.
    path = tmp_path / "parts.nc"
    errors, computed = image_results.comparison.errors, []

    def stopping(*arguments, **options):
        if len(computed) == 5:
            raise KeyboardInterrupt
        computed.append(arguments)
        return errors(*arguments, **options)

    monkeypatch.setattr(image_results.comparison, "errors", stopping)
    with pytest.raises(KeyboardInterrupt):
        fill(small_study.study(), path)
    journal = tmp_path / "parts.nc.journal"
    journal.write_bytes(journal.read_bytes()[:-7])
    computed[:] = [()] * 6  # counts on, and stops no more
    parts = fill(small_study.study(), path)
    assert len(computed) == 6 + 12 - 3 and not journal.exists()
    xr.testing.assert_equal(parts, whole)

    # More trials are added, fewer lose nothing, and what is there is not computed again.
    more = fill(replace(small_study, trials=4).study(), path)
    assert len(computed) == 15 + 4 and more.sizes["trial"] == 4
    xr.testing.assert_equal(fill(small_study.study(), path), whole)
    assert len(computed) == 15 + 4 and stores.load(path).sizes["trial"] == 4


def test_a_store_of_another_study_is_refused(small_study, tmp_path):
    path = tmp_path / "toy.nc"
    fill(replace(small_study, trials=1).study(), path)
    with pytest.raises(ValueError, match="another sweep: definition"):
        fill(replace(small_study, trials=1, ridge=2e-4).study(), path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DamagedStore):
        fill(replace(small_study, trials=1).study(), path)


def test_averages_are_taken_within_trials(small_study):
    results = fill(small_study.study())
    found = image_results.averaged([results], "formula", "network")
    error = results.generalization_error.values  # (step, activation, trial, curve)
    gap = (error[..., 4] - error[..., 0]) / error[..., 0].mean(axis=2, keepdims=True)
    assert np.allclose(found.value, gap.mean(axis=(0, 2)))
    assert np.allclose(found.standard_error, gap.mean(axis=0).std(axis=1, ddof=1) / np.sqrt(3))
    assert np.all(found.degrees_of_freedom == 2)


def stored_cells():
    """Cells of the stores, one of each study, chosen at random once and for all."""
    rng = np.random.default_rng(20)
    for name, study in image_results.STUDIES.items():
        # Cells of large width or of the conditional formula are left out for their cost alone.
        values = [v for v in study.values if study.abscissa != "width" or v <= 1.5]
        if study.method == "equivalent":
            yield (
                name,
                values[rng.integers(len(values))],
                str(rng.choice(study.activations)),
                round(rng.random(), 3),
            )


@pytest.mark.parametrize("name", list(image_results.STUDIES))
def test_stored_results_are_whole(name):
    """Every cell is there and of the study as it is declared now; every solver converged."""
    study, results = image_results.STUDIES[name], image_results.stored(name)
    assert results.sizes["trial"] == study.trials
    for variable in ("training_error", "generalization_error"):
        assert np.isfinite(results[variable]).all()
    assert np.isfinite(results.accuracy.sel(curve=list(comparison.CURVES[:-1]))).all()
    assert {"created", "machine", "onestep_version"} <= results.attrs.keys()


@pytest.mark.parametrize("cell", list(stored_cells()), ids=str)
def test_stored_cells_can_be_computed_anew(cell):
    try:
        fashion.load(download=False)
    except fashion.DataMissing:
        pytest.skip("Fashion-MNIST is not installed")
    name, value, activation, place = cell
    trial = int(place * image_results.stored(name).sizes["trial"])
    study = image_results.STUDIES[name]
    at = {study.abscissa: value, "activation": activation, "trial": trial}
    [found] = compute([study.study().cell(at)])
    kept = image_results.stored(name).sel(at)
    for variable, row in found.items():
        expected = kept[variable].sel(curve=list(comparison.CURVES)).values
        assert np.allclose(np.array(row, dtype=float), expected, rtol=1e-8, equal_nan=True)


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


def test_tables_of_stored_results_have_their_rows():
    gaps = image_tables.published_gaps()
    assert len(gaps) == 6 and np.all(gaps["largest"] >= gaps["published / ours − 1: least"])
    assert image_tables.preprocessing().shape == (6, 3)
    pairs = image_tables.pairs()
    assert len(pairs) == len(image_results.PAIRS)
    assert pairs["formula / images − 1 (%)"].is_monotonic_increasing
