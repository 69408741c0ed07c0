"""Runs one chapter by papermill: ``python -m bookbuilder.worker``, started by `schedule`.

A process per chapter, because papermill changes the working directory of the whole process, and
because ending the process ends everything that belongs to the chapter.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import papermill
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from bookbuilder.domain import Value
from bookbuilder.notebook import load
from bookbuilder.processes import read_request


@dataclass(frozen=True)
class Request:
    """What a worker needs to know.

    Attributes
    ----------
    source
        Notebook to run (.ipynb).
    output
        Where papermill saves it, after every cell.
    values
        Parameters to inject; none injects nothing.
    scratch
        Empty directory: the working directory of the kernel and the place of its sockets.
    """

    source: str
    output: str
    values: dict[str, Value]
    scratch: str

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))


def run(request: Request) -> bool:
    """Execute the notebook; False if a cell raised."""
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
    """Exit code 0: every cell ran; 1: a cell raised; anything else: the kernel died."""
    ran = run(Request(**json.loads(read_request())))
    return 0 if ran else 1


if __name__ == "__main__":
    sys.exit(main())
