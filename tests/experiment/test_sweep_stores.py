"""Stores give back what was computed, or say what is wrong: nothing is half read."""

import re
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from small_sweep import BASE, OVER

import onestep
from onestep.experiment import DamagedStore, stores


def test_a_store_gives_back_what_was_computed(stored):
    loaded = stores.load(stored)
    assert loaded.drop_vars("first_cell").equals(
        onestep.sweep(BASE, OVER, trials=2)
        .expand_dims(student=[0])
        .transpose("beta", "activation", "trial", "student", "model")
    )
    assert loaded.attrs["onestep_version"] == onestep.__version__
    assert {"created", "machine", "duration", "seed", "problem"} <= loaded.attrs.keys()
    assert [each.name for each in stored.parent.iterdir()] == [stored.name]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": 1}, "seed"),
        ({"degree": 3}, "degree"),
        ({"models": ["network"]}, "models"),
        ({"test_size": 20}, "test_size"),
    ],
)
def test_another_definition_is_refused(stored, options, message):
    before = stored.read_bytes()
    with pytest.raises(ValueError, match=message):
        onestep.sweep(BASE, OVER, **{"trials": 2, "store": stored, **options})
    with pytest.raises(ValueError, match="problem"):
        onestep.sweep(replace(BASE, k=9), OVER, trials=2, store=stored)
    with pytest.raises(ValueError, match="fields"):
        onestep.sweep(
            BASE, OVER, trials=2, store=stored, fields=lambda point, trial: {**point, "noise": 0.1}
        )
    assert stored.read_bytes() == before


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_cut_or_edited_store_is_named_and_never_half_read(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("store") / "named.nc"
    values = np.arange(6.0).reshape(2, 3)
    stores.save(xr.Dataset({"v": (("a", "b"), values)}, {"a": [1, 2], "b": list("xyz")}), path)
    whole = path.read_bytes()
    position = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        path.write_bytes(whole[:position])
    else:
        flipped = bytes([whole[position] ^ data.draw(st.integers(1, 255))])
        path.write_bytes(whole[:position] + flipped + whole[position + 1 :])
    try:
        loaded = stores.load(path)
    except DamagedStore as error:
        assert "named.nc" in str(error)
    else:  # only padding or the record of the layout can change without a trace
        assert np.array_equal(loaded.v, values) and list(loaded.b.values) == list("xyz")


@pytest.mark.parametrize(
    "value",
    [
        True,
        None,
        7,
        2**31,
        -(2**70),
        1 / 3,
        "",
        "text",
        "json:[1]",
        "a\0",
        [1],
        [1.0, 2.0],
        [],
        ["p", "q"],
        {"b": [1, None]},
    ],
    ids=repr,
)
def test_attributes_are_read_back_as_they_were(tmp_path, value):
    path = tmp_path / "r.nc"
    results = xr.Dataset({"v": ("x", [1.0, 2.0], {"own": value})}, {"x": [1, 2]}, {"a": value})
    stores.save(results, path)
    loaded = stores.load(path)
    for found in (loaded.attrs["a"], loaded.v.attrs["own"]):
        assert found == value and type(found) is type(value)
    assert results.attrs == {"a": value} and results.v.attrs == {"own": value}


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, float("nan"), [float("inf")], 1j], ids=repr)
def test_attributes_that_cannot_be_stored_are_named(tmp_path, value):
    with pytest.raises(ValueError, match="attribute 'some' = "):
        stores.save(xr.Dataset(attrs={"some": value}), tmp_path / "r.nc")
    with pytest.raises(ValueError, match="attribute 'digest'"):
        stores.save(xr.Dataset(attrs={"digest": 1}), tmp_path / "r.nc")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("seed", [2**31 - 1, 2**31, 2**63, 2**100])
def test_every_seed_can_be_stored(tmp_path, counted, seed):
    path = tmp_path / "r.nc"
    first = onestep.sweep(BASE, {"beta": [0.3]}, trials=1, seed=seed, store=path)
    assert stores.load(path).attrs["seed"] == seed
    counted.clear()
    assert first.identical(onestep.sweep(BASE, {"beta": [0.3]}, trials=1, seed=seed, store=path))
    assert not counted
    with pytest.raises(ValueError, match="seed"):
        onestep.sweep(BASE, {"beta": [0.3]}, trials=1, seed=seed + 1, store=path)


def test_a_coordinate_that_no_store_holds_is_refused_before_the_first_cell(tmp_path, counted):
    def fields(point, trial):
        return {"beta": 0.5}

    over = {"some": [1, 2**31]}
    with pytest.raises(ValueError, match="some = "):
        onestep.sweep(BASE, over, trials=1, fields=fields, store=tmp_path / "r.nc")
    assert not counted
    assert onestep.sweep(BASE, over, trials=1, fields=fields).sizes["some"] == 2


def test_nothing_in_a_store_is_unpickled(tmp_path):
    path = tmp_path / "evil.nc"
    path.write_bytes(b"\x80\x04\x95" + b"cos\nsystem\n(S'touch pwned'\ntR.")
    with pytest.raises(DamagedStore, match=re.escape(str(path))):
        stores.load(path)
    with pytest.raises(FileNotFoundError):
        stores.load(tmp_path / "none.nc")
