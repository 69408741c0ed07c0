"""From where Fashion-MNIST is downloaded: two sources, a bounded time, and a line that says so."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SOURCES = (
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/"
    "b2617bb6d3ffa2e429640350f613e3291e10b141/data/fashion/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
)
"""The authors' repository and the address that they publish, asked in this order."""

PATIENCE = 10.0
"""Seconds that a source may be silent."""

LIMIT = 300.0
"""Seconds that a download may take in all."""


def hosts() -> str:
    """The hosts of the sources."""
    return " or ".join(str(urlsplit(source).hostname) for source in SOURCES)


def cache() -> Path:
    """Directory of what was downloaded."""
    return Path(_pooch().os_cache("onestep")) / "fashion-mnist"


def download(digests: Mapping[str, str]) -> Path:
    """Bring files, by name and MD5, to the cache and return it; what is there undamaged stays.

    A ConnectionError gives a reason for each source if none delivers them; what one of them
    delivered before it failed is kept.
    """
    pooch, place = _pooch(), cache()
    deadline = time.monotonic() + LIMIT
    failures = []
    for source in SOURCES:
        host = urlsplit(source).hostname
        if not all((place / name).is_file() for name in digests):
            seconds = max(0.0, deadline - time.monotonic())
            print(
                f"Fashion-MNIST is not on this machine: downloading 30 MB from {host} "
                f"to {place}, for at most {seconds:.0f} s",
                file=sys.stderr,
                flush=True,
            )
        try:
            for name, md5 in digests.items():
                pooch.retrieve(
                    f"{source}{name}",
                    known_hash=f"md5:{md5}",
                    fname=name,
                    path=place,
                    downloader=_until(deadline),
                )
            return place
        except ValueError:
            failures.append(f"{host}: not the published file")
        except Exception as error:  # whatever network, proxy and disk may raise
            # Not their whole text, which tells addresses in memory and names of temporary files.
            reason = getattr(error, "strerror", None) or type(error).__name__
            failures.append(f"{host}: {reason}")
    raise ConnectionError("; ".join(failures))


def _pooch() -> Any:
    """The package, quiet; imported here, since who has the files needs neither it nor requests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # in a notebook, its progress bars miss ipywidgets
        import pooch  # type: ignore[import-untyped]

    pooch.get_logger().setLevel("ERROR")
    return pooch


def _until(deadline: float) -> Callable[[str, str, Any], None]:
    """A downloader of pooch that gives up at a time of the monotonic clock."""
    import requests

    def fetch(url: str, output: str, _: Any) -> None:
        as_it_is = {"Accept-Encoding": "identity"}
        with (
            requests.get(url, stream=True, timeout=PATIENCE, headers=as_it_is) as answer,
            Path(output).open("wb") as file,
        ):
            answer.raise_for_status()
            # What has arrived, and not a full block, for which a slow source is waited for.
            while block := answer.raw.read1(1 << 16):
                file.write(block)
                if time.monotonic() > deadline:
                    raise TimeoutError(0, f"not finished after {LIMIT:g} s")

    return fetch
