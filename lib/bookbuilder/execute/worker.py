"""Runs one chapter by papermill in a process of its own, whose directory papermill changes."""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

from bookbuilder.declare.domain import Value
from bookbuilder.declare.notebook import load
from bookbuilder.execute.processes import read_request


@dataclass(frozen=True)
class ChapterRequest:
    """What a worker needs to run a chapter."""

    source: str  # notebook to run (.ipynb)
    output: str  # where papermill saves it, after every cell
    values: dict[str, Value]  # parameters to inject; none injects nothing
    # Empty directory: the working directory of the kernel and the place of its sockets
    scratch: str


def run(request: ChapterRequest) -> bool:
    """Execute the notebook; False if a cell raised."""
    # Here, because the build needs the request and not papermill.
    import papermill
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    notebook = load(Path(request.source))
    # Unix sockets instead of TCP ports; the name must be unique among kernels that run together.
    kernel = Config({"KernelManager": {"transport": "ipc", "ip": f"{request.scratch}/k"}})
    try:
        papermill.execute_notebook(
            notebook,
            request.output,
            parameters=request.values,
            kernel_name="python3",
            language="python",
            cwd=request.scratch,
            progress_bar=False,
            record_timing=False,
            config=kernel,
        )
    except PapermillExecutionError:
        return False
    return True


def main() -> int:
    """Exit code 0: every cell ran; 1: a cell raised; 3: the kernel or papermill failed."""
    request = read_request(ChapterRequest)
    try:
        return 0 if run(request) else 1
    except Exception:
        traceback.print_exc()  # into the log that the report quotes
        return 3


if __name__ == "__main__":
    sys.exit(main())
