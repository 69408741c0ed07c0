"""What lies around a book on a reader's machine: settings, data, locales, other builds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tiny import ROOT, build, command, environment, make, start

from bookbuilder._support.lock import build_lock
from bookbuilder.cli import main
from bookbuilder.declare.project import Project

LOUD = """
```{code-cell} ipython3
import logging, os, sys, warnings
print("to be read")
warnings.warn("from /somewhere/of/this/machine")
logging.getLogger().error("downloading to /home/reader")
print("bar", file=sys.stderr)
os.system("echo a child process >&2")
```
"""

SETTINGS = """
```{code-cell} ipython3
import os, matplotlib
assert matplotlib.rcParams["text.usetex"] is False, "a matplotlibrc was read"
assert matplotlib.get_backend() != "svg", "MPLBACKEND was read"
assert "reader" not in globals(), "PYTHONSTARTUP was run"
try:
    assert False
except AssertionError:
    print("asserts", "work")
```
"""

DATA = """
```{code-cell} ipython3
import os
print("found", os.environ.get("TINY_DATA"))
```
"""


def add(project: Project, text: str) -> None:
    with project.source("second").open("a") as source:
        source.write(text)


def test_what_is_written_to_stderr_is_told_and_not_kept(project: Project) -> None:
    add(project, LOUD)
    done = build(project, "book")
    assert done.returncode == 0, done.stderr
    notebook = project.executed("quick", "second").read_text()
    page = (project.html / "second.html").read_text()
    assert "to be read" in notebook and "to be read" in page
    words = ("/somewhere/of/this/machine", "/home/reader", "bar\n")
    for word in words:
        assert f"{word.strip()}" in done.stderr
        assert json.dumps(word)[1:-1] + '"' not in notebook
    assert '"stderr"' not in notebook and "  second: bar" in done.stderr


def test_a_readers_settings_do_not_reach_a_chapter(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(project, SETTINGS)
    (tmp_path / "matplotlibrc").write_text("text.usetex: True")
    (tmp_path / "startup.py").write_text("reader = True")
    monkeypatch.setenv("MATPLOTLIBRC", str(tmp_path / "matplotlibrc"))
    monkeypatch.setenv("MPLBACKEND", "svg")
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "startup.py"))
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    done = build(project, "book")
    assert done.returncode == 0, done.stderr


def test_what_a_chapter_found_outside_makes_it_run_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(project, DATA)
    source = project.source("second")
    text = source.read_text()
    source.write_text(text.replace("\n---\n", "\nonestep: {outside: tinylib.data.state}\n---\n", 1))
    (project.lib / "tinylib" / "data.py").write_text(
        'import os\n\n\ndef state():\n    return os.environ.get("TINY_DATA", "absent")\n'
    )
    assert "2 executed, 0 unchanged" in build(project, "book").stdout
    monkeypatch.setenv("TINY_DATA", "images")
    again = build(project, "book")
    assert "1 executed, 1 unchanged; pages rendered" in again.stdout, again.stderr
    assert "found images" in (project.html / "second.html").read_text()
    assert "0 executed, 2 unchanged; pages unchanged" in build(project, "book").stdout


def test_a_page_that_is_gone_or_cut_short_is_made_again(project: Project) -> None:
    assert build(project, "book").returncode == 0
    for name in ("index.html", "_static/book.css"):
        file = project.html / name
        whole = file.read_bytes()
        file.unlink()
        assert "0 executed, 2 unchanged; pages rendered" in build(project, "book").stdout
        assert file.read_bytes()[:99] == whole[:99]
    (project.html / "second.html").write_text("")
    (project.html / "note.txt").write_text("a reader's own")
    assert "pages rendered" in build(project, "book").stdout
    (project.html / "note.txt").write_text("a reader's own")
    assert "pages unchanged" in build(project, "book").stdout


def test_a_value_that_the_library_refuses_while_running_is_a_refusal(project: Project) -> None:
    source = project.source("parabola")
    refusal = 'if points == 999: raise ValueError(f"points = {points} is not allowed: fewer")'
    source.write_text(source.read_text().replace("print(points)", refusal))
    done = build(project, "chapter", "parabola", "points=999")
    assert done.returncode == 2 and done.stdout == ""
    told = done.stderr[done.stderr.index("error: ") :]
    assert told.startswith(
        "error: P is refused:\n  points = 999 is not allowed: fewer\nAllowed here:"
    )
    for noise in ("Traceback", "FAILED chapter", "last frame", "source of the cell"):
        assert noise not in done.stderr
    grid = build(project, "chapter", "parabola", "points=5,999")
    assert grid.returncode == 1
    assert "REFUSED points=999: ValueError: points = 999 is not allowed" in grid.stderr
    assert "last frame" not in grid.stderr


def test_claims_that_fail_elsewhere_say_that_it_is_elsewhere(project: Project) -> None:
    done = build(project, "chapter", "parabola", "alpha=1")
    assert done.returncode == 1 and "FAILED chapter parabola" in done.stderr
    assert done.stderr.count("not the parameters of the book") == 1
    assert "last frame" not in done.stderr and "ledger.settle()" not in done.stderr
    source = project.source("parabola")
    source.write_text(source.read_text().replace("target=0.5", "target=0.9"))
    default = build(project, "chapter", "parabola", "alpha=0.5")  # as in the book
    assert default.returncode == 1 and "not the parameters of the book" not in default.stderr


def test_who_waits_is_told_for_what(project: Project) -> None:
    project.build.mkdir()
    with build_lock(project.build):
        waiting = start(project, "book")
        assert waiting.stderr is not None
        line = waiting.stderr.readline()
        assert line.startswith("waiting for the end of another build")
        assert f"process {os.getpid()}" in line
        waiting.terminate()
        assert waiting.wait(timeout=30) == 143


@pytest.mark.parametrize("reason", ["EROFS", "ENOSPC", "EACCES"])
def test_a_disk_that_takes_nothing_is_told_in_a_line(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    reason: str,
) -> None:
    import errno

    def refuse(*_: object) -> None:
        number = getattr(errno, reason)
        raise OSError(number, os.strerror(number), "/the/place")

    monkeypatch.setattr("bookbuilder.cli.execute_book", refuse)
    assert main(["--root", str(project.root), "book"]) == 1
    told = capsys.readouterr().err
    assert told == f"error: cannot write /the/place: {os.strerror(getattr(errno, reason))}\n"


def test_a_path_beyond_ascii_in_an_ascii_locale(tmp_path: Path) -> None:
    project = make(tmp_path / "prö j")
    variables = {k: v for k, v in environment(project).items() if k != "PYTHONUTF8"}
    done = subprocess.run(
        command(project, "book"),
        env={**variables, "LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "1"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert (project.html / "index.html").is_file()


def test_make_runs_everything_in_utf8_and_without_a_readers_modules(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    show = 'show: ; @echo "$$PYTHONUTF8 [$$PYTHONPATH$$PYTHONHOME$$PYTHONSTARTUP$$PYTHONWARNINGS]"'
    reader = {
        "PYTHONPATH": "/a",
        "PYTHONHOME": "/b",
        "PYTHONSTARTUP": "/c",
        "PYTHONUTF8": "0",
        "PYTHONWARNINGS": "error",
    }
    done = subprocess.run(
        ["make", f"--eval={show}", "show"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], **reader},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "1 []\n"
