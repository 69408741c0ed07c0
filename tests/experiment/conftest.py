"""What the tests of sweeps share; `small_sweep` lies beside it."""

import re
import subprocess
import sys

import pytest
from small_sweep import BASE, OVER

import onestep
from onestep.experiment import compute, computing


@pytest.fixture
def counted(monkeypatch):
    """Cells that were really computed."""
    done = []

    def counting(cells):
        done.extend(each.identity for each in cells)
        return compute(cells)

    monkeypatch.setattr(computing, "compute", counting)
    return done


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


@pytest.fixture
def stored(tmp_path):
    path = tmp_path / "r.nc"
    onestep.sweep(BASE, OVER, trials=2, store=path)
    return path
