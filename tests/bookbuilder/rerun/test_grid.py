"""A chapter at every combination of listed values: what is run, kept and shown."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
import tiny
from tiny import PATIENCE, make

from bookbuilder.declare.project import Project

# Every run of the code leaves a line; one point waits for ever while its gate is there.
TRACE = """print(points)
import os, pathlib, time
here = pathlib.Path(os.environ["TINY_TRACE"])
with (here / "runs").open("a") as runs:
    runs.write(f"{alpha}\\n")
while alpha == 1 and (here / "gate").exists():
    time.sleep(0.05)
1 / (alpha - 0.25)"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = make(tmp_path_factory.mktemp("grid") / "book")
    source = project.source("parabola")
    source.write_text(source.read_text().replace("print(points)", TRACE))
    return project


def start(project: Project, trace: Path, *arguments: str) -> subprocess.Popen[str]:
    given = ("--jobs", "2", "chapter", "parabola", *arguments)
    return tiny.start(project, *given, TINY_TRACE=str(trace))


def runs(trace: Path) -> list[str]:
    return sorted((trace / "runs").read_text().split("\n")[:-1])


def wait_until(true: object, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():  # type: ignore[operator]
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)


def index(place: Path) -> Path:
    (page,) = place.glob("grid-alpha-????????/index.html")
    return page


def test_a_killed_grid_goes_on_and_shows_every_point(project: Project, tmp_path: Path) -> None:
    (tmp_path / "gate").touch()
    killed = start(project, tmp_path, "alpha=0.25,0.5,1")
    place = project.runs("parabola")
    # One point fails, one is finished, the last waits at the gate.
    wait_until(lambda: (place / "alpha=0.5" / "run.json").is_file(), killed)
    wait_until(lambda: "1.0" in runs(tmp_path), killed)
    wait_until(lambda: "2 of 3 points have run; 1 failed" in index(place).read_text(), killed)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate(timeout=PATIENCE)
    assert runs(tmp_path) == ["0.25", "0.5", "1.0"]
    assert "not run yet" in index(place).read_text() and not (place / "alpha=1.0").exists()

    (tmp_path / "gate").unlink()
    (tmp_path / "runs").unlink()
    resumed = start(project, tmp_path, "alpha=0.25,0.5,1")
    output, errors = resumed.communicate(timeout=PATIENCE)
    assert resumed.returncode == 1
    assert runs(tmp_path) == ["0.25", "1.0"]  # finished stays finished; what failed runs again
    assert "points: 2 run, 1 unchanged" in output and index(place).as_uri() in output
    assert "parameters: alpha=0.25" in errors and "ZeroDivisionError" in errors
    assert "1 of 3 points failed, the claims of 1 do not all hold" in errors

    text = index(place).read_text()
    assert "3 of 3 points have run; 1 failed, and the claims of 1 do not all hold" in text
    assert text.count("ZeroDivisionError: ") == 1
    assert "half: holds (measured 0.5: equivalent; control: different)" in text
    assert "half: <strong>does not hold</strong> (measured 1: different; control" in text
    for folder in ("alpha=0.5", "alpha=1.0"):
        assert f'href="../{folder.replace("=", "%3D")}/html/parabola.html"' in text
        assert (place / folder / "html" / "parabola.html").is_file()


def test_a_refused_point_starts_nothing(project: Project, tmp_path: Path) -> None:
    refused = start(project, tmp_path, "alpha=0.5,1.5 points=9,11")
    _, errors = refused.communicate(timeout=PATIENCE)
    assert refused.returncode == 2 and "alpha = 1.5 must lie in [0, 1]" in errors
    nowhere = start(project, tmp_path, "alpha=0.1,0.2", "--scheduler", "tcp://127.0.0.1:9")
    _, errors = nowhere.communicate(timeout=PATIENCE)
    assert nowhere.returncode == 2 and "SCHEDULER = 'tcp://127.0.0.1:9'" in errors
    assert not (tmp_path / "runs").exists()


def test_a_cluster_runs_the_points(project: Project, tmp_path: Path, scheduler: str) -> None:
    arguments = ["alpha=0.4", "--scheduler", scheduler]
    first = start(project, tmp_path, *arguments)
    output, errors = first.communicate(timeout=PATIENCE)
    assert first.returncode == 0, errors
    assert "points: 1 run, 0 unchanged" in output and runs(tmp_path) == ["0.4"]
    assert (project.runs("parabola") / "alpha=0.4" / "html" / "parabola.html").is_file()
    again, _ = start(project, tmp_path, *arguments).communicate(timeout=PATIENCE)
    assert "points: 0 run, 1 unchanged" in again and runs(tmp_path) == ["0.4"]
