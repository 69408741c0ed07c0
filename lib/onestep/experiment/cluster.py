"""A Dask cluster: whether it has workers, and whether they compute the same numbers."""

from __future__ import annotations

import warnings
from typing import Any

from .._support.version import __version__
from .cell import CODE


def require_workers(client: Any) -> None:
    """Refuse what is no client, and, by address, workers of another version or code than this.

    A client without workers is a warning.
    """
    if not all(hasattr(client, name) for name in ("get_executor", "nthreads", "run")):
        hint = f": distributed.Client({client!r})" if isinstance(client, str) else ""
        raise ValueError(
            f"client = {client!r} is not allowed: a distributed.Client is needed{hint}"
        )

    def told() -> tuple[str, str]:
        # By itself, and not by name: workers of another version would not know it.
        import importlib

        cell = importlib.import_module("onestep.experiment.cell")
        return cell.__version__, getattr(cell, "CODE", "unknown")

    warn_without_workers(client)
    # A worker whose library is too old, or missing, answers by an exception.
    answers = client.run(told, on_error="return")
    wrong = {
        address: f"onestep {found[0]}, code {found[1][:12]}"
        if isinstance(found, tuple)
        else repr(found)
        for address, found in answers.items()
        if found != (__version__, CODE)
    }
    if wrong:
        raise ValueError(
            f"client: workers have another library than the onestep {__version__}, code "
            f"{CODE[:12]}, of this process: {wrong}; install the same there, and start both anew"
        )


def warn_without_workers(client: Any) -> None:
    """Say that everything waits, if a client has no workers."""
    if not client.nthreads():
        warnings.warn(f"{client} has no workers: the sweep waits until one joins", stacklevel=2)
