"""``make lab``: JupyterLab opens a chapter's text as a notebook."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bookbuilder.declare.notebook import read_chapter
from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import chapters
from bookbuilder.execute.processes import end_trees

PROJECT = Project(Path(__file__).resolve().parents[2])


def recipe() -> str:
    """What `make lab` runs, as `make` itself tells it."""
    done = subprocess.run(
        ["make", "--dry-run", "lab", "LAB=@options@"],
        cwd=PROJECT.root,
        capture_output=True,
        text=True,
        check=True,
    )
    line = next(line for line in done.stdout.splitlines() if "-m jupyterlab" in line)
    # The environment of this run instead of the one that make would install.
    return re.sub(r'"\S*/bin/python"', lambda _: f'"{sys.executable}"', line, count=1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server without a browser and without a token, on this machine only."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("home")
    options = f"--no-browser --allow-root --ServerApp.port={port} --IdentityProvider.token= "
    options += "--ServerApp.ip=127.0.0.1 --ServerApp.port_retries=0"
    log = (home / "log").open("wb")
    process = subprocess.Popen(
        ["/bin/sh", "-c", recipe().replace("@options@", options)],
        cwd=PROJECT.root,
        env={"PATH": "/usr/bin:/bin", "HOME": str(home)},  # no settings of the reader
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{address}/api", timeout=5).close()
                break
            except (urllib.error.URLError, ConnectionError):
                if process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail((home / "log").read_text(), pytrace=False)
                time.sleep(0.2)
        yield address
    finally:
        end_trees([process.pid])
        process.wait()
        log.close()


def get(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return json.load(answer)


def test_a_chapter_is_a_notebook(server: str) -> None:
    for chapter in (chapters(PROJECT)[0], chapters(PROJECT)[-1]):
        model = get(f"{server}/api/contents/{chapter}.md?type=notebook&content=1")
        assert model["type"] == "notebook"
        shown = [(cell["cell_type"], cell["source"]) for cell in model["content"]["cells"]]
        source = read_chapter(PROJECT, chapter)
        assert shown == [(cell.cell_type, cell.source) for cell in source.cells]
        assert model["content"]["metadata"]["kernelspec"]["name"] == "python3"


def test_a_double_click_opens_it_as_one(server: str) -> None:
    plugin = get(f"{server}/lab/api/settings/@jupyterlab/docmanager-extension:plugin")
    default = plugin["schema"]["properties"]["defaultViewers"]["default"]
    assert default["markdown"] == "Jupytext Notebook"
