"""What a chapter's page offers: downloads, commands that run it again, and its neighbours."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup, Tag
from click.testing import CliRunner
from papermill.cli import papermill

from bookbuilder.declare.domain import Value
from bookbuilder.declare.notebook import code_cells, has_tag, read_chapter
from bookbuilder.declare.parameters import Parameter, read_parameters
from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import chapters, pages
from bookbuilder.declare.values import parse_choices
from bookbuilder.execute.execution import Run
from bookbuilder.pages.sphinx_extension.chapter_box import coarse_duration

BOOK = Project(Path(__file__).resolve().parents[2])
BOXED = chapters(BOOK)[1:]  # the front page has doors of its own


@cache
def soup(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def box(site: Path, chapter: str) -> Tag:
    found = soup(site / f"{chapter}.html").find_all("div", class_="chapter-box")
    assert len(found) == 1
    assert isinstance(found[0], Tag)
    return found[0]


def commands(site: Path, chapter: str) -> list[list[str]]:
    """The command lines of the box, as a shell splits them."""
    shown = box(site, chapter).find_all("div", class_="chapter-command")
    return [shlex.split(each.get_text()) for each in shown]


def parameters(chapter: str) -> list[Parameter]:
    return read_parameters(read_chapter(BOOK, chapter), chapter)


def defaults(chapter: str) -> dict[str, Value]:
    return {each.name: each.default for each in parameters(chapter)}


@pytest.mark.parametrize("chapter", BOXED)
def test_the_links_lead_to_the_executed_notebook_and_to_the_source(
    chapter: str, site: Path, runs: list[Run]
) -> None:
    executed = next(run.notebook for run in runs if run.chapter == chapter)
    links = {str(a["download"]): str(a["href"]) for a in box(site, chapter).find_all("a")}
    assert set(links) == {f"{chapter}.ipynb", f"{chapter}.md"}
    assert (site / links[f"{chapter}.ipynb"]).read_bytes() == executed.read_bytes()
    assert (site / links[f"{chapter}.md"]).read_bytes() == BOOK.source(chapter).read_bytes()


@pytest.mark.parametrize("chapter", BOXED)
def test_the_make_command_sets_every_parameter_to_its_default(chapter: str, site: Path) -> None:
    command = commands(site, chapter)[0]
    assert command[:3] == ["make", "chapter", f"CHAPTER={chapter}"]
    given = command[3].removeprefix("P=") if len(command) > 3 else ""
    choices = parse_choices(given, parameters(chapter))
    assert choices == {name: [value] for name, value in defaults(chapter).items()}


@pytest.mark.parametrize("chapter", BOXED)
def test_the_papermill_command_injects_the_same_values(
    chapter: str, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = commands(site, chapter)[1]
    assert command[:3] == ["papermill", f"{chapter}.ipynb", "mine.ipynb"]
    monkeypatch.chdir(tmp_path)
    Path(f"{chapter}.ipynb").write_bytes((site / "notebooks" / f"{chapter}.ipynb").read_bytes())
    done = CliRunner().invoke(papermill, [*command[1:], "--prepare-only"])
    assert done.exit_code == 0, done.output
    notebook = nbformat.read("mine.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    injected = [cell for cell in code_cells(notebook) if has_tag(cell, "injected-parameters")]
    assert len(injected) == bool(defaults(chapter))
    values: dict[str, Value] = {}
    for cell in injected:
        exec(cell.source, {}, values)
    assert values == defaults(chapter)


@pytest.mark.parametrize("chapter", BOXED)
def test_the_table_tells_what_each_parameter_may_be(chapter: str, site: Path) -> None:
    rows = box(site, chapter).select("table.parameters tbody tr")
    shown = [[cell.get_text() for cell in row.find_all("td")] for row in rows]
    assert [row[0] for row in shown] == [each.name for each in parameters(chapter)]
    for row, each in zip(shown, parameters(chapter), strict=True):
        assert str(each.domain) in row[2]
        assert row[4] == each.prose


@pytest.mark.parametrize("chapter", BOXED)
def test_the_run_time_is_told_without_numbers_of_one_machine(
    chapter: str, site: Path, runs: list[Run]
) -> None:
    facts = box(site, chapter).find("p", class_="chapter-facts")
    assert facts is not None
    seconds = next(run.seconds for run in runs if run.chapter == chapter)
    assert facts.get_text().endswith(f"ran in {coarse_duration(seconds)}")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "a few seconds"),
        (10.0, "under half a minute"),
        (59.9, "under a minute"),
        (60.0, "under two minutes"),
        (599.0, "a few minutes"),
        (3599.0, "under an hour"),
        (3600.0, "about an hour"),
        (8000.0, "about 2 hours"),
    ],
)
def test_coarse_durations(seconds: float, words: str) -> None:
    assert coarse_duration(seconds) == words


def test_previous_and_next_follow_the_table_of_contents(site: Path) -> None:
    order = [None, *pages(BOOK), None]
    for before, name, after in zip(order, order[1:], order[2:], strict=False):
        page = soup(site / f"{name}.html")
        for style, other in (("left-prev", before), ("right-next", after)):
            link = page.select_one(f".prev-next-footer a.{style}")
            assert (link and link["href"]) == (other and f"{other}.html"), name


def test_the_status_page_counts_what_the_ledger_lists(site: Path, runs: list[Run]) -> None:
    status = soup(site / "status.html")
    rows = [
        [cell.get_text() for cell in row.find_all("td")]
        for row in status.select("table.build-info tbody tr")
    ]
    assert len(rows) == len(runs) + 1
    ledger = soup(site / "ledger.html")
    links = [str(a["href"]) for a in ledger.select("table.claims-table tbody tr td:first-child a")]
    claimed = [link.partition(".html#claim-")[0] for link in links if "#claim-" in link]
    assert claimed
    for row, run in zip(rows, runs, strict=False):
        own = claimed.count(run.chapter)
        assert row[2:4] == [f"{own} of {own}" if own else "none"] * 2
    assert rows[-1][2:4] == [f"{len(claimed)} of {len(claimed)}"] * 2
    facts = {row.find("td").get_text(): row for row in status.select("table.build-facts tbody tr")}  # type: ignore[union-attr]
    assert {"Profile", "Rendered on", "Commit", "Processor", "System", "Python"} <= set(facts)
    assert re.search(r"\d{4}-\d\d-\d\d", facts["Rendered on"].get_text())


def test_the_status_page_names_neither_host_nor_path(site: Path) -> None:
    status = soup(site / "status.html")
    text = status.find("article").get_text()  # type: ignore[union-attr]
    assert str(BOOK.root) not in text and str(Path.home()) not in text
    host = Path("/etc/hostname").read_text().strip() if Path("/etc/hostname").is_file() else ""
    assert not host or host not in text
