"""Cells of a sweep: what defines them, and equal numbers however they are computed."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from small_sweep import BASE, OVER, cell

import onestep
from onestep.experiment import compute, grid
from onestep.network import HermiteModel, Network


def test_identity_is_everything_that_defines_the_numbers():
    changes = [
        {},
        {"problem": replace(BASE, beta=0.51)},
        {"problem": replace(BASE, activation="tanh")},
        {"problem": replace(BASE, ridge=1.0)},
        {"models": (Network(),)},
        {"models": (Network(), HermiteModel(noise_factor=0.5))},
        {"degree": 3},
        {"test_size": 7},
        {"seed": 1},
        {"trial": 1},
        {"student": 1},
    ]
    assert len({cell(**each).identity for each in changes}) == len(changes)
    assert cell().identity == cell(problem=onestep.Problem(**json.loads(BASE.to_json()))).identity


def test_cells_computed_together_have_the_numbers_they_have_alone():
    cells = [
        cell(problem=replace(BASE, activation=a, ridge=r))
        for a in ("relu", "erf")
        for r in (1e-3, 1.0)
    ]
    assert len({each.together for each in cells}) == 1
    assert compute(cells) == [compute([each])[0] for each in cells]


def test_students_share_the_data_and_nothing_else():
    results = onestep.sweep(BASE, {"beta": [0.3]}, trials=2, students=2)
    errors = results.generalization_error
    assert errors.dims == ("beta", "student", "model", "trial")
    assert not np.any(errors.sel(student=0) == errors.sel(student=1))
    alone = onestep.sweep(BASE, {"beta": [0.3]}, trials=2)
    assert np.array_equal(errors.sel(student=0), alone.generalization_error)
    one, two = (onestep.network.draw(BASE, 0, 0, student=s) for s in (0, 1))
    assert np.array_equal(one.readout.X, two.readout.X)
    assert np.array_equal(one.step.y, two.step.y)
    assert not np.any(one.weights.F == two.weights.F)
    assert not np.any(one.zeta == two.zeta)


def test_fields_translate_the_points():
    def fields(point, trial):
        return {"weights": (point["rho"], 1 - point["rho"]), "degree": 1 + trial}

    results = onestep.sweep(BASE, {"rho": [0.25, 0.5]}, fields=fields, trials=2)
    for rho in (0.25, 0.5):
        for trial in (0, 1):
            alone = onestep.simulate(
                replace(BASE, weights=(rho, 1 - rho)), trials=2, degree=1 + trial, threads=1
            )
            point = results.sel(rho=rho, trial=trial)
            assert np.array_equal(point.training_error, alone.training_error.sel(trial=trial))


def test_one_process_many_processes_and_a_cluster_give_equal_numbers(cluster):
    alone = onestep.sweep(BASE, OVER, trials=3)
    assert alone.identical(onestep.sweep(BASE, OVER, trials=3, processes=2))
    assert alone.identical(onestep.sweep(BASE, OVER, trials=3, client=cluster.client))


@pytest.mark.parametrize(
    ("over", "options", "message"),
    [
        ({"trial": [0, 1]}, {}, "trial"),
        ({"weights": [(0.5, 0.5)]}, {}, "weights"),
        ({"beta": [0.1, 0.2]}, {"processes": 0}, "processes"),
        ({"beta": [0.1]}, {"processes": 2, "client": object()}, "processes"),
        ({"beta": [0.1]}, {"students": 0}, "students"),
        ({"beta": [0.1]}, {"fields": lambda point, trial: {"beta": 2.0}}, "beta"),
    ],
)
def test_a_sweep_refuses_bad_arguments(over, options, message):
    with pytest.raises(ValueError, match=message):
        onestep.sweep(BASE, over, trials=1, **options)


def test_a_cell_that_is_not_finite_stops_the_sweep(tmp_path, monkeypatch):
    errors = onestep.network.Errors(np.inf, 1.0, 1.0)
    monkeypatch.setattr(
        onestep.experiment.trial_cell, "readout_errors", lambda *_, **__: [errors, errors]
    )
    with pytest.raises(FloatingPointError, match="finite"):
        onestep.sweep(BASE, OVER, trials=1, store=tmp_path / "r.nc")
    assert not list(tmp_path.iterdir())


def test_progress_tells_the_time_remaining(capsys):
    onestep.sweep(BASE, OVER, trials=1, progress=True)
    assert re.search(r"4/4 \[\d\d:\d\d<\d\d:\d\d", capsys.readouterr().err)


def test_grid_positions_follow_the_coordinates():
    study = grid(BASE, OVER, models=[Network()], trials=2)
    positions = [position for position, _ in study.cells()]
    assert positions[:3] == [(0, 0, 0, 0), (0, 0, 1, 0), (0, 1, 0, 0)]
    assert len(positions) == 8
