"""How much a page loads, and how soon it shows something, from a local server.

The server compresses text, as public hosts do: the weight is what goes over the wire.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from server import compressed

from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import pages

pytestmark = pytest.mark.browser

WEIGHT = 1_000_000  # bytes
FIRST_PAINT = 1000.0  # milliseconds
PAGES = [*pages(Project(Path(__file__).resolve().parents[2])), "search"]

MATH_READY = "window.MathJax ? MathJax.startup.promise.then(() => true) : true"
# The entry may come after the load, on a busy machine well after it.
PAINTED = "performance.getEntriesByName('first-contentful-paint').length > 0"
MEASURED = """() => [
  [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .reduce((sum, each) => sum + each.transferSize, 0),
  performance.getEntriesByName('first-contentful-paint')[0].startTime]"""


@pytest.fixture(scope="module")
def measured(address: str, chromium: str) -> dict[str, tuple[int, float]]:
    """Weight and first paint of each page with an empty cache.

    A page that is slow is loaded again, twice at most, and its best time counts: another program on
    the machine can only delay it.
    """
    found: dict[str, tuple[int, float]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for name in PAGES:
            weight, paint = 0, float("inf")
            for _ in range(3):
                context = browser.new_context(viewport={"width": 1280, "height": 800})
                page = context.new_page()
                page.goto(f"{address}/{name}.html", wait_until="load")
                page.evaluate(MATH_READY)
                page.wait_for_function(PAINTED)
                loaded, painted = page.evaluate(MEASURED)
                weight, paint = max(weight, loaded), min(paint, painted)
                context.close()
                if paint < FIRST_PAINT:
                    break
            found[name] = (weight, paint)
        browser.close()
    return found


@pytest.mark.parametrize("name", PAGES)
def test_weight(name: str, measured: dict[str, tuple[int, float]], site: Path) -> None:
    weight = measured[name][0]
    assert len(compressed(site / f"{name}.html")) < weight < WEIGHT


@pytest.mark.parametrize("name", PAGES)
def test_first_paint(name: str, measured: dict[str, tuple[int, float]]) -> None:
    assert 0 < measured[name][1] < FIRST_PAINT


def test_icons_come_from_the_font(site: Path) -> None:
    assert not list(site.rglob("fontawesome.js*"))
    assert "fontawesome.js" not in (site / "intro.html").read_text(encoding="utf-8")
    assert list(site.rglob("fa-solid-900.woff2"))
