"""The built pages in Chromium, opened as a reader opens them: from the file system."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from told_by_pages import (
    CONTRAST,
    CUT_OFF,
    DOLLARS,
    KINDS,
    LIGHTEN,
    MOVING,
    OVERFLOW,
    PALE,
    PLAIN,
    READY,
    STUCK,
    UNRENDERED,
)

from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import pages

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
PAGES = pages(Project(ROOT))
WITH_MATH = [
    name
    for name in PAGES
    if any(mark in Project(ROOT).source(name).read_text() for mark in ("```{math}", "$$"))
]

CODE_IS_JUDGED_ON = "hermite"
MANY = 5000  # elements of a page, of which axe-core would look at every word for a minute


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()


def opened(browser: Browser, site: Path, name: str, scheme: str, width: int) -> Iterator[Page]:
    """The page, ready; afterwards nothing may have gone wrong or left the file system."""
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": 800},
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
    page.on(
        "request",
        lambda r: None if r.url.startswith(("file:", "data:", "blob:")) else wrong.append(r.url),
    )
    # goto waits for the load event, with it for every script; then MathJax tells when it is done.
    page.goto((site / f"{name}.html").as_uri())
    page.evaluate(READY)
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Browser, site: Path) -> Iterator[Page]:
    yield from opened(browser, site, *request.param)


def barriers(page: Page, *, code: bool = False) -> list[tuple[str, str]]:
    """Serious and critical violations that axe-core finds; leaves the page without its drawings."""
    page.wait_for_timeout(100)  # boxes that scroll are told apart once the page has settled
    page.evaluate(LIGHTEN)
    found, rules = [], {}
    if page.locator("body *").count() > MANY:
        page.evaluate(KINDS, 3)
        found = violations(page, {"include": [["[data-kind]"]]}, runOnly=["color-contrast"])
        rules = {"color-contrast": {"enabled": False}}
    if not code:
        page.evaluate(PLAIN)
    return found + violations(page, None, rules=rules)


def violations(page: Page, where: dict[str, Any] | None, **which: Any) -> list[tuple[str, str]]:
    # axe would request the style sheets again, which Chromium refuses from the file system.
    options = {"preload": False, "resultTypes": ["violations"], **which}
    return [
        (found["id"], node["html"][:120])
        for found in Axe().run(page, where, options).response["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]


@pytest.mark.parametrize(
    "page", [(name, "light", 1400) for name in PAGES], indirect=True, ids=PAGES
)
def test_a_page_in_the_light(page: Page) -> None:
    name = page.url.partition("#")[0].rpartition("/")[2].removesuffix(".html")
    assert page.evaluate(UNRENDERED) == []
    assert (name in WITH_MATH) == (page.locator("mjx-container[display='true']").count() > 0)
    assert page.evaluate(DOLLARS) == []
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(CONTRAST) == []
    assert barriers(page, code=name == CODE_IS_JUDGED_ON) == []


@pytest.mark.parametrize("page", [(name, "dark", 360) for name in PAGES], indirect=True, ids=PAGES)
def test_a_page_in_the_dark_on_a_phone(page: Page) -> None:
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate(OVERFLOW) == [0, []]
    assert page.evaluate(STUCK) == []
    assert page.evaluate(CONTRAST) == []
    assert barriers(page, code=page.url.endswith(f"/{CODE_IS_JUDGED_ON}.html")) == []


@pytest.mark.parametrize("page", [("api-studies", "light", 1280)], indirect=True)
def test_a_single_pale_word_is_found(page: Page) -> None:
    """Control: among twenty thousand others, in a colour of its own."""
    page.evaluate(PALE)
    assert [each for each, _ in barriers(page)] == ["color-contrast"]


@pytest.mark.parametrize(
    ("word", "chapter"), [("Mehler", "activations-atlas"), ("TOST", "glossary")]
)
def test_the_search_finds_where_a_word_is(
    word: str, chapter: str, browser: Browser, site: Path
) -> None:
    for page in opened(browser, site, "search", "light", 1280):
        page.goto((site / "search.html").as_uri() + f"?q={word}")
        found = page.locator(f"ul.search li a[href*='{chapter}.html']")
        found.first.wait_for(timeout=10_000)
        found.first.click()
        page.wait_for_url(f"**/{chapter}.html*")


def test_the_downloads_of_a_chapter_download(browser: Browser, site: Path, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/setting.html")
    links = page.locator(".chapter-facts a")
    files = [site / "notebooks" / "setting.ipynb", site / "_sources" / "setting.md"]
    assert links.count() == len(files)
    for link, file in zip(links.all(), files, strict=True):
        with page.expect_download(timeout=10_000) as started:
            link.click()
        assert started.value.suggested_filename == file.name
        assert started.value.path().read_bytes() == file.read_bytes()
    page.close()


def test_the_button_changes_the_mode(browser: Browser, site: Path) -> None:
    for page in opened(browser, site, "intro", "light", 1280):
        seen = {page.evaluate("document.documentElement.dataset.theme")}
        for _ in range(2):  # from "as the system does" by way of "light" to "dark", or back
            page.locator(".theme-switch-button").first.click()
            seen.add(page.evaluate("document.documentElement.dataset.theme"))
        assert seen == {"light", "dark"}


def test_nothing_moves_for_who_does_not_want_it(browser: Browser, site: Path) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    for name in ("intro", "setting", "explorer"):
        page.goto((site / f"{name}.html").as_uri())
        assert page.evaluate(MOVING) == []
    context.close()


def test_the_first_key_leads_past_the_navigation(browser: Browser, site: Path) -> None:
    for page in opened(browser, site, "setting", "light", 1280):
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**#main-content")
