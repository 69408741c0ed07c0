"""The table of seeds: its rates, its file, and the page that shows it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from drawing import SEED, make_drawing
from tiny import ROOT, build, make

from bookbuilder._support.errors import BookError
from bookbuilder.declare.project import Project
from bookbuilder.execute.claim_table import RAISED, ClaimRow, merged, read_table, write_table
from bookbuilder.pages.seed_rates import chapter_rates
from bookbuilder.pages.sphinx_extension.seed_strips import across
from bookbuilder.pages.sphinx_extension.seeds import count, percent, ranges, signed, spread

ROW = ClaimRow(
    "quick", "parabola", "half", 1, 0.6, 0.01, 0.5, 0.25, "equivalent", 1.5, 0.02, "different",
    "0.1.0", "0123456789ab", "2026-01-02",
)  # fmt: skip


def synthetic() -> list[ClaimRow]:
    """20 seeds: `half` passes at 18, `third` at 19; `fair` is alike at all, but one raised."""
    rows = []
    for seed in range(1, 21):
        half = replace(ROW, seed=seed, value=round(0.5 + 0.01 * seed, 3))
        third = replace(half, claim="third", value=round(0.5 - 0.005 * seed, 3))
        if seed in (7, 9):
            half = replace(half, verdict="undecided" if seed == 7 else "different")
        if seed == 9:
            third = replace(third, control_verdict="undecided", control_value=0.6)
        rows += [half, third]
    dice = replace(ROW, chapter="dice", claim="fair", value=0.0, target=0.0, margin=1.0)
    rows += [replace(dice, seed=seed) for seed in range(1, 20)]
    nan = float("nan")
    return [
        *rows,
        ClaimRow("quick", "dice", "", 20, nan, nan, nan, nan, RAISED, nan, nan, "", *_made()),
    ]


def _made() -> tuple[str, str, str]:
    return ROW.version, ROW.code, ROW.date


def test_rates_of_a_synthetic_table() -> None:
    parabola, dice = chapter_rates(synthetic())
    half, third = parabola.claims
    assert (half.passed, half.controls, half.seeds, half.enough) == (18, 20, 20, False)
    assert (third.passed, third.controls, third.seeds, third.enough) == (19, 19, 20, True)
    assert parabola.whole == {*range(1, 21)} - {7, 9}
    (fair,) = dice.claims
    assert (fair.passed, fair.seeds, fair.enough, fair.drawn) == (19, 20, True, False)
    assert half.drawn and dice.whole == {*range(1, 20)} and dice.seeds == tuple(range(1, 21))
    assert half.rows[0].offset == pytest.approx(0.04)
    assert half.rows[0].control_offset == pytest.approx(4)
    few = chapter_rates([replace(ROW, seed=s, verdict="undecided") for s in (1, 2)])
    assert not few[0].claims[0].enough and few[0].whole == set()
    assert chapter_rates([]) == []


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "seeds.csv"
    assert read_table(path) == []
    rows = synthetic()
    write_table(path, rows)
    assert repr(read_table(path)) == repr(rows)  # repr, as nan is not equal to itself
    write_table(path, [replace(ROW, value=1 / 3)])
    assert ",0.333333," in path.read_text()  # machines agree in these digits


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0.25,", "0,"),
        ("0.25,", "-1,"),
        ("0.6,", "nan,"),
        ("0.6,", "inf,"),
        ("0.6,", "much,"),
        (",1,", ",one,"),
        (",1,", ",-1,"),
        ("0.1.0,", ""),
    ],
)
def test_a_damaged_line_is_named(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "seeds.csv"
    write_table(path, [ROW])
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(BookError, match=r"seeds\.csv, line 2 is no row of the table"):
        read_table(path)


def test_what_new_rows_replace() -> None:
    old = [
        *(replace(ROW, seed=seed) for seed in (1, 2, 3)),
        replace(ROW, profile="full"),
        replace(ROW, chapter="dice"),
        replace(ROW, chapter="gone"),
    ]
    new = [replace(ROW, seed=2, value=0.55), replace(ROW, seed=2, claim="third", value=0.7)]
    book = ["dice", "parabola"]
    found = [(r.profile, r.chapter, r.seed, r.claim, r.value) for r in merged(old, new, book)]
    assert found == [
        ("quick", "dice", 1, "half", 0.6),
        ("quick", "parabola", 1, "half", 0.6),
        ("quick", "parabola", 2, "half", 0.55),
        ("quick", "parabola", 2, "third", 0.7),
        ("quick", "parabola", 3, "half", 0.6),
        ("full", "parabola", 1, "half", 0.6),
    ]
    # Under other code the old seeds say nothing about the new numbers.
    other = merged(old, [replace(each, code="other") for each in new], book)
    assert [(r.chapter, r.seed) for r in other if r.profile == "quick"] == [
        ("dice", 1), ("parabola", 2), ("parabola", 2),
    ]  # fmt: skip


def test_words_and_places() -> None:
    assert ranges([1, 2, 3, 7]) == "seeds 1–3, 7" and ranges([4]) == "seed 4"
    assert (count(1, "claim"), count(1200, "test")) == ("1 claim", "1,200 tests")
    shares = [percent(*each).split() for each in ((1999, 2000), (5, 5), (0, 0))]
    assert shares == [["99.9", "%"], ["100", "%"], ["0", "%"]]
    assert (signed(-0.254), signed(0.004), signed(2)) == ("−0.25", "0", "+2")
    assert spread([-0.5, 0.0, 0.5]) == "0 on average, scatter 0.5, from −0.5 to +0.5"
    assert spread([0.2]) == spread([0.2, 0.2]) == "+0.2 at every seed"
    places = [across(offset) for offset in (-1e9, -100, -10, -1, 0, 0.5, 1, 10, 1e9)]
    assert places == sorted(places) and places[4] == 50
    assert places[0] == places[1] and places[5] - 50 == pytest.approx((places[6] - 50) / 2)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, BeautifulSoup]:
    """The real page, of the synthetic table, in the tiny book."""
    project = make(tmp_path_factory.mktemp("page") / "book")
    source = project.source("second").read_text()
    cell = f"```{{code-cell}} ipython3\n:tags: [parameters]\n{SEED}\n```\n"
    project.source("second").write_text(source.replace("# Second\n", f"# Second\n\n{cell}"))
    shutil.copy(ROOT / "book" / "seeds.md", project.book)
    project.toc.write_text(project.toc.read_text() + "- file: seeds\n")
    write_table(project.seeds, synthetic())
    done = build(project, "book")
    assert done.returncode == 0, done.stderr
    return project, BeautifulSoup((project.html / "seeds.html").read_text(), "html.parser")


def test_the_page_shows_what_the_table_holds(shown: tuple[Project, BeautifulSoup]) -> None:
    _, page = shown
    text = " ".join(page.get_text().split())
    assert "Quick profile, seeds 1–20. 2 chapters with 3 claims, of which 1 came out alike" in text
    assert "Of 60 tests, 56 passed (93.3 %). Of 40 runs of chapters, 37 had every claim" in text
    assert "passed at 17 of the 20 seeds at which all of them ran" in text
    assert "Chapters that draw but have not run: second." in text
    assert "Fewer than" not in text
    (low,) = page.select("ul.seeds-below")
    assert [" ".join(item.get_text().split()) for item in low.find_all("li")] == [
        "parabola: half passes at 18 of 20 (1 undecided, 1 different)"
    ]
    # Its chapter is in this book and so is the claim; the other claim is not, nor is `dice`.
    assert [a["href"] for a in low.find_all("a")] == ["parabola.html#claim-half"]
    links = {a.get_text(): a["href"] for a in page.select(".seeds-claims a")}
    assert links["parabola: third"] == "parabola.html" and "dice: fair" not in links
    rows = [
        [" ".join(cell.get_text().split()) for cell in row.find_all("td")]
        for row in page.select(".seeds-chapters tbody tr")
    ]
    assert rows[0][:4] == ["parabola", "quick", "1–20", "18 of 20"]
    assert rows[1][3] == "19 of 20"
    assert rows[0][4] == "2026-01-02, version 0.1.0, code 0123456789ab (since changed)"
    cells = [
        [" ".join(cell.get_text().split()) for cell in row.find_all("td")]
        for row in page.select(".seeds-claims tbody tr")
    ]
    assert cells[0][1:] == [
        "✗ 18 of 20",
        "+0.42 on average, scatter 0.24, from +0.04 to +0.8",
        "✓ 20 of 20, at least 4 margins off",
    ]
    assert cells[1][3] == "✗ 19 of 20, at least 0.4 margins off"
    assert cells[2][2] == "0 at every seed"


def test_the_figure_has_a_mark_for_every_seed(shown: tuple[Project, BeautifulSoup]) -> None:
    _, page = shown
    strips = page.select(".seeds-row > svg[role=img]")
    assert [
        [len(strip.select(f".seeds-{kind}")) for kind in ("held", "missed", "control")]
        for strip in strips
    ] == [[18, 2, 20], [19, 1, 20], [19, 0, 19]]
    assert strips[0]["aria-label"] == "half: passes at 18 of 20 seeds; its control fails at 20"
    assert [each.get_text() for each in page.select(".seeds-rate")] == ["18/20", "19/20", "19/20"]
    (figure,) = page.select("figure")
    assert "Every claim at every seed." in figure.find("figcaption").get_text()  # type: ignore


def test_a_page_without_runs_and_one_that_is_damaged(shown: tuple[Project, BeautifulSoup]) -> None:
    project, _ = shown
    source = project.source("seeds")
    source.write_text(source.read_text().replace("{download}`seeds.csv <_data/seeds.csv>`", "gone"))
    good = project.seeds.read_text()
    project.seeds.unlink()
    done = build(project, "book")
    assert done.returncode == 0, done.stderr
    assert "0 executed, 2 unchanged; pages rendered" in done.stdout
    text = (project.html / "seeds.html").read_text()
    assert "No run is stored yet" in text and "seeds-row" not in text
    project.seeds.write_text(good.replace("0.25", "0", 1))
    done = build(project, "book")
    assert done.returncode == 1 and "line 2 is no row of the table" in done.stderr
    assert (project.html / "seeds.html").read_text() == text


def test_a_table_of_the_code_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = make_drawing(tmp_path / "book")
    shutil.copy(ROOT / "book" / "seeds.md", project.book)
    project.toc.write_text(project.toc.read_text() + "- file: seeds\n")
    monkeypatch.setenv("TINY_TRACE", str(tmp_path))
    assert build(project, "seeds", "--count", "2").returncode == 0
    done = build(project, "book")
    assert done.returncode == 0, done.stderr
    text = " ".join(
        BeautifulSoup((project.html / "seeds.html").read_text(), "html.parser").get_text().split()
    )
    assert "Fewer than 20 seeds, too few for a rate: parabola, dice." in text
    assert "No claim falls below 19 of 20." in text and "(as it is now)" in text
