"""Runs chapters on a Dask cluster: each as one task, in a process of its own on the worker."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from bookbuilder._support.errors import BookError
from bookbuilder.execute.schedule import Job, Result, run_job


def run_jobs_on_cluster(
    jobs: Sequence[Job], address: str, finished: Callable[[Result], str]
) -> None:
    """Run all jobs on the workers of a scheduler, one thread each, one per thread of a worker.

    The workers need the version of the library that is installed here. A job whose worker dies
    is started on another; if it ends several workers, its result says so. `finished` is called
    here with each result as it comes, and returns a word for the progress line.
    """
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError:
        raise BookError(f"SCHEDULER = {address!r} needs Dask: install the extra `dask`") from None
    try:
        client = distributed.Client(address, timeout="5s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise BookError(
            f"SCHEDULER = {address!r} must be the address of a running Dask scheduler: {error}"
        ) from None
    with client:
        futures = {client.submit(run_job, job, threads=1, pure=False): job for job in jobs}
        try:
            for count, future in enumerate(distributed.as_completed(futures, loop=client.loop), 1):
                job = futures[future]
                died = future.exception()
                result = Result(job, 3, None, str(died), 0.0) if died else future.result()
                print(f"{finished(result):8} {job.name}; {count} of {len(jobs)} done", flush=True)
        finally:
            client.cancel(list(futures))
