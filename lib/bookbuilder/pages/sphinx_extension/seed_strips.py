"""The figure of the seeds: a strip for each claim, on which every seed leaves a mark.

Distances from the target are in margins: linear up to one, logarithmic beyond, up to a hundred.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from math import copysign, log10

from bookbuilder.pages.seed_rates import ChapterRate, ClaimRate

_TICKS = (-100, -10, -1, 0, 1, 10, 100)
_MARKS = {
    "held": '<circle r="3.5"/>',
    "missed": '<path d="M-4-4 4 4M-4 4 4-4"/>',
    "control": '<path d="M0-4 4 0 0 4-4 0z"/>',
}


def strips(chapters: Sequence[ChapterRate], place: Callable[[str, str], str]) -> str:
    """HTML of the figure: a panel for each chapter; `place` is where a claim is, if anywhere."""
    panels = "".join(
        f'<div class="seeds-panel"><p>{escape(chapter.chapter)}</p>{_axis()}'
        f"{''.join(_strip(claim, place) for claim in chapter.claims)}</div>"
        for chapter in chapters
    )
    return f'<div class="seeds-figure">{_legend()}{panels}</div>'


def across(offset: float) -> float:
    """Where a distance from the target lies, in per cent of the width."""
    size = abs(offset) if abs(offset) <= 1 else min(1 + log10(abs(offset)) / 2, 2)
    return 50 + 23 * copysign(size, offset)


def _strip(claim: ClaimRate, place: Callable[[str, str], str]) -> str:
    name, address = escape(claim.claim), place(claim.chapter, claim.claim)
    link = f'<a href="{escape(address)}">{name}</a>' if address else name
    style = "seeds-rate" + " verdict-bad" * (not claim.enough)
    label = (
        f"{claim.claim}: passes at {claim.passed} of {claim.seeds} seeds; its control fails at "
        f"{claim.controls}"
    )
    return (
        f'<div class="seeds-row"><span class="seeds-name">{link}</span>'
        f'<svg role="img" aria-label="{escape(label)}">{_region()}{"".join(_marks(claim))}</svg>'
        f'<span class="{style}">{claim.passed}/{claim.seeds}</span></div>'
    )


def _marks(claim: ClaimRate) -> Iterator[str]:
    for row in claim.rows:
        yield _mark("control", across(row.control_offset), 22)
    for row in claim.rows:
        yield _mark("held" if row.passed else "missed", across(row.offset), 9)


def _mark(kind: str, x: float, y: int) -> str:
    return f'<svg class="seeds-{kind}" x="{x:.2f}%" y="{y}">{_MARKS[kind]}</svg>'


def _region() -> str:
    """The margin as a band, the target as a line."""
    left, right = across(-1), across(1)
    return (
        f'<rect class="seeds-margin" x="{left:g}%" width="{right - left:g}%" height="100%"/>'
        '<line class="seeds-target" x1="50%" x2="50%" y2="100%"/>'
    )


def _axis() -> str:
    ticks = "".join(
        f'<text x="{across(tick):g}%" y="12">{str(tick).replace("-", "−")}</text>'
        for tick in _TICKS
    )
    svg = f'<svg aria-hidden="true">{ticks}</svg>'
    return f'<div class="seeds-row seeds-axis"><span></span>{svg}</div>'


def _legend() -> str:
    words = {"held": "passes", "missed": "does not pass", "control": "its control"}
    items = "".join(
        f'<span><svg aria-hidden="true">{_mark(kind, 50, 6)}</svg> {text}</span>'
        for kind, text in words.items()
    )
    return f'<p class="seeds-legend">{items}</p>'
