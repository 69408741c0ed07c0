"""Makes the virtual environment of the project; run by path, with the standard library only.

``python3 lib/bookbuilder/environment.py VENV`` prints nothing when the environment is up to date.
It is rebuilt when the pins, the project file or this script change, and it counts as finished only
when its stamp is written, last.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

VERSIONS = ((3, 11), (3, 12), (3, 13))
STAMP = "onestep-environment"


def main() -> int:
    """Bring the environment named on the command line up to date."""
    if len(sys.argv) != 2:
        print(f"usage: {Path(sys.argv[0]).name} VENV", file=sys.stderr)
        return 2
    root = Path(__file__).resolve().parents[2]
    venv = Path(sys.argv[1]).absolute()
    stamp = venv / STAMP
    key = inputs_key(root)
    if stamp.is_file() and stamp.read_text() == key and (venv / "bin" / "python").exists():
        return 0
    unfinished = venv.with_name(f"{venv.name}.unfinished")
    if venv.exists() and not (venv / "pyvenv.cfg").is_file() and not unfinished.exists():
        print(f"{venv} exists and is not a virtual environment", file=sys.stderr)
        return 1
    python = find_python()
    if python is None:
        wanted = ", ".join(f"{major}.{minor}" for major, minor in VERSIONS)
        print(f"no working Python {wanted} with venv found; set PYTHON=/path", file=sys.stderr)
        return 1
    log = root / "_build" / "environment.log"
    print(f"making {venv} with {python}; this takes a minute or two once", flush=True)
    unfinished.touch()
    if not create(python, venv, root, log):
        print(log.read_text(errors="replace"), file=sys.stderr)
        print(f"the environment could not be made; full log above and in {log}", file=sys.stderr)
        return 1
    new = stamp.with_suffix(".new")
    new.write_text(key)
    new.replace(stamp)
    unfinished.unlink()
    return 0


def inputs_key(root: Path) -> str:
    """Digest of the files that define the environment."""
    digest = hashlib.sha256()
    for path in (root / "requirements.txt", root / "pyproject.toml", Path(__file__)):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def find_python() -> str | None:
    """Command of the first interpreter that really runs, has venv and is of a tested version.

    ``PYTHON`` goes first. Version managers put stand-ins on PATH that only print an error.
    """
    names = ["python3.13", "python3.12", "python3.11", "python3", sys.executable]
    if chosen := os.environ.get("PYTHON"):
        names = [chosen]
    test = f"import sys, venv, ensurepip; sys.exit(sys.version_info[:2] not in {VERSIONS!r})"
    for name in names:
        path = shutil.which(name)
        if path is None:
            continue
        try:
            run = subprocess.run([path, "-c", test], capture_output=True, timeout=60, check=False)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if run.returncode == 0:
            return path
    return None


def create(python: str, venv: Path, root: Path, log: Path) -> bool:
    """Make the environment from nothing; False if a step failed."""
    shutil.rmtree(venv, ignore_errors=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    inside = str(venv / "bin" / "python")
    pins = ["--require-hashes", "-r", str(root / "requirements.txt")]
    # The build backend is pinned among the requirements: nothing else is fetched for it.
    project = ["--no-deps", "--no-build-isolation", "-e", str(root)]
    if uv := shutil.which("uv"):
        install = [uv, "pip", "install", "--compile-bytecode", "--python", inside]
        steps = [[uv, "venv", "--python", python, str(venv)]]
    else:
        install = [inside, "-m", "pip", "install", "--disable-pip-version-check"]
        steps = [[python, "-m", "venv", str(venv)]]
    steps += [[*install, *pins], [*install, *project]]
    environment = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH")}
    with log.open("w") as stream:
        for step in steps:
            print("$", *step, file=stream, flush=True)
            try:
                subprocess.run(
                    step, stdout=stream, stderr=subprocess.STDOUT, env=environment, check=True
                )
            except (subprocess.CalledProcessError, OSError) as error:
                print(error, file=stream)
                return False
    return True


if __name__ == "__main__":
    sys.exit(main())
