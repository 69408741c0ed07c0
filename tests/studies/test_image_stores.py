"""Stored studies of images are whole, go on where they stopped, and can be computed anew."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from toy_images import toy

from onestep.experiment import DamagedStore, compute, fill, stores
from onestep.inputs import fashion
from onestep.studies.images import comparison, image_results, image_tables


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
    """Cells of the stores, one of each study, chosen at random once and for all, and its last.

    At the end of the steps a polynomial of degree 4 has features of a power of 1e24 ridges.
    """
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
            yield name, values[-1], "relu", 0.0


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


def test_tables_of_stored_results_have_their_rows():
    gaps = image_tables.published_gaps()
    assert len(gaps) == 6 and np.all(gaps["largest"] >= gaps["published / ours − 1: least"])
    assert image_tables.preprocessing().shape == (6, 3)
