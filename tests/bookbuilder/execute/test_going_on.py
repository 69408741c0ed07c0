"""A chapter whose kernel was killed goes on where it was, within the chapter."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from tiny import PATIENCE, command, environment, start

from bookbuilder.declare.project import Project

PIECES = """
```{code-cell} ipython3
import os, pathlib, time
from onestep._support.cores import side_by_side

here = pathlib.Path(os.environ["TINY_TRACE"])
(here / "kernel").write_text(str(os.getpid()))

def piece(item):
    with (here / "pieces").open("a") as pieces:
        pieces.write(f"{item}\\n")
    while item == 3 and (here / "gate").exists():
        time.sleep(0.05)
    return item / 7

print("sum", sum(side_by_side(piece, [1, 2])), sum(side_by_side(piece, [5, 3])))
```
"""


def pieces(trace: Path) -> list[str]:
    return sorted((trace / "pieces").read_text().split())


def running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{process}/stat")
    # One that has ended may wait for whoever adopts orphans.
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def journals(project: Project) -> list[Path]:
    return list((project.build / "kept").rglob("*.journal"))


def test_a_killed_chapter_finds_again_what_it_had_found(project: Project, tmp_path: Path) -> None:
    source = project.source("second")
    source.write_text(source.read_text() + PIECES)
    (tmp_path / "gate").touch()
    killed = start(project, "book", TINY_TRACE=str(tmp_path))
    deadline = time.monotonic() + PATIENCE
    while not any(path.read_bytes().count(b"\n") == 3 for path in journals(project)):
        assert killed.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate(timeout=PATIENCE)
    assert pieces(tmp_path) == ["1", "2", "3", "5"]

    # The kernel, which looks for its builder once in a while, must not pass the gate itself.
    kernel = int((tmp_path / "kernel").read_text())
    while running(kernel):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    (tmp_path / "gate").unlink()
    (tmp_path / "pieces").unlink()
    done = subprocess.run(
        command(project, "book"),
        env={**environment(project), "TINY_TRACE": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert pieces(tmp_path) == ["3"]
    assert f"sum {1 / 7 + 2 / 7} {5 / 7 + 3 / 7}" in project.executed("quick", "second").read_text()
    assert not journals(project)
