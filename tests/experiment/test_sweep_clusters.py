"""Sweeps on processes and clusters: scripts without a guard, workers with another library."""

import shutil
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pytest
from small_sweep import BASE, OVER

import onestep
from onestep.experiment import cell, computing

SCRIPT = """
import onestep
problem = onestep.Problem(n=12, m=10, k=8)
def fields(point, trial):
    return {"beta": point["mine"]}
found = onestep.sweep(problem, {"mine": [0.2, 0.5]}, fields=fields, trials=2, processes=2)
print(dict(found.sizes))
def rows(base, trial):
    return {"value": [base * trial]}
from onestep import experiment
study = experiment.Study.of_function(rows, {"base": [2, 3]}, {"trial": 2}, ("row", [1]), ["value"])
print(experiment.fill(study, processes=2).value.values.ravel().tolist())
"""


@pytest.mark.parametrize("way", ["file", "stdin", "argument"])
def test_a_script_needs_no_guard(tmp_path, way):
    (tmp_path / "mine.py").write_text(SCRIPT)
    words = {"file": ["mine.py"], "stdin": ["-"], "argument": ["-c", SCRIPT]}[way]
    done = subprocess.run(
        [sys.executable, *words],
        input=SCRIPT if way == "stdin" else "",
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
    )
    told = "{'mine': 2, 'model': 2, 'trial': 2}\n[0.0, 2.0, 0.0, 3.0]\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, told, "")


@pytest.mark.parametrize("client", ["tcp://127.0.0.1:8786", 5, object()])
def test_what_is_no_client_is_refused(client):
    with pytest.raises(ValueError, match=r"client = .*distributed\.Client is needed"):
        onestep.sweep(BASE, OVER, trials=1, client=client)


def test_a_task_refuses_to_run_on_other_code():
    with pytest.raises(ValueError, match="a worker runs other code, onestep"):
        cell.compute_elsewhere([], {}, "other")


@pytest.fixture
def scheduler():
    """A client of a scheduler without workers, and a function that starts one."""
    from distributed import Client, LocalCluster

    started = []

    def start(address, path):
        command = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-nanny"]
        started.append(
            subprocess.Popen(
                [*command, "--nthreads", "1", "--no-dashboard"],
                env={"PYTHONPATH": str(path), "PATH": "/usr/bin:/bin"},
                stderr=subprocess.DEVNULL,
                cwd=path,
            )
        )

    with (
        LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address=None) as local,
        Client(local) as client,
    ):
        yield client, lambda path: start(local.scheduler_address, path)
        for process in started:
            process.kill()
            process.wait()


LIBRARY = Path(onestep.__file__).parents[1]


@pytest.mark.parametrize("change", ["version", "code", "missing"])
def test_workers_with_another_library_are_refused(scheduler, tmp_path, change):
    client, start = scheduler
    if change == "missing":
        (tmp_path / "onestep").mkdir()
        (tmp_path / "onestep" / "__init__.py").write_text("raise ImportError('nothing here')")
    else:
        shutil.copytree(LIBRARY / "onestep", tmp_path / "onestep")
        file = tmp_path / "onestep" / "_support" / "version.py"
        text = (
            file.read_text().replace('"0.1.0"', '"0.0.9"') if change == "version" else "\n# other"
        )
        file.write_text(text if change == "version" else file.read_text() + text)
    start(tmp_path)
    client.wait_for_workers(1, timeout=60)
    told = {"version": r"onestep 0\.0\.9", "code": "code", "missing": "nothing here"}[change]
    with pytest.raises(ValueError, match=f"client: workers have another library.*tcp://.*{told}"):
        onestep.sweep(BASE, OVER, trials=1, client=client)


def test_a_client_without_workers_says_so_and_goes_on_when_one_joins(scheduler, monkeypatch):
    client, start = scheduler
    later = threading.Timer(1.0, start, [LIBRARY])
    later.start()
    with pytest.warns(UserWarning, match="has no workers: the sweep waits until one joins"):
        found = onestep.sweep(BASE, OVER, trials=2, client=client)
    assert found.identical(onestep.sweep(BASE, OVER, trials=2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        computing.require_workers(client)
