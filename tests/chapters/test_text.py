"""What a chapter's text keeps: prose before code, and an end that leads to the next page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bookbuilder.declare.project import Project
from bookbuilder.declare.toc import chapters, pages

BOOK = Project(Path(__file__).resolve().parents[2])
PAGES = pages(BOOK)
PARTS = yaml.safe_load(BOOK.toc.read_text(encoding="utf-8"))["parts"]
NUMBERED = [
    each["file"] for part in PARTS if part.get("numbered") for each in part.get("chapters", ())
]
CELL = re.compile(r"^```\{code-cell\}.*?^```$", flags=re.MULTILINE | re.DOTALL)


def shares(text: str) -> tuple[float, float]:
    """Of a page's lines: those of code cells, fences and captions included; of cells shown."""
    cells = CELL.findall(text)
    shown = [cell for cell in cells if "hide-input" not in cell]
    total = len(text.splitlines())
    code, visible = (sum(len(cell.splitlines()) for cell in each) for each in (cells, shown))
    return code / total, visible / total


@pytest.mark.parametrize("chapter", chapters(BOOK))
def test_a_chapter_is_prose_first(chapter: str) -> None:
    code, shown = shares(BOOK.source(chapter).read_text(encoding="utf-8"))
    assert code <= 0.5, f"{code:.0%} of the lines are code"
    assert shown <= 0.3, f"{shown:.0%} of the lines are code that the page shows"


@pytest.mark.parametrize("name", NUMBERED)
def test_a_chapter_leads_to_the_one_after_it(name: str) -> None:
    text = BOOK.source(name).read_text(encoding="utf-8")
    (link,) = re.findall(r"^\*\*Next:\*\* .*?\]\(([\w-]+)\.md\)", text, flags=re.MULTILINE)
    assert link == PAGES[PAGES.index(name) + 1]


def test_the_front_page_leads_to_every_chapter_in_its_order() -> None:
    text = BOOK.source("intro").read_text(encoding="utf-8")
    parts = text.partition("## The parts\n")[2].partition("\n## ")[0]
    named = re.findall(r"\]\(([\w-]+)\.md\)", parts)
    assert [name for name in named if name in NUMBERED] == NUMBERED
    captions = [part["caption"].partition(" · ")[2] for part in PARTS if part.get("numbered")]
    assert re.findall(r"\*\*[IVX]+\. (.*?)\.\*\*", parts) == captions


def test_every_reference_is_cited() -> None:
    entries = re.findall(r"^@\w+\{([^,]+),", BOOK.book.joinpath("references.bib").read_text(), re.M)
    texts = "\n".join(BOOK.source(name).read_text(encoding="utf-8") for name in PAGES)
    cited = {
        key for keys in re.findall(r"\{cite(?::\w)?\}`([^`]+)`", texts) for key in keys.split(",")
    }
    assert len(entries) == len(set(entries))
    assert cited == set(entries)


def test_a_symbol_of_the_notation_has_one_sense() -> None:
    """No two rows begin with one symbol: a reader looks up the first that he finds."""
    rows = re.findall(r"^\| (\$[^|]*?) \|", BOOK.source("notation").read_text("utf-8"), re.M)
    symbols = [each for row in rows for each in re.findall(r"\$(.+?)\$", row)]
    assert len(symbols) > 50
    assert sorted(symbols) == sorted(set(symbols))


def test_the_kernel_chapter_uses_its_symbols_in_one_sense() -> None:
    """The type of a neuron is no factor of the step, and its residual no step size."""
    text = BOOK.source("kernel").read_text("utf-8")
    prose = CELL.sub("", text)
    for old in (r"\eta(u)", r"A(u", r"\tau", r"\kappa/\lambda", r"u^\top"):
        assert old not in prose
    assert r"\hat\lambda" in prose and r"s_\kappa" in prose and r"h^2(U)" in prose


def test_a_docstring_names_chapters_that_there_are() -> None:
    titles = {
        re.search(r"^# (.+)$", BOOK.source(name).read_text("utf-8"), re.M)[1]  # type: ignore[index]
        for name in PAGES
    }
    named = {}
    for path in sorted((BOOK.root / "lib").rglob("*.py")):
        for title in re.findall(r"chapter\s+\*([^*]+)\*", path.read_text("utf-8")):
            named.setdefault(" ".join(title.split()), []).append(path.name)
    assert named.keys() <= titles
    # What an equation of a chapter evaluates names that chapter.
    assert "rules.py" in named["Which degree?"]
    assert "conditional.py" in named["The network is kernel ridge regression"]
    assert "conditional.py" not in named["Error curves without simulation"]


@pytest.mark.parametrize(
    ("chapter", "tested", "leading"),
    [
        ("figures", "eq-typed-limit", "eq-kernel-errors"),
        ("spikes", "eq-typed-outlier", "eq-spike-alignment"),
    ],
)
def test_claims_name_the_equation_that_is_evaluated(
    chapter: str, tested: str, leading: str
) -> None:
    """`predict` and `predicted_outliers` know that neurons are not alike; the leading order not."""
    text = BOOK.source(chapter).read_text("utf-8")
    assert f'equation="{tested}"' in text and f'equation="{leading}"' not in text


def test_what_rests_on_scaling_is_not_called_exact() -> None:
    texts = {name: BOOK.source(name).read_text("utf-8") for name in ("errata", "degree", "intro")}
    assert "It is exact" not in texts["errata"]
    assert "none of them is a proof" in texts["errata"]
    assert r"alone is exact" not in texts["degree"]
    assert "generalizes exactly" not in texts["intro"]
