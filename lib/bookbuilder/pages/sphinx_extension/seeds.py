"""Claims under other seeds: the directives whose names begin with ``seeds-``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean, stdev

from docutils import nodes
from sphinx.application import Sphinx

from bookbuilder.declare.profile import drawing_chapters
from bookbuilder.declare.project import Project
from bookbuilder.execute.claim_table import read_table
from bookbuilder.execute.fingerprint import chapter_code, code_digest
from bookbuilder.pages.seed_rates import ChapterRate, ClaimRate, chapter_rates
from bookbuilder.pages.sphinx_extension.build_record import RecordDirective
from bookbuilder.pages.sphinx_extension.seed_strips import strips
from bookbuilder.pages.sphinx_extension.table import Cell, table
from onestep.claims.rendering import mark

CHAPTERS = {"Chapter": 26, "Profile": 10, "Seeds": 14, "Every claim passes": 20, "Computed": 30}
"""Columns of the table of chapters with their widths in per cent."""

CLAIMS = {"Claim": 32, "Passes": 17, "Off the target, in margins": 28, "Control fails": 23}
"""Columns of the table of claims with their widths in per cent."""

WANTED = 20
"""Seeds at which a chapter should have run: no fewer can show 19 of 20."""

EMPTY = "No run is stored yet: `make seeds SEEDS=20` makes the table that this page shows."


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("seeds-summary", SeedsSummary)
    app.add_directive("seeds-chapters", SeedsChapters)
    app.add_directive("seeds-figure", SeedsFigure)
    app.add_directive("seeds-claims", SeedsClaims)


class SeedsDirective(RecordDirective):
    """A directive that shows something of the table of seeds."""

    @property
    def project(self) -> Project:
        """The book that is rendered."""
        return Project(Path(self.env.srcdir).parent)

    def rates(self) -> list[ChapterRate]:
        """What the table holds, chapter by chapter."""
        self.env.note_dependency(str(self.project.seeds))
        return chapter_rates(read_table(self.project.seeds))

    def paragraph(self, text: str) -> nodes.paragraph:
        """A paragraph of Markdown."""
        return nodes.paragraph("", "", *self.inline(text))


class SeedsSummary(SeedsDirective):
    """How many claims pass at how many seeds, which fall below 19 of 20, and what was run."""

    def run(self) -> list[nodes.Node]:
        """Make a paragraph and a list for each profile."""
        rates = self.rates()
        if not rates:
            return [self.paragraph(EMPTY)]
        return [
            node
            for profile in dict.fromkeys(rate.profile for rate in rates)
            for node in self._profile([rate for rate in rates if rate.profile == profile])
        ]

    def _profile(self, rates: Sequence[ChapterRate]) -> Iterator[nodes.Node]:
        claims = [claim for rate in rates for claim in rate.claims]
        runs = sum(len(rate.seeds) for rate in rates)
        tests, passed = sum(c.seeds for c in claims), sum(c.passed for c in claims)
        whole = sum(len(rate.whole) for rate in rates)
        seeds = sorted({seed for rate in rates for seed in rate.seeds})
        common = [seed for seed in seeds if all(seed in rate.seeds for rate in rates)]
        green = [seed for seed in common if all(seed in rate.whole for rate in rates)]
        idle = sum(not claim.drawn for claim in claims)
        yield self.paragraph(
            f"**{rates[0].profile.capitalize()} profile, {ranges(seeds)}.** "
            f"{count(len(rates), 'chapter')} with {count(len(claims), 'claim')}"
            + (f", of which {idle} came out alike at every seed" if idle else "")
            + f". Of {count(tests, 'test')}, {passed} passed ({percent(passed, tests)}). "
            f"Of {count(runs, 'run')} of chapters, {whole} had every claim pass "
            f"({percent(whole, runs)}). All chapters of the table together passed at "
            f"{len(green)} of the {count(len(common), 'seed')} at which all of them ran."
        )
        chapters = {rate.chapter for rate in rates}
        if missing := [c for c in drawing_chapters(self.project) if c not in chapters]:
            yield self.paragraph(f"Chapters that draw but have not run: {', '.join(missing)}.")
        if few := [rate.chapter for rate in rates if len(rate.seeds) < WANTED]:
            yield self.paragraph(
                f"Fewer than {WANTED} seeds, too few for a rate: {', '.join(few)}."
            )
        low = [claim for claim in claims if not claim.enough]
        if not low:
            yield self.paragraph("**No claim falls below 19 of 20.**")
            return
        verb = "falls" if len(low) == 1 else "fall"
        yield self.paragraph(f"**{count(len(low), 'claim')} {verb} below 19 of 20:**")
        yield nodes.bullet_list(
            "",
            *(
                nodes.list_item("", nodes.paragraph("", "", self.link(c.chapter, c.claim), _of(c)))
                for c in low
            ),
            classes=["seeds-below"],
        )


class SeedsChapters(SeedsDirective):
    """Each chapter: its seeds, at how many every claim passed, and what it was computed with."""

    def run(self) -> list[nodes.Node]:
        """Make the table."""
        rates = self.rates()
        shared = code_digest(self.project)
        rows = [self._row(rate, shared) for rate in rates]
        return [table(CHAPTERS, rows, "seeds-chapters")] if rows else []

    def _row(self, rate: ChapterRate, shared: str) -> list[Cell]:
        source = self.project.source(rate.chapter)
        now = ""
        if source.is_file():
            now = chapter_code(shared, source.read_text(encoding="utf-8"))
        same = "as it is now" if rate.codes == (now,) else "since changed"
        whole, seeds = len(rate.whole), len(rate.seeds)
        made = (
            f"{' to '.join(dict.fromkeys((rate.dates[0], rate.dates[-1])))}, "
            f"version {', '.join(rate.versions)}, code {', '.join(rate.codes)} ({same})"
        )
        return [
            [self.link(rate.chapter)],
            [nodes.Text(rate.profile)],
            [nodes.Text(ranges(rate.seeds).removeprefix("seeds ").removeprefix("seed "))],
            [nodes.Text(f"{whole} of {seeds}")],
            [nodes.Text(made)],
        ]


class SeedsFigure(SeedsDirective):
    """A strip for each claim, on which every seed is a mark; the content is the caption."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Make one figure for each profile."""
        rates = self.rates()
        return [
            self._figure(profile, [rate for rate in rates if rate.profile == profile])
            for profile in dict.fromkeys(rate.profile for rate in rates)
        ]

    def _figure(self, profile: str, rates: Sequence[ChapterRate]) -> nodes.figure:
        caption = f"{' '.join(self.content)} Profile: {profile}."
        picture = nodes.raw("", strips(rates, self.place), format="html")
        return nodes.figure("", picture, nodes.caption("", "", *self.inline(caption)))


class SeedsClaims(SeedsDirective):
    """Each claim: how often it passes, how far off its target, how often its control fails."""

    def run(self) -> list[nodes.Node]:
        """Make the table."""
        claims = [claim for rate in self.rates() for claim in rate.claims]
        rows = [self._row(claim) for claim in claims]
        return [table(CLAIMS, rows, "seeds-claims")] if rows else []

    def _row(self, claim: ClaimRate) -> list[Cell]:
        off = [row.offset for row in claim.rows]
        control = [row.control_offset for row in claim.rows]
        nearest = min(map(abs, control))
        return [
            [self.link(claim.chapter, claim.claim), nodes.Text(_profile(claim))],
            _rate(claim.enough, claim.passed, claim.seeds),
            [nodes.Text(spread(off))],
            [
                *_rate(claim.controls == claim.seeds, claim.controls, claim.seeds),
                nodes.Text(f", at least {min(nearest, 1000):.3g} margins off"),
            ],
        ]


def ranges(seeds: Sequence[int]) -> str:
    """Seeds in words, runs of them from first to last: "seeds 1–3, 7"."""
    parts: list[list[int]] = []
    for seed in seeds:
        if parts and seed == parts[-1][-1] + 1:
            parts[-1].append(seed)
        else:
            parts.append([seed])
    words = [str(p[0]) if len(p) == 1 else f"{p[0]}–{p[-1]}" for p in parts]
    return f"seed{'s' * (len(seeds) != 1)} {', '.join(words)}"


def count(number: int, thing: str) -> str:
    """A number of things: "1 claim", "1,200 tests"."""
    return f"{number:,} {thing}{'s' * (number != 1)}"


def percent(part: int, whole: int) -> str:
    """A share, rounded down: 100 % is all."""
    share = 1000 * part // whole / 10 if whole else 0
    return f"{share:g}\N{NO-BREAK SPACE}%"


def signed(value: float) -> str:
    """A distance from the target, with its sign."""
    return (f"{value:+.2g}" if abs(value) >= 0.005 else "0").replace("-", "\N{MINUS SIGN}")


def spread(offsets: Sequence[float]) -> str:
    """Mean, standard deviation and extremes of distances from a target."""
    if len(set(offsets)) == 1:
        return f"{signed(offsets[0])} at every seed"
    extremes = f"from {signed(min(offsets))} to {signed(max(offsets))}"
    return f"{signed(mean(offsets))} on average, scatter {stdev(offsets):.2g}, {extremes}"


def _rate(good: bool, part: int, whole: int) -> list[nodes.Node]:
    style = "verdict-good" if good else "verdict-bad"
    return [nodes.inline("", mark(good, f"{part} of {whole}"), classes=[style])]


def _of(claim: ClaimRate) -> nodes.Text:
    missing = claim.seeds - len(claim.rows)
    undecided = sum(row.verdict == "undecided" for row in claim.rows)
    different = sum(row.verdict == "different" for row in claim.rows)
    powerless = len(claim.rows) - claim.controls
    reasons = {
        "undecided": undecided,
        "different": different,
        "with a control that does not fail": powerless,
        "not reached": missing,
    }
    told = ", ".join(f"{number} {reason}" for reason, number in reasons.items() if number)
    return nodes.Text(f" passes at {claim.passed} of {claim.seeds} ({told})")


def _profile(claim: ClaimRate) -> str:
    return "" if claim.profile == "quick" else f" ({claim.profile})"
