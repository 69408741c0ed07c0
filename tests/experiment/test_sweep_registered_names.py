"""Registered names in a sweep: they count as what they mean, in cells, stores and workers."""

from dataclasses import replace

import pytest
import xarray as xr
from small_sweep import BASE, cell

import onestep
from onestep import activations
from onestep.activations import registry
from onestep.degrees import default_degree
from onestep.network import named_models
from onestep.studies.paper import figures, grids


@pytest.fixture
def registered(monkeypatch):
    """A function that lets a name mean an expression, as in a process of its own."""
    monkeypatch.setattr(registry, "_registered", {})

    def mean(name, expression):
        registry._registered.clear()
        registry._parsed.cache_clear()
        activations.register(name, expression)

    yield mean
    registry._parsed.cache_clear()


@pytest.mark.parametrize("place", ["activation", "target"])
@pytest.mark.parametrize("text", ["mine", "mine + relu"])
def test_the_identity_holds_what_a_registered_name_means(registered, place, text):
    found = set()
    for expression in ("tanh(z)", "relu(z)"):
        registered("mine", expression)
        each = cell(problem=replace(BASE, **{place: text}))
        found |= {each.identity, *([each.together] if place == "target" else [])}
    assert len(found) == (4 if place == "target" else 2)


def test_the_identity_of_what_the_library_knows_stays(registered):
    problem = replace(BASE, activation="relu + z*tanh(z)", target="he(2)")
    before = cell(problem=problem).identity
    registered("mine", "sin(z)")
    assert cell(problem=problem).identity == before
    for name, figure in grids.FIGURES.items():
        first = figures.stored(name).first_cell.isel(dict.fromkeys(figure.over, 0))
        point = {axis: first[axis].item() for axis in figure.over}
        at, degree = figure.at(point, 0)
        degree = default_degree(at) if degree is None else degree
        models = tuple(named_models(figure.models))
        assert cell(problem=at, degree=degree, models=models).identity == first.item()


@pytest.mark.parametrize("over", [{"beta": [0.3]}, {"activation": ["mine"]}])
def test_a_store_is_of_one_meaning_of_a_registered_name(registered, tmp_path, over):
    registered("mine", "tanh(z)")
    problem = replace(BASE, activation="mine")
    path = tmp_path / "r.nc"
    first = onestep.sweep(problem, over, trials=1, store=path)
    assert first.identical(onestep.sweep(problem, over, trials=1, store=path))
    registered("mine", "relu(z)")
    with pytest.raises(ValueError, match="registered"):
        onestep.sweep(problem, over, trials=1, store=path)


def test_workers_know_the_registered_names(registered, cluster):
    registered("mine", "z*exp(-z**2/3)")
    over = {"activation": ["mine", "mine + relu", "tanh"]}
    problem = replace(BASE, target="mine")
    alone = onestep.sweep(problem, over, trials=2)
    # What a process computed before may change the last digit: expansions share their tables.
    for elsewhere in ({"processes": 2}, {"client": cluster.client}):
        found = onestep.sweep(problem, over, trials=2, **elsewhere)
        assert found.attrs == alone.attrs
        xr.testing.assert_allclose(found, alone, rtol=1e-12)
