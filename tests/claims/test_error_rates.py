"""How often a ledger errs, on a thousand synthetic claims of each kind."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from onestep import claims
from onestep._support import streams

CLAIMS = 1000
LEVEL = 0.05
MARGIN = 1.0
MOST = int(stats.binom.ppf(0.999, CLAIMS, LEVEL))
"""Errors that a test of this level makes at most, with probability 0.999."""


def draws(name: str, entries: int, correlation: float, centre: float) -> np.ndarray:
    """Ten trials of each entry, for every claim; entries may have a common part."""
    rng = streams.generator("error rates", name, entries, correlation)
    own = rng.standard_normal((CLAIMS, entries, 10))
    common = rng.standard_normal((CLAIMS, 1, 10))
    return centre + np.sqrt(1 - correlation) * own + np.sqrt(correlation) * common


def settled(measured: np.ndarray, control: np.ndarray) -> list[claims.Claim]:
    return [
        claims.Ledger("synthetic").equivalence(
            id="one", statement="s", equation="e", measured=claims.sample(of_claim), margin=MARGIN,
            level=LEVEL, control=claims.sample(of_control), control_statement="c",
        )
        for of_claim, of_control in zip(measured, control, strict=True)
    ]  # fmt: skip


@pytest.mark.parametrize("correlation", [0.0, 0.9])
@pytest.mark.parametrize("entries", [1, 2, 5, 12])
def test_what_is_not_so_passes_seldom(entries: int, correlation: float) -> None:
    """Truth on the margin: equivalence is found in at most 5 % of claims, and a control without
    power, as far away as the margin itself, is called different in at most 5 %."""
    on_the_margin = draws("claim", entries, correlation, MARGIN)
    powerless = draws("control", entries, correlation, MARGIN)
    found = settled(on_the_margin, powerless)
    assert sum(each.verdict == "equivalent" for each in found) <= MOST
    assert sum(each.control_verdict == "different" for each in found) <= MOST


def test_without_its_part_of_the_level_one_of_twelve_would_do() -> None:
    """What the correction is for: uncorrected, 12 independent entries err in 46 %."""
    powerless = draws("control", 12, 0.0, MARGIN)
    once = [claims.sample(each) for each in powerless]
    uncorrected = sum(
        bool(np.any(np.abs(each.value) - each.half_width(LEVEL) > MARGIN)) for each in once
    )
    assert uncorrected > 4 * MOST


def test_a_control_tells_at_how_many_entries_it_has_power() -> None:
    mixed = claims.estimate([0.0, 3.0, 5.0, 1.1], [0.1, 0.1, 0.1, 0.1], 20)
    claim = claims.Ledger("synthetic").equivalence(
        id="one", statement="s", equation="e", measured=claims.exact([0.0] * 4), margin=MARGIN,
        control=mixed, control_statement="c",
    )  # fmt: skip
    assert (claim.control_entries, claim.control_different) == (4, 2)
    assert "(decisive of 4, 2 of them different)" in claim._repr_mimebundle_()["text/html"]
