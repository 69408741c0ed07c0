"""The built pages in Chromium, opened as a reader opens them: from the file system."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

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

# What the page reports about itself once MathJax is done.
READY = "window.MathJax ? MathJax.startup.promise.then(() => true) : true"
UNRENDERED = """() => [...document.querySelectorAll('.math')]
  .filter(e => !e.querySelector('mjx-container') || e.querySelector('[data-mjx-error]'))
  .map(e => e.textContent)"""
DOLLARS = r"""() => {
  const walker = document.createTreeWalker(document.querySelector('article'), 4);
  const found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest('pre, code, script, style, mjx-container, .math')) continue;
    if (/\$[^$\s][^$]*\$|\\\(|\\\[/.test(node.data)) found.push(node.data.trim());
  }
  return found;
}"""
# Contrast by WCAG 2 between the ink of figures and what lies behind them.
CONTRAST = r"""() => {
  const parse = c => {
    const numbers = (c.match(/[\d.]+(?:e-?\d+)?/g) || []).map(Number);
    // color-mix() is reported as color(srgb 0.1 0.2 0.3)
    return c.startsWith('color(srgb') ? numbers.map((v, i) => i < 3 ? 255 * v : v) : numbers;
  };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => {
    const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const svg of document.querySelectorAll('.onestep-figure > svg')) {
    const ground = behind(svg);
    const ink = ratio(parse(getComputedStyle(svg).color), ground);
    if (ink < 4.5) low.push(`ink ${ink.toFixed(2)} in ${svg.getAttribute('aria-label')}`);
    const pictures = [...svg.querySelectorAll('image')].map(e => e.getBoundingClientRect());
    for (const mark of svg.querySelectorAll('path, use, line')) {
      // Behind a mark on a heat map lies the map, not the page.
      const box = mark.getBoundingClientRect();
      if (pictures.some(p => box.left > p.left - 3 && box.right < p.right + 3
        && box.top > p.top - 3 && box.bottom < p.bottom + 3)) continue;
      const style = getComputedStyle(mark);
      if (style.stroke === 'none' || style.strokeOpacity < 1 || style.opacity < 1) continue;
      if (mark.closest('defs, clipPath')) continue;
      const r = ratio(parse(style.stroke), ground);
      if (r < 3) low.push(`${style.stroke} ${r.toFixed(2)} in ${svg.getAttribute('aria-label')}`);
    }
  }
  for (const e of document.querySelectorAll(
      '.claim p, .claim th, .claim td, .verdict-good, .verdict-bad, figcaption')) {
    const r = ratio(parse(getComputedStyle(e).color), behind(e));
    if (r < 4.5) low.push(`text ${r.toFixed(2)}: ${e.textContent.trim().slice(0, 60)}`);
  }
  return [...new Set(low)];
}"""
# What sticks out of the window and is not inside a box that scrolls.
OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  const scrolls = e => {
    for (; e && e !== document.body; e = e.parentElement)
      if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(e).overflowX)) return true;
    return false;
  };
  const out = [...document.querySelectorAll('article *')]
    .filter(e => e.getBoundingClientRect().right > width + 1 && !scrolls(e))
    .map(e => e.outerHTML.slice(0, 120));
  return [document.documentElement.scrollWidth - width, out];
}"""

# Displayed formulas that are cut off: longer than their box, or running into their number.
CUT_OFF = """() => [...document.querySelectorAll("mjx-container[display='true']")].filter(e => {
  const number = e.parentElement.querySelector('.eqno');
  const formula = e.querySelector('mjx-math').getBoundingClientRect();
  const over = number && number.getBoundingClientRect();
  return e.scrollWidth > e.clientWidth
    || (over && formula.right > over.left
      && formula.bottom > over.top && formula.top < over.bottom);
}).map(e => e.textContent.slice(0, 120))"""
# Displayed formulas that are longer than their box, and yet no box of theirs scrolls.
STUCK = """() => [...document.querySelectorAll("mjx-container[display='true']")].filter(e =>
  e.querySelector('mjx-math').getBoundingClientRect().width > e.clientWidth + 1
    && !(e.scrollWidth > e.clientWidth && getComputedStyle(e).overflowX === 'auto')
).map(e => e.textContent.slice(0, 120))"""

# A screen reader hears neither the strokes of a figure, which has one text for all, nor the drawn
# half of a formula. Colours of code are judged on one page; thousands of words would take minutes.
LIGHTEN = """(code) => {
  const drawn = '.onestep-figure > svg > *, .seeds-row > svg > *, mjx-math > *';
  document.querySelectorAll(drawn).forEach(e => e.remove());
  if (code) return;
  for (const e of document.querySelectorAll('.highlight pre')) e.textContent = e.textContent;
}"""
CODE_IS_JUDGED_ON = "hermite"
MOVING = """() => [...document.querySelectorAll('*')].filter(e => {
  const style = getComputedStyle(e);
  const times = (style.transitionDuration + ',' + style.animationDuration).split(',');
  return times.some(t => parseFloat(t) > 0.01) || style.scrollBehavior === 'smooth';
}).map(e => e.outerHTML.slice(0, 80))"""


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


def barriers(page: Page, *, code: bool) -> list[tuple[str, str]]:
    """Serious and critical violations that axe-core finds; leaves the page without its drawings."""
    page.wait_for_timeout(100)  # boxes that scroll are told apart once the page has settled
    page.evaluate(LIGHTEN, code)
    # axe would request the style sheets again, which Chromium refuses from the file system.
    options = {"preload": False, "resultTypes": ["violations"]}
    return [
        (found["id"], node["html"][:120])
        for found in Axe().run(page, options=options).response["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]


@pytest.mark.parametrize(
    "page", [(name, "light", 1280) for name in PAGES], indirect=True, ids=PAGES
)
def test_a_page_in_the_light(page: Page) -> None:
    name = page.url.partition("#")[0].rpartition("/")[2].removesuffix(".html")
    assert page.evaluate(UNRENDERED) == []
    assert (name in WITH_MATH) == (page.locator("mjx-container[display='true']").count() > 0)
    assert page.evaluate(DOLLARS) == []
    assert page.evaluate(CONTRAST) == []
    assert barriers(page, code=name == CODE_IS_JUDGED_ON) == []


@pytest.mark.parametrize(
    "page", [(name, "light", 1400) for name in WITH_MATH], indirect=True, ids=WITH_MATH
)
def test_no_displayed_formula_is_cut_off_on_a_desk(page: Page) -> None:
    assert page.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("page", [(name, "dark", 360) for name in PAGES], indirect=True, ids=PAGES)
def test_a_page_in_the_dark_on_a_phone(page: Page) -> None:
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate(OVERFLOW) == [0, []]
    assert page.evaluate(STUCK) == []
    assert page.evaluate(CONTRAST) == []
    assert barriers(page, code=page.url.endswith(f"/{CODE_IS_JUDGED_ON}.html")) == []


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
