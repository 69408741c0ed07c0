"""A Dask cluster for the tests of re-runs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny import environment

from bookbuilder.declare.project import Project


@pytest.fixture
def scheduler(project: Project, tmp_path: Path) -> Iterator[str]:
    """Address of a scheduler with one worker, processes of their own on the loopback interface."""
    settings = {**environment(project), "TINY_TRACE": str(tmp_path)}
    module = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    options += ["--scheduler-file", str(tmp_path / "scheduler.json")]
    place = {"env": settings, "cwd": tmp_path, "stderr": subprocess.DEVNULL}
    processes = [subprocess.Popen([*module, *options], **place)]  # type: ignore[call-overload]
    try:
        module[-1] = "distributed.cli.dask_worker"
        options = ["--scheduler-file", str(tmp_path / "scheduler.json"), "--nthreads", "2"]
        options += ["--host", "127.0.0.1", "--no-nanny", "--no-dashboard"]
        processes += [subprocess.Popen([*module, *options], **place)]  # type: ignore[call-overload]
        deadline = time.monotonic() + 30
        while not (tmp_path / "scheduler.json").is_file():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield json.loads((tmp_path / "scheduler.json").read_text())["address"]
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait(timeout=30)
