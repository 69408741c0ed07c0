"""Every stored result: declared, whole, and computed anew by one command."""

import shutil
from importlib import resources

import pytest

import onestep
from onestep.experiment import filling, stores
from onestep.studies import __main__ as command
from onestep.studies import catalogue
from onestep.studies.__main__ import main

DATA = resources.files(onestep.studies) / "data"


def stored(part):
    """Path of a store of the package."""
    [path] = DATA.rglob(f"{part}.nc")
    return path


@pytest.mark.parametrize("name", catalogue.NAMES)
def test_a_store_has_every_cell_of_its_study_as_declared_now(name):
    for part, study in catalogue.studies(name, profile="full").items():
        path = stored(part)
        known = filling._known(stores.load(path), study, path)
        assert known.keys() == {cell.identity for _, cell in study.cells()}


def test_a_full_study_is_complete_at_once(tmp_path, capsys):
    """Nothing is computed, and no number changes, where the store is whole."""
    folder = tmp_path / "full"
    folder.mkdir()
    shutil.copy(stored("accuracy-ladder"), folder / "accuracy-ladder.nc")
    before = stores.load(folder / "accuracy-ladder.nc")
    main(["sweep", "accuracy-ladder", "--profile", "full", "--folder", str(tmp_path)])
    assert "60/60" in capsys.readouterr().err
    after = stores.load(folder / "accuracy-ladder.nc")
    assert after.drop_attrs().identical(before.drop_attrs())


def test_the_command_computes_what_is_asked_for(tmp_path, monkeypatch, capsys):
    from onestep.studies.errors import accuracy_ladder

    monkeypatch.setattr(accuracy_ladder, "_problem", lambda n: onestep.Problem(n=9, m=8, k=7))
    main(["sweep", "accuracy-ladder", "--trials", "1", "--processes", "1",
          "--folder", str(tmp_path)])  # fmt: skip
    [path] = tmp_path.rglob("*.nc")
    assert f"results in {path}" in capsys.readouterr().out
    assert dict(stores.load(path).sizes) == {"n": 2, "layer": 1, "readout": 10}
    with pytest.raises(SystemExit):
        main(["sweep", "fig9"])
    assert "'fig9' is not allowed" in capsys.readouterr().err


def test_quick_profiles_are_small_and_of_the_same_definition():
    for name in catalogue.NAMES:
        full = catalogue.studies(name, profile="full")
        for part, study in catalogue.studies(name).items():
            assert study.constants == full[part].constants
            assert sum(1 for _ in study.cells()) < sum(1 for _ in full[part].cells())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--processes", "0"], "processes = 0 is not allowed"),
        (["--trials", "0"], "trials = 0 is not allowed"),
        (["--processes", "two"], "invalid int value: 'two'"),
    ],
)
def test_the_command_refuses_by_name_and_without_a_traceback(tmp_path, capsys, options, told):
    with pytest.raises(SystemExit) as ended:
        main(["sweep", "fig1b", "--folder", str(tmp_path), *options])
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_a_study_that_is_refused_stops_no_other(tmp_path, monkeypatch, capsys):
    def one(name, given):
        if name == "fig1b":
            raise ValueError("ridge = 0.1 is too small")
        print(f"{name} is done")

    monkeypatch.setattr(command, "_compute", one)
    with pytest.raises(SystemExit) as ended:
        main(["sweep", "fig1a", "fig1b", "validity"])
    told = capsys.readouterr()
    assert ended.value.code == 2
    assert told.out == "fig1a is done\nvalidity is done\n"
    assert told.err.endswith("error: fig1b: ridge = 0.1 is too small\n")
