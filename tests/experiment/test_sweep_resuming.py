"""Sweeps go on where they were: no finished cell is lost or computed twice."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_sweep import BASE, OVER, cell

import onestep
from onestep._support.journal import Journal
from onestep.experiment import DamagedStore, compute, stores


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
