"""The explorer in Chromium: it moves, needs no mouse, and its numbers are the library's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page
from test_browser import browser, opened  # noqa: F401

import onestep
from onestep import activations
from onestep.degrees import DIRECTIONS
from onestep.studies.errors import explorer
from onestep.theory.limit import Limit, coordinates

pytestmark = pytest.mark.browser

DONE = "#explorer-page[aria-busy=false]"
# The state of an address, once the page has worked on it.
MOVE = """hash => new Promise(done => {
  addEventListener('hashchange', () => done(), { once: true });
  location.hash = hash;
})"""
NUMBERS = """() => Object.fromEntries([...document.querySelectorAll('tr[data-model]')].map(row =>
  [row.dataset.model, Object.fromEntries([...row.querySelectorAll('td')].map(cell =>
    [cell.dataset.name, Number(cell.dataset.value)]))]))"""
# Milliseconds of a product of two matrices by plain loops in this browser, the least of several.
PRODUCT = """size => {
  const row = () => Float64Array.from({ length: size }, Math.random);
  const make = () => Array.from({ length: size }, row);
  const A = make(), B = make();
  return Math.min(...Array.from({ length: 3 }, () => {
    const start = performance.now();
    for (const row of A) {
      const found = new Float64Array(size);
      for (let j = 0; j < size; j++) {
        const x = row[j], other = B[j];
        for (let i = 0; i < size; i++) found[i] += x * other[i];
      }
      row.set(found.map(x => x / size));
    }
    return performance.now() - start;
  }));
}"""
# Settings with many types of neurons and many modes, whose answers cost most.
HARDEST: tuple[dict[str, Any], ...] = (
    {"alpha": 0.0, "beta": 1.0, "km": 1.0, "activation": "relu", "target": "relu", "degree": 4},
    {"alpha": 0.27, "beta": 0.98, "km": 1.0, "activation": "relu", "target": "tanh", "degree": 5},
    {
        "alpha": 0.09,
        "beta": 0.97,
        "km": 2.0,
        "activation": "tanh",
        "target": "sigmoid",
        "degree": 4,
    },
    {"alpha": 0.0, "beta": 1.0, "km": 4.0, "activation": "erf", "target": "sigmoid", "degree": 2},
)
PLOTS = "() => [...document.querySelectorAll('.explorer-plot svg')].map(svg => svg.innerHTML)"


@pytest.fixture
def page(browser: Browser, site: Path) -> Iterator[Page]:  # noqa: F811
    """The explorer with its first numbers; at the end nothing may have gone wrong in it."""
    for page in opened(browser, site, "explorer", "light", 1280):
        page.wait_for_selector(DONE, timeout=60_000)
        yield page


def move(page: Page, **state: Any) -> None:
    page.evaluate(MOVE, "&".join(f"{name}={value}" for name, value in state.items()))
    page.wait_for_selector(DONE, timeout=60_000)


def random_state(rng: np.random.Generator) -> dict[str, Any]:
    """A state at random positions of the sliders."""
    return {
        "alpha": round(int(rng.integers(0, 101)) / 100, 2),
        "beta": round(int(rng.integers(0, 101)) / 100, 2),
        "km": float(f"{2 ** (int(rng.integers(-16, 17)) / 8):.12g}"),
        "mn": float(f"{2 ** (int(rng.integers(-8, 9)) / 8):.12g}"),
        "lambda": float(f"{10 ** (int(rng.integers(-32, -3)) / 4):.12g}"),
        "degree": int(rng.integers(1, 7)),
        "activation": str(rng.choice(explorer.ACTIVATIONS)),
        "target": str(rng.choice([*explorer.ACTIVATIONS, "class"])),
        "direction": str(rng.choice(["aligned", "random"])),
        "axis": "lambda",
    }


def problem(state: dict[str, Any]) -> onestep.Problem:
    m = int(np.floor(1000 * state["mn"] + 0.5))
    return onestep.Problem(
        n=1000,
        m=m,
        k=int(np.floor(m * state["km"] + 0.5)),
        ridge=state["lambda"],
        **{name: state[name] for name in ("alpha", "beta", "activation", "target", "direction")},
    )


def limit(at: onestep.Problem, model: onestep.network.Model) -> Limit:
    """The method "scalar", with modes left out only where they are far below its own share."""
    features = model.feature_map(activations.get(at.activation), at.scale, 1)
    return Limit.of(coordinates(at), at.k, features, share=1e-4)


def test_its_numbers_are_those_of_the_library(page: Page) -> None:
    """Relative 1e-4 in both errors of both models, up to full strength: the chapter's promise."""
    rng = np.random.default_rng(20)
    corners: list[dict[str, Any]] = [
        {"alpha": 1.0, "beta": 1.0, "km": 0.25, "mn": 0.5, "activation": "relu"},
        {"alpha": 0.0, "beta": 1.0, "activation": "relu", "target": "relu"},
        {"alpha": 0.0, "beta": 1.0, "direction": "random"},
    ]
    took = []
    for number in range(16):
        state = random_state(rng) | (corners[number] if number < len(corners) else {})
        move(page, **state)
        shown = page.evaluate(NUMBERS)
        took.append(float(page.locator("#explorer-page").get_attribute("data-took") or "inf"))
        at = problem(state)
        models = (onestep.Network(), onestep.HermiteModel(degree=state["degree"]))
        for name, model in zip(("network", "polynomial"), models, strict=True):
            expected = limit(at, model).errors(at.m, at.ridge)
            for error in ("generalization", "training"):
                np.testing.assert_allclose(
                    shown[name][error],
                    getattr(expected, f"{error}_error"),
                    rtol=1e-4,
                    err_msg=f"{name}, {error}, {state}",
                )
    print("milliseconds of an answer:", sorted(took))


def test_an_answer_costs_no_more_than_products_of_matrices(page: Page) -> None:
    """At the hardest settings, up to full strength: 50 ms where a product takes as long."""
    product, took = np.inf, np.inf * np.ones((6, len(HARDEST)))
    for turn in range(len(took)):
        product = min(product, page.evaluate(PRODUCT, 384))
        for number, state in enumerate(HARDEST):
            move(page, **state, mn=1.0, direction="random", axis="lambda", **{"lambda": 1e-4})
            took[turn, number] = page.locator("#explorer-page").get_attribute("data-took")
    assert took.min(axis=0).max() < 3 * product, (product, took)


def test_the_optima_are_those_of_the_library(page: Page) -> None:
    state = {"alpha": 0.5, "beta": 0.7, "km": 1, "mn": 1, "lambda": 0.001, "degree": 2}
    state |= {"activation": "tanh", "target": "relu", "direction": "aligned", "axis": "lambda"}
    move(page, **state)
    best = page.evaluate(NUMBERS)["optimum"]["generalization"]
    found = limit(problem(state), onestep.Network())
    ridges = np.geomspace(1e-8, 0.1, 400)
    assert np.isclose(best, min(found.errors(1000, r).generalization_error for r in ridges), 1e-4)
    assert page.locator("path.optimum").count() == 1
    move(page, **state | {"axis": "step"})
    best = page.evaluate(NUMBERS)["optimum"]["generalization"]
    at = problem(state)
    along = [
        limit(replace(at, spread=at.theta, step=float(step)), onestep.Network())
        .errors(1000, at.ridge)
        .generalization_error
        for step in np.geomspace(1, 1000, 61)
    ]
    assert np.isclose(best, min(along), rtol=5e-4) and best < along[0]


def test_it_says_where_the_formula_is_out_of_range(page: Page) -> None:
    state = {"alpha": 0, "beta": 1, "activation": "tanh", "target": "tanh", "axis": "lambda"}
    for beta, told in ((1, True), (0.5, False)):
        move(page, **state | {"beta": beta})
        assert ("Out of the formula" in page.locator(".explorer-status").inner_text()) == told


def test_the_degree_map_is_that_of_the_library(page: Page) -> None:
    root = "document.getElementById('explorer-page')"
    rng = np.random.default_rng(1)
    for direction in DIRECTIONS:
        rows = page.evaluate(f"{root}.degreeRows('{direction}')")
        assert np.shape(rows) == (91, 101)
        for b, a in zip(rng.integers(0, 91, 150), rng.integers(0, 101, 150), strict=True):
            expected = onestep.degree(a / 100, b / 100, "sharp", direction)
            assert rows[b][a] == expected, (direction, a, b)
    paper = page.evaluate(f"Array.from({{length: 91}}, (_, b) => {root}.paperDegree(b))")
    assert paper == [onestep.degree(0.5, b / 100, "paper") for b in range(91)]


@pytest.mark.parametrize(
    ("name", "moved"),
    [
        ("alpha", {1, 2}),
        ("beta", {1, 2}),
        ("km", {2}),
        ("mn", {2}),
        ("lambda", {2}),
        ("degree", {0, 2}),
    ],
)
def test_arrow_keys_move_the_plots(name: str, moved: set[int], page: Page) -> None:
    before, numbers = page.evaluate(PLOTS), page.evaluate(NUMBERS)
    assert len(before) == 3
    slider = page.locator(f"#explorer-{name}")
    slider.focus()
    assert slider.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    text = slider.get_attribute("aria-valuetext")
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    if name == "degree":
        page.keyboard.press("End")
    page.wait_for_function(f"!document.querySelector('{DONE}') || true")
    page.wait_for_selector(DONE, timeout=60_000)
    assert slider.get_attribute("aria-valuetext") != text
    after = page.evaluate(PLOTS)
    assert moved <= {i for i in range(3) if before[i] != after[i]}
    assert page.evaluate(NUMBERS) != numbers


def test_every_control_has_a_label_and_is_reached_by_tab(page: Page) -> None:
    controls = page.locator(".explorer-controls :is(input, select, button)")
    page.locator("#explorer-alpha").focus()
    for i in range(controls.count()):
        control = controls.nth(i)
        assert control.evaluate("e => e === document.activeElement")
        assert control.evaluate("e => e.tagName === 'BUTTON' || e.labels.length === 1")
        page.keyboard.press("Tab")


def test_the_address_carries_the_state(page: Page, browser: Browser, site: Path) -> None:  # noqa: F811
    state = {"alpha": 0.25, "beta": 0.6, "km": 2, "mn": 0.5, "lambda": 0.001, "degree": 3}
    state |= {"activation": "erf", "target": "tanh", "direction": "random", "axis": "km"}
    move(page, **state)
    numbers = page.evaluate(NUMBERS)
    page.locator("#explorer-alpha").press("ArrowRight")
    page.locator("#explorer-alpha").press("ArrowLeft")
    page.wait_for_selector(DONE, timeout=60_000)
    page.wait_for_timeout(400)
    shared = page.url
    for other in opened(browser, site, "explorer", "dark", 360):
        other.goto("about:blank")
        other.goto(shared)
        other.wait_for_selector(DONE, timeout=60_000)
        assert other.evaluate(NUMBERS) == numbers
        for name in ("activation", "target", "direction", "axis"):
            assert other.locator(f"#explorer-{name}").input_value() == state[name]


def test_nonsense_in_the_address_is_ignored(page: Page) -> None:
    numbers = page.evaluate(NUMBERS)
    move(page, alpha="7", beta="x", km="-1", activation="<b>", nothing="1", axis="")
    assert page.evaluate(NUMBERS) == numbers


def test_it_is_small(site: Path) -> None:
    text = (site / "explorer.html").read_text(encoding="utf-8")
    data = text[text.index('id="explorer-data"') :]
    data = data[: data.index("</script>")]
    own = [
        site / "_static" / name
        for name in ("explorer.js", "explorer-limit.js", "explorer-algebra.js", "explorer.css")
    ]
    own += [site / "_static" / name for name in ("explorer-plots.js", "explorer-classes.js")]
    assert len(data) + sum(path.stat().st_size for path in own) < 300_000
    assert json.loads(data[data.index(">") + 1 :])["n"] == 1000


def test_other_pages_do_not_load_it(site: Path) -> None:
    with_it = [each.name for each in site.glob("*.html") if "explorer-limit.js" in each.read_text()]
    assert with_it == ["explorer.html"]


def test_without_javascript_a_figure_and_a_sentence_appear(
    browser: Browser,  # noqa: F811
    site: Path,
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "explorer.html").as_uri())
    told = page.locator("#explorer-page noscript")  # which text selectors pass over
    assert told.is_visible() and "The explorer needs JavaScript" in told.inner_html()
    figure = page.locator(".onestep-figure > svg")
    assert figure.is_visible()
    assert "degree" in (figure.get_attribute("aria-label") or "")
    context.close()
