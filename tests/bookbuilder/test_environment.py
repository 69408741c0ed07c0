"""The script that makes the environment, with interpreters and tools that misbehave."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bookbuilder import environment

SCRIPT = Path(environment.__file__)


def executable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_a_stand_in_that_only_prints_an_error_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHON", raising=False)
    for name in ("python3.13", "python3.12"):
        executable(tmp_path / name, "echo command not found >&2; exit 127")
    good = executable(tmp_path / "python3.11", f'exec "{sys.executable}" "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert environment.find_python() == str(good)


def test_a_version_outside_the_range_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = executable(tmp_path / "python3.9", "exit 1")
    monkeypatch.setenv("PYTHON", str(old))
    assert environment.find_python() is None


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A project whose environment installs in no time: pins of nothing, an empty package."""
    root = tmp_path / "copy"
    (root / "lib" / "bookbuilder").mkdir(parents=True)
    shutil.copy(SCRIPT, root / "lib" / "bookbuilder")
    (root / "requirements.txt").write_text("")
    (root / "pyproject.toml").write_text("[project]\nname = 'nothing'\nversion = '0'\n")
    return root


def make(root: Path, uv: Path, venv: str = "venv") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "lib/bookbuilder/environment.py", venv],
        cwd=root,
        env={**os.environ, "PATH": f"{uv.parent}:{os.environ['PATH']}", "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )


def stand_in(directory: Path, fails: str = "never") -> Path:
    """A `uv` that notes what it is asked and makes an environment that holds only a python."""
    return executable(
        directory / "uv",
        f'echo "$@" >> "{directory}/calls"\n'
        f'case "$*" in *{fails}*) echo "cannot do that" >&2; exit 1;; esac\n'
        'if [ "$1" = venv ]; then\n'
        '  mkdir -p "$4/bin"; touch "$4/pyvenv.cfg"; ln -s /bin/true "$4/bin/python"\nfi',
    )


def test_made_once_and_again_only_when_the_pins_change(copy: Path, tmp_path: Path) -> None:
    uv = stand_in(tmp_path / "tools")
    calls = uv.parent / "calls"
    first = make(copy, uv)
    assert first.returncode == 0, first.stderr
    assert "--require-hashes" in calls.read_text() and "--no-deps" in calls.read_text()
    assert make(copy, uv).stdout == ""
    assert calls.read_text().count("venv --python") == 1
    (copy / "requirements.txt").write_text("# other pins")
    assert "making" in make(copy, uv).stdout
    assert calls.read_text().count("venv --python") == 2


def test_a_failure_shows_the_log_and_is_not_taken_for_success(copy: Path, tmp_path: Path) -> None:
    failed = make(copy, stand_in(tmp_path / "bad", fails="require-hashes"))
    assert failed.returncode == 1
    assert "cannot do that" in failed.stderr and "--require-hashes" in failed.stderr
    assert make(copy, stand_in(tmp_path / "bad", fails="require-hashes")).returncode == 1
    assert make(copy, stand_in(tmp_path / "good")).returncode == 0
    assert make(copy, stand_in(tmp_path / "good")).stdout == ""


def test_a_directory_that_is_no_environment_is_left_alone(copy: Path, tmp_path: Path) -> None:
    (copy / "documents").mkdir()
    (copy / "documents" / "thesis.tex").write_text("precious")
    done = make(copy, stand_in(tmp_path / "tools"), venv="documents")
    assert done.returncode == 1 and "not a virtual environment" in done.stderr
    assert (copy / "documents" / "thesis.tex").read_text() == "precious"
