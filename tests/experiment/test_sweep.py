"""Sweeps: equal numbers however they are computed, and nothing lost or half read."""

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import onestep
from onestep import activations
from onestep.activations import registry
from onestep.degrees import default_degree
from onestep.experiment import DamagedStore, Journal, TrialCell, compute, computing, grid, stores
from onestep.network import HermiteModel, Network, named_models
from onestep.studies.paper import figures, grids

BASE = onestep.Problem(n=12, m=10, k=8, alpha=0.4, beta=0.5)
OVER = {"beta": [0.3, 0.6], "activation": ["relu", "tanh"]}


def cell(**changes):
    fields = {
        "problem": BASE,
        "models": (Network(), HermiteModel()),
        "degree": 2,
        "test_size": None,
        "seed": 0,
        "trial": 0,
    }
    return TrialCell(**{**fields, **changes})


@pytest.fixture
def counted(monkeypatch):
    """Cells that were really computed."""
    done = []

    def counting(cells):
        done.extend(each.identity for each in cells)
        return compute(cells)

    monkeypatch.setattr(computing, "compute", counting)
    return done


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
    assert alone.identical(onestep.sweep(problem, over, trials=2, processes=2))
    assert alone.identical(onestep.sweep(problem, over, trials=2, client=cluster.client))


@pytest.fixture
def cluster():
    """Dask scheduler and two workers as processes of their own on the loopback interface."""
    from distributed import Client

    scheduler = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "distributed.cli.dask_scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--no-show",
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    processes = [scheduler]
    try:
        for line in scheduler.stderr:
            if found := re.search(r"tcp://127\.0\.0\.1:\d+", line):
                break
        address = found.group()
        workers = [
            subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "distributed.cli.dask_worker",
                    address,
                    "--nthreads",
                    "1",
                    "--no-nanny",
                    "--no-dashboard",
                    "--name",
                    str(i),
                ],
                stderr=subprocess.DEVNULL,
            )
            for i in range(2)
        ]
        processes += workers
        with Client(address) as client:
            client.wait_for_workers(2, timeout=60)
            yield type("Cluster", (), {"client": client, "workers": workers})
    finally:
        for process in processes:
            process.kill()
            process.wait()
        scheduler.stderr.close()


def test_a_cluster_survives_the_death_of_a_worker(cluster, tmp_path):
    over = {"beta": np.linspace(0, 0.9, 10).tolist()}
    problem = replace(BASE, n=80, m=80, k=80)
    journal = tmp_path / "r.nc.journal"
    killer = subprocess.Popen(
        [sys.executable, "-c", _KILL_WHEN_GROWING, str(journal), str(cluster.workers[0].pid)]
    )
    results = onestep.sweep(problem, over, trials=6, store=tmp_path / "r.nc", client=cluster.client)
    assert killer.wait(30) == 0
    assert cluster.workers[0].wait(30) == -signal.SIGKILL
    assert results.equals(onestep.sweep(problem, over, trials=6))


_KILL_WHEN_GROWING = """
import os, pathlib, signal, sys, time
journal, pid = pathlib.Path(sys.argv[1]), int(sys.argv[2])
for _ in range(6000):
    if journal.exists() and journal.read_bytes().count(b"\\n") >= 3:
        os.kill(pid, signal.SIGKILL)
        sys.exit(0)
    time.sleep(0.01)
sys.exit(1)
"""

_LONG_SWEEP = """
import sys, onestep
problem = onestep.Problem(n=80, m=80, k=80)
over = {"beta": [0.1, 0.3, 0.5], "activation": ["relu", "tanh"]}
onestep.sweep(problem, over, trials=20, store=sys.argv[1], processes=int(sys.argv[2]))
"""


@pytest.mark.parametrize("processes", [1, 2])
def test_a_killed_sweep_goes_on_where_it_was(tmp_path, counted, processes):
    store = tmp_path / "r.nc"
    journal = Path(f"{store}.journal")
    running = subprocess.Popen([sys.executable, "-c", _LONG_SWEEP, str(store), str(processes)])
    deadline = time.monotonic() + 60
    while not (journal.exists() and journal.read_bytes().count(b"\n") >= 8):
        assert running.poll() is None and time.monotonic() < deadline
        time.sleep(0.005)
    workers = psutil.Process(running.pid).children(recursive=True)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    assert not psutil.wait_procs(workers, timeout=20)[1]  # none waits for work that never comes
    with Journal(journal) as kept:
        before = set(kept.finished)
    assert len(before) >= 8 and not store.exists()
    problem = onestep.Problem(n=80, m=80, k=80)
    over = {"beta": [0.1, 0.3, 0.5], "activation": ["relu", "tanh"]}
    results = onestep.sweep(problem, over, trials=20, store=store)
    assert len(counted) == len(set(counted)) == 120 - len(before)
    assert not before & set(counted)
    assert not journal.exists()
    assert results.equals(onestep.sweep(problem, over, trials=20))


def test_a_torn_line_is_cut_off_and_an_edited_one_refused(tmp_path):
    path = tmp_path / "journal"
    with Journal(path) as journal:
        for i in range(3):
            journal.append({f"cell{i}": {"training_error": [0.1 + i, 1 / 3]}})
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])
    with Journal(path) as journal:
        assert list(journal.finished) == ["cell0", "cell1"]
        journal.append({"cell2": {"training_error": [2.1, 1 / 3]}})
    assert path.read_bytes() == whole
    path.write_bytes(whole.replace(b"1.1", b"1.2", 1))
    with pytest.raises(DamagedStore, match="line 2"), Journal(path):
        pass
    with Journal(tmp_path / "other"), pytest.raises(BlockingIOError, match="other"):
        Journal(tmp_path / "other").__enter__()


def test_a_lock_on_a_journal_that_was_just_removed_counts_for_nothing(tmp_path, monkeypatch):
    path = tmp_path / "journal"
    lock = fcntl.flock

    def late(file, how):
        monkeypatch.setattr(fcntl, "flock", lock)
        path.unlink()  # as by a process that finishes between open and lock
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with Journal(path) as journal:
        with pytest.raises(BlockingIOError, match="journal"):
            Journal(path).__enter__()
        journal.append({"cell": {"training_error": [1.0]}})
    with Journal(path) as journal:
        assert list(journal.finished) == ["cell"]


@settings(max_examples=25, deadline=None)
@given(cut=st.integers(0, 10_000), value=st.floats(allow_nan=False, allow_infinity=False))
def test_any_cut_of_a_journal_keeps_whole_lines_only(tmp_path_factory, cut, value):
    path = tmp_path_factory.mktemp("cut") / "journal"
    cells = {f"{i}": {"training_error": [value, float(i)]} for i in range(5)}
    with Journal(path) as journal:
        journal.append(cells)
    whole = path.read_bytes()
    path.write_bytes(whole[: cut % (len(whole) + 1)])
    complete = path.read_bytes().count(b"\n")
    with Journal(path) as journal:
        assert journal.finished == dict(list(cells.items())[:complete])


@pytest.fixture
def stored(tmp_path):
    path = tmp_path / "r.nc"
    onestep.sweep(BASE, OVER, trials=2, store=path)
    return path


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


def test_only_what_is_missing_is_computed(stored, counted):
    onestep.sweep(BASE, OVER, trials=2, store=stored)
    assert not counted
    more = {"beta": [0.3, 0.45, 0.6], "activation": ["relu", "tanh"]}
    extended = onestep.sweep(BASE, more, trials=3, store=stored)
    assert len(counted) == 3 * 2 * 3 - 2 * 2 * 2
    assert extended.equals(onestep.sweep(BASE, more, trials=3))
    counted.clear()
    fewer = onestep.sweep(BASE, OVER, trials=2, store=stored)
    assert not counted
    assert fewer.equals(onestep.sweep(BASE, OVER, trials=2))
    assert stores.load(stored).sizes["beta"] == 3


def test_computing_anew_replaces_the_cells_of_the_grid_alone(stored, counted):
    onestep.sweep(BASE, {**OVER, "beta": [0.3, 0.45, 0.6]}, trials=3, store=stored)
    before = stores.load(stored)
    # As another machine would have it, where the last digit differs.
    other = before.assign(training_error=before.training_error * (1 + 1e-15))
    assert not other.training_error.equals(before.training_error)
    stores.save(other, stored)
    counted.clear()
    onestep.sweep(BASE, OVER, trials=2, store=stored, missing_only=False)
    assert len(counted) == 8
    after = stores.load(stored)
    own = {"beta": [0.3, 0.6], "trial": [0, 1]}
    assert after.sel(own).equals(before.sel(own))
    assert after.drop_sel(beta=[0.3, 0.6]).equals(other.drop_sel(beta=[0.3, 0.6]))
    assert after.sel(trial=2).equals(other.sel(trial=2))


def test_computing_anew_needs_the_same_definition(stored):
    before = stored.read_bytes()
    with pytest.raises(ValueError, match="another sweep"):
        onestep.sweep(replace(BASE, k=9), OVER, trials=2, store=stored, missing_only=False)
    assert stored.read_bytes() == before


@pytest.mark.parametrize("missing_only", [True, False])
def test_the_journal_of_a_larger_sweep_survives_a_smaller_one(tmp_path, counted, missing_only):
    path = tmp_path / "r.nc"
    with Journal(Path(f"{path}.journal")) as journal:
        for beta in OVER["beta"]:
            each = cell(problem=replace(BASE, beta=beta))
            journal.append({each.identity: compute([each])[0]})
    own = {"test_size": None, "degree": 2, "trials": 1, "store": path}
    onestep.sweep(BASE, {"beta": [0.3]}, **own, missing_only=missing_only)
    assert len(counted) == (0 if missing_only else 1)
    counted.clear()
    onestep.sweep(BASE, {"beta": [0.3, 0.6]}, **own)
    assert not counted
    assert [each.name for each in tmp_path.iterdir()] == ["r.nc"]


def test_a_store_of_grids_with_a_gap_between_them_can_be_read(stored, counted):
    onestep.sweep(BASE, {"beta": [0.9], "activation": ["erf"]}, trials=1, store=stored)
    loaded = stores.load(stored)
    assert np.isnan(loaded.training_error.sel(beta=0.9, activation="relu")).all()
    assert loaded.first_cell.sel(beta=0.9, activation="relu") == ""
    counted.clear()
    over = {"beta": [0.3, 0.6, 0.9], "activation": ["erf", "relu", "tanh"]}
    filled = onestep.sweep(BASE, over, trials=2, store=stored)
    assert len(counted) == 18 - 9
    assert filled.equals(onestep.sweep(BASE, over, trials=2))
    assert "" not in stores.load(stored).first_cell


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
        onestep.experiment.trial_cell, "readout_errors", lambda *_: [errors, errors]
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
