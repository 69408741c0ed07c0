"""Settings of the whole suite, and the real book as its tests need it."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from bookbuilder._support.errors import RenderError
from bookbuilder._support.lock import build_lock
from bookbuilder.declare.project import Project
from bookbuilder.execute.execution import Run, execute_book
from bookbuilder.execute.schedule import default_workers
from bookbuilder.pages.pdf import find_chromium
from bookbuilder.pages.render import render_book

ROOT = Path(__file__).resolve().parents[1]

# The same examples in every run: a failure on one machine is a failure on all.
settings.register_profile("book", derandomize=True, deadline=None, database=None)
settings.load_profile("book")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--browser",
        choices=("yes", "no"),
        default="yes",
        help="'no' leaves out the tests that need Chromium; refused when CI=true",
    )
    parser.addoption(
        "--problems", type=int, default=20, help="random problems that are tried; see make probe"
    )

    parser.addoption(
        "--probe",
        type=int,
        default=200,
        help="how many random expressions are compared with proven enclosures",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: needs Chromium")
    if config.getoption("browser") == "no" and os.environ.get("CI") == "true":
        raise pytest.UsageError("--browser=no is for machines without Chromium, not for CI")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("browser") == "yes":
        return
    left_out = [item for item in items if item.get_closest_marker("browser")]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if config.getoption("browser") == "no":
        terminalreporter.write_line("BROWSER=no: the tests in a browser were left out")


@pytest.fixture(scope="session")
def project() -> Project:
    """The real book."""
    return Project(ROOT)


@pytest.fixture(scope="session")
def runs(project: Project, pytestconfig: pytest.Config) -> list[Run]:
    """Every chapter of the real book, executed; the same cache as `make book`."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    with ExitStack() as stack:
        with capture.global_and_fixture_disabled():  # who waits for a build sees for which
            stack.enter_context(build_lock(project.build))
        return execute_book(project, "quick", default_workers())


@pytest.fixture(scope="session")
def site(project: Project, runs: list[Run]) -> Path:
    """The rendered book."""
    failed = [run.chapter for run in runs if run.failure]
    if failed:
        pytest.fail(f"no pages: chapters failed: {', '.join(failed)}", pytrace=False)
    with build_lock(project.build):
        render_book(project, runs, "quick")
    return project.html


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of Chromium."""
    try:
        return find_chromium()
    except RenderError as error:
        pytest.fail(f"{error}, or leave the pages out by `make test BROWSER=no`", pytrace=False)
