"""Makes the virtual environment of the project; run by path, with the standard library only.

It is made again when the pins, the project file or this script change, and when the checkout was
moved or copied: the environment leads to the library by an absolute path. A stamp inside says whose
it is and whether it is finished; an environment without one is never touched.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

VERSIONS = ((3, 11), (3, 12), (3, 13), (3, 14))
FETCHED = "3.13"
"""What uv fetches where no suitable interpreter is."""

STAMP = "onestep-environment"

ADVICE = """\
  Debian, Ubuntu  sudo apt install python3 python3-venv
  Fedora          sudo dnf install python3
  macOS           brew install python@3.13
  any system      install uv (https://docs.astral.sh/uv), which fetches an interpreter
  otherwise       name an interpreter: PYTHON=/path"""


class Refused(Exception):
    """The environment cannot be made; the message says why and what to do."""


def main() -> int:
    """Bring the environment named on the command line up to date."""
    if len(sys.argv) != 2:
        print(f"usage: {Path(sys.argv[0]).name} VENV", file=sys.stderr)
        return 2
    root = Path(__file__).resolve().parents[2]
    try:
        update(root, Path(sys.argv[1]).absolute())
    except Refused as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:  # read-only, full
        print(f"error: cannot write {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def update(root: Path, venv: Path) -> None:
    """Make the environment `venv` of the checkout `root` unless it is up to date."""
    wanted = {"checkout": str(root), "inputs": inputs_digest(root)}
    if read_stamp(venv) == wanted and (venv / "bin" / "python").exists():
        return
    build = root / "_build"
    build.mkdir(exist_ok=True)
    with lock(build / ".environment.lock"):
        stamp = read_stamp(venv)
        if stamp == wanted and (venv / "bin" / "python").exists():
            return  # another process made it meanwhile
        check_ours(root, venv, stamp)
        python = find_python()
        why = ""
        if stamp and stamp.get("checkout", str(root)) != str(root):
            why = f" again, because it belongs to {stamp['checkout']}"
        print(f"making {venv}{why} with {python}; this takes a minute or two once", flush=True)
        clear(venv, root)
        create(python, venv, root, build / "environment.log")
        shorten(venv, root)
        write_stamp(venv, wanted)


def inputs_digest(root: Path) -> str:
    """Digest of the files that define the environment."""
    digest = hashlib.sha256()
    for path in (root / "requirements.txt", root / "pyproject.toml", Path(__file__)):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def read_stamp(venv: Path) -> dict[str, str] | None:
    """What the stamp of an environment says; None where there is none."""
    try:
        text = (venv / STAMP).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    with contextlib.suppress(json.JSONDecodeError):
        found = json.loads(text)
        if isinstance(found, dict):
            return found
    return {}  # of an earlier version of this script, or cut off by a full disk


def write_stamp(venv: Path, content: dict[str, str]) -> None:
    """Replace the stamp in one step."""
    new = venv / f"{STAMP}.new"
    new.write_text(json.dumps(content), encoding="utf-8")
    new.replace(venv / STAMP)


def check_ours(root: Path, venv: Path, stamp: dict[str, str] | None) -> None:
    """Refuse what this checkout did not make, so that nothing of a reader's is ever deleted."""
    advice = "choose another by VENV=dir, or unset VENV for .venv"
    if stamp is None and os.path.lexists(venv) and not (venv.is_dir() and not any(venv.iterdir())):
        kind = "an environment" if (venv / "pyvenv.cfg").is_file() else "something"
        raise Refused(
            f"VENV = {venv} is {kind} that `make` did not make, and is left alone; {advice}"
        )
    owner = Path((stamp or {}).get("checkout", root))
    # One that came along with a copy is the copy's; one elsewhere may still serve its checkout.
    if owner != root and root not in venv.parents and (owner / "pyproject.toml").is_file():
        raise Refused(f"VENV = {venv} belongs to the checkout {owner}; {advice}")


@contextlib.contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold a file; waits, and says so, while another process makes an environment."""
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting for another `make` that makes the environment", file=sys.stderr)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def find_python() -> str:
    """Command of the first interpreter that really runs, is of a tested version, and has venv.

    ``PYTHON`` goes first and alone. Version managers put stand-ins on PATH that only print an
    error. Where uv is, venv is not needed, and what uv fetches is the last resort.
    """
    uv = shutil.which("uv")
    names = [f"python{major}.{minor}" for major, minor in reversed(VERSIONS)]
    names += ["python3", "python", sys.executable]
    if chosen := os.environ.get("PYTHON"):
        names = [chosen]
    unfit = {}
    for name in names:
        if (path := shutil.which(name)) is None:
            continue
        version = answer(path, "import sys; print('%d.%d' % sys.version_info[:2])")
        if version not in [f"{major}.{minor}" for major, minor in VERSIONS]:
            unfit[path] = f"is Python {version}" if version else "does not run"
        elif uv is None and answer(path, "import venv, ensurepip; print(1)") is None:
            unfit[path] = f"is Python {version} without venv"
        else:
            return path
    if uv is not None and not chosen:
        return FETCHED
    if chosen and not unfit:
        unfit[chosen] = "is not a command"
    found = "".join(f"\n  {path} {problem}" for path, problem in unfit.items())
    versions = ", ".join(f"{major}.{minor}" for major, minor in VERSIONS)
    raise Refused(f"no Python of {versions} with venv was found{found}\nWhat helps:\n{ADVICE}")


def answer(python: str, code: str) -> str | None:
    """What a line of Python prints; None if it fails."""
    try:
        run = subprocess.run(
            [python, "-c", code], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return run.stdout.strip() if run.returncode == 0 else None


def clear(venv: Path, root: Path) -> None:
    """Make `venv` a directory that holds nothing but the stamp of an unfinished environment."""
    venv.mkdir(parents=True, exist_ok=True)
    # First: should this be killed, the next try still knows that the rest is its own.
    write_stamp(venv, {"checkout": str(root)})
    for path in venv.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != STAMP:
            path.unlink()


def create(python: str, venv: Path, root: Path, log: Path) -> None:
    """Install everything."""
    inside = str(venv / "bin" / "python")
    pins = ["--require-hashes", "-r", str(root / "requirements.txt")]
    # The build backend is pinned among the requirements: nothing else is fetched for it.
    project = ["--no-deps", "--no-build-isolation", "-e", str(root)]
    if uv := shutil.which("uv"):
        install = [uv, "pip", "install", "--compile-bytecode", "--python", inside]
        steps = [[uv, "venv", "--allow-existing", "--python", python, str(venv)]]
    else:
        install = [inside, "-m", "pip", "install", "--disable-pip-version-check"]
        steps = [[python, "-m", "venv", str(venv)]]
    steps += [[*install, *pins], [*install, *project]]
    environment = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH")}
    environment["PYTHONUTF8"] = "1"
    with log.open("w", encoding="utf-8") as stream:
        for step in steps:
            print("$", *step, file=stream, flush=True)
            try:
                subprocess.run(
                    step, stdout=stream, stderr=subprocess.STDOUT, env=environment, check=True
                )
            except (subprocess.CalledProcessError, OSError) as error:
                print(error, file=stream, flush=True)
                text = log.read_text(encoding="utf-8", errors="replace")
                raise Refused(
                    f"the environment could not be made; the log, also in {log}:\n{text}"
                ) from None


def shorten(venv: Path, root: Path) -> None:
    """Let the environment lead to the library by a path that every locale reads.

    Before 3.13, Python reads it in the locale's encoding, in UTF-8 mode, too: beyond ASCII it may
    stop every start. In the checkout it can be relative; elsewhere its letters are escaped.
    """
    library = root / "lib"
    for path in venv.glob("lib/python*/site-packages/*.pth"):
        if path.read_bytes().strip() != os.fsencode(library):
            continue
        if root in venv.resolve().parents:
            line = os.path.relpath(library, path.parent)
        else:
            line = str(library)
        if not line.isascii():
            line = f"import sys; sys.path.append({str(library)!a})"
        path.write_text(line + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
