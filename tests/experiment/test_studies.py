"""A function over a grid: stored, resumed, and ragged where it does not exist."""

import numpy as np
import pytest

from onestep.experiment import Study, fill, stores

CALLS = []


def powers(base: float, trial: int):
    CALLS.append((base, trial))
    return {"value": [base + trial, None if base < 0 else base**0.5]}


def study(**changes):
    fields = {
        "points": {"base": [4.0, -1.0]},
        "repeats": {"trial": 2},
        "row": ("kind", ["shifted", "root"]),
        "variables": ["value"],
    }
    return Study.of_function(powers, **{**fields, **changes})


@pytest.fixture(autouse=True)
def calls():
    CALLS.clear()
    return CALLS


def test_a_study_is_labelled_stored_and_resumed(tmp_path, calls):
    path = tmp_path / "powers.nc"
    found = fill(study(), path)
    assert found.value.dims == ("base", "trial", "kind")
    assert found.value.sel(base=4.0, trial=1).values.tolist() == [5.0, 2.0]
    assert np.isnan(found.value.sel(base=-1.0, kind="root")).all()
    assert len(calls) == 4
    more = fill(study(points={"base": [4.0, 9.0]}, repeats={"trial": 3}), path)
    assert len(calls) == 4 + 4 and more.value.sel(base=9.0, trial=2, kind="root") == 3.0
    whole = stores.load(path)
    assert sorted(whole.base.values) == [-1.0, 4.0, 9.0]
    assert fill(study(), path).identical(found.assign_attrs(fill(study()).attrs))


def test_cells_that_do_not_exist_are_never_computed(tmp_path, calls):
    ragged = study(exists=lambda at: at["base"] > 0 or at["trial"] == 0)
    path = tmp_path / "powers.nc"
    found = fill(ragged, path)
    assert len(calls) == 3
    assert np.isnan(found.value.sel(base=-1.0, trial=1)).all()
    fill(ragged, path)
    assert len(calls) == 3


def test_another_function_or_constant_is_another_study(tmp_path):
    path = tmp_path / "powers.nc"
    fill(study(), path)
    with pytest.raises(ValueError, match="another sweep: unit"):
        fill(study(unit=2), path)
