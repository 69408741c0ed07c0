"""``claims.json``: every claim of a build, with what it was computed with."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from bookbuilder.claims import collect
from bookbuilder.execution import Run
from bookbuilder.notebook import load

PACKAGES = ("onestep", "numpy", "scipy", "sympy", "mpmath", "matplotlib", "papermill")


def build_record(runs: Sequence[Run], profile: str) -> dict[str, Any]:
    """Record of a build, as JSON types.

    Returns
    -------
    dict
        ``profile``; ``versions`` by package; ``runs`` with chapter, seconds and the values set
        over its defaults; ``claims`` in reading order, as the chapters wrote them.
    """
    return {
        "profile": profile,
        "versions": _versions(),
        "runs": [
            {"chapter": run.chapter, "seconds": run.seconds, "values": dict(run.values)}
            for run in runs
        ],
        "claims": [dict(claim) for run in runs for claim in collect(load(run.notebook))],
    }


def _versions() -> dict[str, str]:
    found = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
