"""A build that is stopped leaves no process and nothing half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from tiny import STARTED, command, environment, make

from bookbuilder.declare.project import Project
from bookbuilder.execute.processes import end_trees

# The kernel says who it is, starts a child of its own, and would go on for a long time.
SLEEPER = """
```{code-cell} ipython3
import os, pathlib, subprocess, time
child = subprocess.Popen(["sleep", "600"])
pathlib.Path(os.environ["TINY_PIDS"]).write_text(f"{os.getpid()} {child.pid}")
time.sleep(600)
```
"""


@pytest.fixture
def sleeping(tmp_path: Path) -> tuple[Project, Path]:
    project = make(tmp_path / "book")
    with project.source("second").open("a") as source:
        source.write(SLEEPER)
    return project, tmp_path / "pids"


def start(project: Project, pids: Path) -> subprocess.Popen[bytes]:
    build = subprocess.Popen(
        command(project, "--jobs", "2", "book"),
        env={**environment(project), "TINY_PIDS": str(pids)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    STARTED.append(build)
    return build


def wait_for(path: Path, build: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while not (path.is_file() and path.read_text()):
        assert build.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)


def stop_and_check(build: subprocess.Popen[bytes], stop: str) -> None:
    """Stop the build; every process that belonged to it must be gone soon."""
    family = psutil.Process(build.pid).children(recursive=True)
    assert len(family) >= 1
    if stop == "terminal":  # Ctrl-C: the whole foreground group
        os.killpg(build.pid, signal.SIGINT)
    else:
        build.send_signal(getattr(signal, stop))
    code = build.wait(timeout=30)
    expected = {"terminal": 130, "SIGINT": 130, "SIGTERM": 143, "SIGKILL": -9}
    assert code == expected[stop]
    _, alive = psutil.wait_procs(family, timeout=15)
    assert alive == []


@pytest.mark.parametrize("stop", ["terminal", "SIGINT", "SIGTERM", "SIGKILL"])
def test_no_kernel_survives(sleeping: tuple[Project, Path], stop: str) -> None:
    project, pids = sleeping
    build = start(project, pids)
    wait_for(pids, build)
    kernel, child = map(int, pids.read_text().split())
    assert psutil.pid_exists(kernel) and psutil.pid_exists(child)
    stop_and_check(build, stop)
    for pid in (kernel, child):
        assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie"
    assert not project.executed("quick", "second").exists()
    assert not project.html.exists()
    finished = {".lock", "executed", "kept"}  # the other chapter may have ended before
    assert {path.name for path in project.build.iterdir()} <= finished


def test_rendering_leaves_the_previous_pages(tmp_path: Path) -> None:
    project = make(tmp_path / "book")
    for chapter in ("parabola", "second"):
        project.source(chapter).write_text(f"# {chapter}\n")
    project.source("intro").write_text("# Tiny\n")
    project.registry.write_text("")  # nothing is claimed
    # A slow extension holds Sphinx while it is stopped.
    (project.lib / "slow.py").write_text(
        "import os, pathlib, time\n"
        "def setup(app):\n"
        "    pathlib.Path(os.environ['TINY_PIDS']).write_text(str(os.getpid()))\n"
        "    time.sleep(600)\n"
    )
    project.config.write_text(
        project.config.read_text().replace(
            "- bookbuilder.pages.sphinx_extension",
            "- bookbuilder.pages.sphinx_extension\n      - slow",
        )
    )
    project.html.mkdir(parents=True)
    (project.html / "index.html").write_text("previous")
    pids = tmp_path / "pids"
    build = start(project, pids)
    wait_for(pids, build)
    stop_and_check(build, "SIGINT")
    assert (project.html / "index.html").read_text() == "previous"
    assert {path.name for path in project.build.iterdir()} == {".lock", "html"}


def test_end_trees_reaches_grandchildren_in_sessions_of_their_own() -> None:
    script = (
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'],"
        " start_new_session=True)\n"
        "time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script])
    deadline = time.monotonic() + 20
    while not (children := psutil.Process(process.pid).children()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    end_trees([process.pid])
    process.wait(timeout=5)
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []
