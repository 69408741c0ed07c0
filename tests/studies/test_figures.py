"""The paper's figures: declared as published, stored whole, and what the code computes."""

import json

import numpy as np
import pytest

import onestep
from onestep.degrees import published_degree
from onestep.experiment import fill, stores
from onestep.network import Problem
from onestep.studies.paper import digitized, figures, grids, reproduction, reproduction_tables

SMALL = {"n": 60, "m": 50, "k": 40}


@pytest.mark.parametrize("name", reproduction.SERIES)
def test_declared_points_are_the_published_ones(name):
    figure = grids.FIGURES[name]
    scale = figure.problem.m if figure.axis == "k" else 1
    published = scale * np.unique(digitized.published(name).x)
    assert np.allclose(published, figure.over[figure.axis], atol=1e-6)


def test_the_published_degree_is_the_rule_of_the_experiments():
    found = [published_degree(beta) for beta in np.linspace(0, 1, 10)]
    assert found == [1, 1, 1, 1, 1, 2, 2, 4, 4, 4]
    assert published_degree(0.74) == 3
    with pytest.raises(ValueError, match="beta"):
        published_degree(1.5)


@pytest.mark.parametrize("name", grids.FIGURES)
def test_every_point_is_a_problem_of_the_papers_size(name):
    figure = grids.FIGURES[name]
    point = {axis: values[-1] for axis, values in figure.over.items()}
    problem, degree = figure.at(point, 3)
    assert isinstance(problem, Problem)
    assert problem.m in (500, 1000)
    assert degree is None or 1 <= degree <= 4
    for axis, values in {**figure.quick, **figure.shared}.items():
        assert set(values) <= set(figure.over[axis])


def test_strengths_of_figure_2c_are_drawn_per_trial_with_equal_sums():
    at = grids.FIGURES["fig2c"].at
    drawn = [at({"rank": 4, "activation": "relu"}, trial)[0].strengths for trial in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert np.isclose(sum(drawn[0][0]), sum(drawn[0][1]))
    assert max(drawn[0][0]) <= 1


@pytest.mark.parametrize("name", grids.FIGURES)
def test_stored_results_are_whole_and_of_this_definition(name):
    figure = grids.FIGURES[name]
    for part in ("results", "formula") + (("students",) if figure.shared else ()):
        found = figures.stored(name, part)
        for error in ("training_error", "generalization_error"):
            assert np.all(np.isfinite(found[error])) and np.all(found[error] > 0)
    stored = figures.stored(name)
    own = json.loads(stored.attrs["problem"])
    assert own.items() <= json.loads(figure.problem.to_json()).items()
    assert {"created", "machine", "duration"} <= stored.attrs.keys()


def test_random_stored_cells_are_what_the_code_computes():
    found = reproduction_tables.recomputed(6, seed=20261124)
    assert (found.difference < 1e-8).all() and (found["next trial"] > 1e-4).all()
    assert len(set(zip(found.figure, found.part, found.point, strict=True))) == 6


@pytest.mark.parametrize("name", grids.FIGURES)
def test_stored_curves_are_what_the_formula_gives(name):
    """Two points of every figure, one of them the strongest: a store must not outlive its code."""
    figure, stored = grids.FIGURES[name], figures.stored(name, "formula")
    last = {axis: values[-1] for axis, values in figure.over.items()}
    rng = np.random.default_rng(20261125)
    drawn = {axis: values[rng.integers(len(values))] for axis, values in figure.over.items()}
    for point in (last, drawn):
        anew = figures._by_formula(figure, point)
        for error in ("training_error", "generalization_error"):
            assert np.isclose(anew[error].mean().item(), stored[error].sel(point), rtol=1e-8)


def test_the_students_continue_the_results():
    """The first student of a point is the network of the results; its test sample is apart."""
    for name, figure in grids.FIGURES.items():
        if not figure.shared:
            continue
        students = figures.stored(name, "students").sel(student=0)
        results = figures.stored(name).isel(student=0, drop=True)
        same = results.training_error.sel({d: students[d] for d in students.training_error.dims})
        assert (abs(same / students.training_error - 1) < 1e-9).all()


def test_a_figure_is_computed_into_its_store(tmp_path, monkeypatch):
    figure = grids.FIGURES["fig1c"]
    tiny = type(figure)(
        problem=onestep.Problem(**SMALL),
        over={"beta": (0.2, 0.4, 0.6), "activation": ("relu", "tanh")},
        axis="beta",
        quick={"beta": (0.4,)},
        one_draw=True,
        shared={"beta": (0.2, 0.4)},
        trials=3,
        fields=figure.fields,
    )
    monkeypatch.setitem(grids.FIGURES, "fig1c", tiny)

    def computed(part, **options):
        path = tmp_path / f"{part}-{len(options)}.nc"
        fill(figures.studies("fig1c", **options)[part], path)
        return stores.load(path)

    quick = computed("results")
    sizes = {"beta": 1, "activation": 2, "trial": 4, "student": 1, "model": 2}
    assert dict(quick.sizes) == sizes
    full = computed("results", profile="full")
    assert full.sizes["beta"] == 3 and full.sizes["trial"] == 3
    students = computed("students", profile="full")
    assert students.sizes["student"] == 2 and students.sizes["beta"] == 2
    assert students.attrs["test_size"] == 250
    formula = figures.formula("fig1c")
    assert formula.generalization_error.dims == ("beta", "activation")
    assert np.all(formula.generalization_error > 0)
    with pytest.raises(ValueError, match="name"):
        figures.studies("fig9")
    with pytest.raises(ValueError, match="profile"):
        figures.studies("fig1c", profile="fast")
    with pytest.raises(ValueError, match="trials = 0"):
        figures.studies("fig1c", trials=0)


def test_the_table_has_a_row_for_every_published_series():
    table = reproduction.table()
    series = ["error", "series", "activation"]
    rows = sum(digitized.published(name).groupby(series).ngroups for name in reproduction.SERIES)
    assert len(table) == rows + len(reproduction.MAPS) == 47
    assert np.all(table.inside.between(0, 1))
