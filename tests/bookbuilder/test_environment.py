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
    for name in ("python3.14", "python3.13", "python3.12"):
        executable(tmp_path / name, "echo command not found >&2; exit 127")
    good = executable(tmp_path / "python3.11", f'exec "{sys.executable}" "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert environment.find_python() == str(good)


def interpreter(path: Path, version: str, *, venv: bool = True) -> Path:
    """A stand-in that tells a version and whether it has venv."""
    fails = "" if venv else "*ensurepip*) exit 1;; "
    return executable(path, f'case "$2" in {fails}*) echo {version};; esac')


def only(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide every interpreter and tool of this machine."""
    monkeypatch.delenv("PYTHON", raising=False)
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setattr(sys, "executable", str(tools / "absent"))


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_every_version_of_the_pins_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    only(tmp_path, monkeypatch)
    good = interpreter(tmp_path / "python3", version)
    assert environment.find_python() == str(good)


def test_what_does_not_serve_is_named_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(tmp_path, monkeypatch)
    interpreter(tmp_path / "python3", "3.14", venv=False)
    interpreter(tmp_path / "python", "3.9")
    executable(tmp_path / "python3.12", "exit 127")
    with pytest.raises(environment.Refused) as caught:
        environment.find_python()
    for words in (
        "no Python of 3.11, 3.12, 3.13, 3.14 with venv",
        f"{tmp_path}/python3 is Python 3.14 without venv",
        f"{tmp_path}/python is Python 3.9",
        f"{tmp_path}/python3.12 does not run",
        "apt install python3 python3-venv",
        "dnf install",
        "brew install",
        "uv",
        "PYTHON=/path",
    ):
        assert words in str(caught.value)


def test_an_interpreter_that_was_asked_for_is_never_replaced_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(tmp_path, monkeypatch)
    interpreter(tmp_path / "python3", "3.13")
    executable(tmp_path / "uv", "exit 0")
    old = interpreter(tmp_path / "python3.9", "3.9")
    for asked, words in (
        (str(old), "is Python 3.9"),
        ("/no/python", "/no/python is not a command"),
    ):
        monkeypatch.setenv("PYTHON", asked)
        with pytest.raises(environment.Refused, match=words):
            environment.find_python()


def test_uv_needs_no_venv_and_fetches_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(tmp_path, monkeypatch)
    executable(tmp_path / "uv", "exit 0")
    assert environment.find_python() == environment.FETCHED
    plain = interpreter(tmp_path / "python3", "3.14", venv=False)
    assert environment.find_python() == str(plain)


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
        '  mkdir -p "$5/bin"; touch "$5/pyvenv.cfg"; ln -s /bin/true "$5/bin/python"\nfi',
    )


def test_made_once_and_again_only_when_the_pins_change(copy: Path, tmp_path: Path) -> None:
    uv = stand_in(tmp_path / "tools")
    calls = uv.parent / "calls"
    first = make(copy, uv)
    assert first.returncode == 0, first.stderr
    assert "--require-hashes" in calls.read_text() and "--no-deps" in calls.read_text()
    assert make(copy, uv).stdout == ""
    assert calls.read_text().count("venv --allow-existing") == 1
    (copy / "requirements.txt").write_text("# other pins")
    assert "making" in make(copy, uv).stdout
    assert calls.read_text().count("venv --allow-existing") == 2


def test_a_failure_shows_the_log_and_is_not_taken_for_success(copy: Path, tmp_path: Path) -> None:
    failed = make(copy, stand_in(tmp_path / "bad", fails="require-hashes"))
    assert failed.returncode == 1
    assert "cannot do that" in failed.stderr and "--require-hashes" in failed.stderr
    assert make(copy, stand_in(tmp_path / "bad", fails="require-hashes")).returncode == 1
    assert make(copy, stand_in(tmp_path / "good")).returncode == 0
    assert make(copy, stand_in(tmp_path / "good")).stdout == ""


@pytest.mark.parametrize("kind", ["folder", "environment", "file", "link"])
def test_what_make_did_not_make_is_left_alone(copy: Path, tmp_path: Path, kind: str) -> None:
    place = copy / "mine"
    if kind == "file":
        place.write_text("precious")
    elif kind == "link":
        place.symlink_to(tmp_path / "nowhere")
    else:
        place.mkdir()
        (place / "thesis.tex").write_text("precious")
    if kind == "environment":
        (place / "pyvenv.cfg").write_text("home = /usr/bin")
    done = make(copy, stand_in(tmp_path / "tools"), venv="mine")
    assert done.returncode == 1 and f"VENV = {place} is" in done.stderr
    assert "did not make, and is left alone" in done.stderr
    if kind == "file":
        assert place.read_text() == "precious"
    elif kind != "link":
        assert (place / "thesis.tex").read_text() == "precious"
    assert os.path.lexists(place)


@pytest.mark.parametrize("how", ["copied", "moved"])
def test_the_environment_of_another_place_is_made_again(
    copy: Path, tmp_path: Path, how: str
) -> None:
    uv = stand_in(tmp_path / "tools")
    assert make(copy, uv).returncode == 0
    other = tmp_path / "other"
    if how == "copied":
        shutil.copytree(copy, other, symlinks=True)
    else:
        copy.rename(other)
    done = make(other, uv)
    assert done.returncode == 0 and f"because it belongs to {copy}" in done.stdout
    assert f"-e {other}" in (uv.parent / "calls").read_text()
    assert make(other, uv).stdout == ""
    if how == "copied":
        assert make(copy, uv).stdout == ""


def test_an_environment_that_serves_another_checkout_is_left_alone(
    copy: Path, tmp_path: Path
) -> None:
    uv = stand_in(tmp_path / "tools")
    shared = tmp_path / "shared"
    assert make(copy, uv, venv=str(shared)).returncode == 0
    other = tmp_path / "other"
    shutil.copytree(copy, other)
    done = make(other, uv, venv=str(shared))
    assert done.returncode == 1 and f"belongs to the checkout {copy}" in done.stderr
    assert make(copy, uv, venv=str(shared)).stdout == ""
    copy.rename(tmp_path / "moved")  # nobody else needs it now
    assert make(other, uv, venv=str(shared)).returncode == 0


@pytest.mark.parametrize("place", ["prö j/.venv", "venv", "pröv/venv"])
def test_the_library_is_found_from_a_path_beyond_ascii_in_an_ascii_locale(
    tmp_path: Path, place: str
) -> None:
    root = tmp_path / "prö j"
    venv = tmp_path / place
    (root / "lib").mkdir(parents=True)
    (root / "lib" / "found.py").write_text("")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    [site] = venv.glob("lib/python*/site-packages")
    (site / "_project.pth").write_text(f"{root / 'lib'}\n", encoding="utf-8")
    environment.shorten(venv, root)
    variables = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "1"}
    variables.pop("PYTHONPATH", None)
    run = [str(venv / "bin" / "python"), "-c", "import found"]
    subprocess.run(run, env=variables, check=True)


def test_what_was_begun_is_cleared_and_begun_again(copy: Path, tmp_path: Path) -> None:
    assert make(copy, stand_in(tmp_path / "bad", fails="require-hashes")).returncode == 1
    (copy / "venv" / "lib").mkdir()
    (copy / "venv" / "lib" / "half.py").write_text("")
    assert make(copy, stand_in(tmp_path / "good")).returncode == 0
    assert not (copy / "venv" / "lib").exists()


def test_the_second_of_two_says_what_it_waits_for(copy: Path, tmp_path: Path) -> None:
    uv = stand_in(tmp_path / "tools")
    (copy / "_build").mkdir()
    with environment.lock(copy / "_build" / ".environment.lock"):
        command = [sys.executable, "lib/bookbuilder/environment.py", "venv"]
        variables = {**os.environ, "PATH": f"{uv.parent}:{os.environ['PATH']}"}
        second = subprocess.Popen(
            command,
            cwd=copy,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert second.stderr is not None
        assert "waiting for another `make`" in second.stderr.readline()
        assert second.poll() is None
    assert second.wait(timeout=60) == 0


def test_a_disk_that_takes_nothing_is_named(copy: Path, tmp_path: Path) -> None:
    (copy / "_build").touch()  # as little to be made as on a read-only disk
    done = make(copy, stand_in(tmp_path / "tools"))
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr.startswith("error: cannot write ") and "_build" in done.stderr
