"""What cannot be computed or stored is refused before the first cell; nothing computed is lost."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from small_sweep import BASE, OVER

import onestep
from onestep._support.journal import Journal
from onestep.experiment import Study, computing, fill, stores
from onestep.experiment.cell import FunctionCell


def _beta(point, trial):
    return {"beta": 0.5}


@pytest.mark.parametrize(
    ("place", "over"),
    [
        ("r.nc", {"θ": [0.1]}),
        ("r.nc", {"some": [1, 2**31]}),
        ("folder", {"some": [1]}),
        ("", {"some": [1]}),
        ("file/r.nc", {"some": [1]}),
        ("x" * 250, {"some": [1]}),
        ("loop", {"some": [1]}),
        ("~nobody-of-this-name/r.nc", {"some": [1]}),
        ("nul\0.nc", {"some": [1]}),
    ],
)
def test_a_store_that_cannot_be_is_refused_before_the_first_cell(
    tmp_path, monkeypatch, counted, place, over
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ValueError, match="store"):
        onestep.sweep(BASE, over, trials=1, fields=_beta, store=place)
    assert not counted
    assert sorted(tmp_path.iterdir()) == before


def test_a_folder_without_permission_is_refused(tmp_path, monkeypatch, counted):
    def denied(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(stores.tempfile, "NamedTemporaryFile", denied)
    with pytest.raises(ValueError, match=r"store = .*denied"):
        onestep.sweep(BASE, OVER, trials=1, store=tmp_path / "r.nc")
    assert not counted


@pytest.mark.parametrize("store", [5, None.__class__, b"r.nc"])
def test_a_store_is_a_path(store):
    with pytest.raises(ValueError, match="store = "):
        onestep.sweep(BASE, OVER, trials=1, store=store)


def test_a_store_at_home_and_in_a_new_folder_is_found_again(tmp_path, monkeypatch, counted):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    results = onestep.sweep(BASE, OVER, trials=1, store="~/new/mine.nc")
    assert [each.name for each in tmp_path.rglob("*")] == ["new", "mine.nc"]
    counted.clear()
    assert results.identical(onestep.sweep(BASE, OVER, trials=1, store=tmp_path / "new/mine.nc"))
    assert not counted
    assert stores.load("~/new/mine.nc").sizes["beta"] == 2
    stores.save(xr.Dataset({"v": 1.0}), "~/other.nc")
    assert stores.load(tmp_path / "other.nc").v == 1


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_a_link(tmp_path, exists):
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "r.nc", tmp_path / "link.nc"
    link.symlink_to(target)
    if exists:
        onestep.sweep(BASE, OVER, trials=1, store=target)
    results = onestep.sweep(BASE, OVER, trials=2, store=link)
    assert link.is_symlink() and not target.is_symlink()
    assert stores.load(target).training_error.size == results.training_error.size
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["far", "link.nc", "r.nc"]


@pytest.mark.parametrize("name", ["gz.nc.gz", "sp ace.nc", "ünï.nc", "a.b", "#x?y=1"])
def test_the_name_of_a_store_means_nothing(tmp_path, counted, name):
    onestep.sweep(BASE, OVER, trials=1, store=tmp_path / name)
    counted.clear()
    onestep.sweep(BASE, OVER, trials=1, store=tmp_path / name)
    assert not counted


@pytest.mark.parametrize("kind", [np.float16, np.longdouble, np.float32])
def test_coordinates_of_any_float_can_be_stored(tmp_path, counted, kind):
    over = {"beta": np.array([0.25, 0.5], dtype=kind)}
    first = onestep.sweep(BASE, over, trials=1, store=tmp_path / "r.nc")
    assert first.beta.dtype == np.float64
    counted.clear()
    assert first.identical(onestep.sweep(BASE, over, trials=1, store=tmp_path / "r.nc"))
    assert not counted


@pytest.mark.parametrize(
    "values", [np.array([1 + 2j]), np.array([None]), np.array(["2024"], "M8[D]")]
)
def test_what_is_no_number_or_text_is_named_and_not_stored(tmp_path, values):
    with pytest.raises(ValueError, match="odd"):
        stores.save(xr.Dataset({"odd": ("x", values)}), tmp_path / "r.nc")
    assert not list(tmp_path.iterdir())


def test_a_dimension_named_like_a_variable_is_refused():
    with pytest.raises(ValueError, match="training_error"):
        onestep.sweep(BASE, {"training_error": [1]}, trials=1, fields=_beta)
    with pytest.raises(ValueError, match="value"):
        Study.of_function(dict, {"value": [1]}, {"trial": 1}, ("row", [1]), ["value"])


def _rows(case, trial):
    values = {"short": [1.0], "infinite": [1.0, np.inf], "whole": np.float32([1.0, 2.0])}
    if case == "number":
        return 3.0
    return {"other" if case == "name" else "value": values.get(case, [1.0, np.nan])}


def _study(*cases):
    return Study.of_function(_rows, {"case": cases}, {"trial": 2}, ("row", [1, 2]), ["value"])


def test_rows_of_any_kind_are_numbers():
    found = fill(_study("whole", "fine")).value
    assert found.sel(case="whole", trial=0).values.tolist() == [1.0, 2.0]
    assert np.isnan(found.sel(case="fine", row=2)).all()


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("short", "value = .* 2 finite numbers"),
        ("infinite", "value = .*inf"),
        ("name", "other is not allowed"),
        ("number", "_rows.* = 3.0"),
    ],
)
def test_a_cell_that_fits_nowhere_stops_at_once_and_loses_nothing(tmp_path, case, message):
    with pytest.raises(ValueError, match=message):
        fill(_study("fine", case, "whole"), tmp_path / "r.nc")
    with Journal(tmp_path / "r.nc.journal") as kept:
        assert len(kept.finished) == 2  # both of the first point


def test_what_finished_beside_a_failure_is_kept(tmp_path):
    with pytest.raises(ValueError, match="_rows"):
        fill(_study("number", "fine", "whole", "more"), tmp_path / "r.nc", processes=2)
    with Journal(tmp_path / "r.nc.journal") as kept:
        assert kept.finished
        places = [{"case": c, "trial": t} for c in ("fine", "whole", "more") for t in (0, 1)]
        names = {FunctionCell(_rows, place).identity for place in places}
        assert kept.finished.keys() <= names


def test_a_point_of_whole_and_broken_numbers_is_found_again(tmp_path, monkeypatch):
    study = Study.of_function(_powers, {"base": [1, 2.5]}, {"trial": 1}, ("row", [1]), ["value"])
    fill(study, tmp_path / "r.nc")
    monkeypatch.setattr(computing, "compute", None)
    assert fill(study, tmp_path / "r.nc").value.values.ravel().tolist() == [1.0, 2.5]


def _powers(base, trial):
    return {"value": [base]}


def test_a_full_disk_at_the_end_keeps_every_cell(tmp_path, monkeypatch, counted):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(stores, "save", full)
        with pytest.raises(OSError, match="No space"):
            onestep.sweep(BASE, OVER, trials=1, store=tmp_path / "r.nc")
    assert len(counted) == 4
    onestep.sweep(replace(BASE), OVER, trials=1, store=tmp_path / "r.nc")
    assert len(counted) == 4
