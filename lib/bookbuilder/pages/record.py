"""``claims.json``: every claim of a build, with what, when and where it was computed."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bookbuilder.declare.notebook import load
from bookbuilder.execute.claim_table import today
from bookbuilder.execute.claims import collect
from bookbuilder.execute.execution import Run
from bookbuilder.execute.schedule import default_workers

PACKAGES = (
    "onestep", "numpy", "scipy", "sympy", "mpmath", "xarray", "matplotlib", "ipykernel",
    "papermill", "jupytext", "jupyter-book", "myst-nb", "sphinx", "sphinx-book-theme",
)  # fmt: skip
"""Named on the status page; the lock file holds the rest."""


def build_record(runs: Sequence[Run], profile: str, seed: int | None = None) -> dict[str, Any]:
    """What the pages show and depend on, as JSON types; the seed is None for each its own."""
    return {
        "profile": profile,
        "seed": seed,
        "versions": _versions(),
        "runs": [
            {"chapter": run.chapter, "seconds": run.seconds, "values": dict(run.values)}
            for run in runs
        ],
        "claims": [dict(claim) for run in runs for claim in collect(load(run.notebook))],
    }


def rendering_record(root: Path) -> dict[str, Any]:
    """When, where, but for host name and path, and from which commit pages were rendered."""
    return {
        "date": today(),
        "commit": _commit(root),
        "machine": {
            "processor": _processor(Path("/proc/cpuinfo")),
            "cores": default_workers(),
            "system": _system(),
        },
    }


def _versions() -> dict[str, str]:
    found = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _commit(root: Path) -> str:
    """The commit that is checked out, and whether a file of it has been changed."""
    if not (root / ".git").exists():
        return "none: not a git repository"
    try:
        head = _git(root, "rev-parse", "--short=12", "HEAD")
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return "unknown: git does not answer"
    return head + (", with changes" if changed else "")


def _git(root: Path, *arguments: str) -> str:
    # Reading the state must not write to the repository (GIT_OPTIONAL_LOCKS).
    done = subprocess.run(
        ["git", *arguments],
        cwd=root,
        env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def _processor(cpuinfo: Path) -> str:
    """Kind of processor, as precisely as the system tells it."""
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _system() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        name = f"{platform.system()} {platform.release()}"
    return f"{name}, {platform.machine()}"
