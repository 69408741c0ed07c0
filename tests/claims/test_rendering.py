"""How a claim is written."""

from __future__ import annotations

import pytest

from onestep.claims import rendering
from records import claim


def test_the_summary_counts_claims_and_controls_apart() -> None:
    found = [claim(), claim(verdict="different"), claim(control_verdict="undecided")]
    expected = "claims: 2 of 3 hold, 2 of 3 controls fail as they must (quick profile)"
    assert rendering.summary(found, "quick") == expected


@pytest.mark.parametrize(
    ("value", "error", "per_cent", "text"),
    [
        (-0.4523, 0.0212, False, "−0.45 ± 0.02"),
        (0.00519, 0.0028, True, "0.5 ± 0.3 %"),
        (-0.0132, 0.0101, True, "−1.3 ± 1.0 %"),
        (0.0321, 0.0, False, "0.032"),
        (1234.0, 56.0, False, "1234 ± 56"),
        (-0.0001, 0.004, True, "0.0 ± 0.4 %"),
    ],
)
def test_numbers_in_prose(value: float, error: float, per_cent: bool, text: str) -> None:
    assert (
        rendering.prose_number(value, error, per_cent=per_cent).replace("\N{NO-BREAK SPACE}", " ")
        == text
    )


def test_every_rendering_of_a_claim_has_the_same_numbers() -> None:
    record = claim(target=0.123456, value=-0.0123456, control_value=12.3456, entries=8)
    for shown in (rendering.text(record), rendering.html_table(record)):
        for words in ("-0.0123 ± 0.002", "0.123", "0.1", "12.3", "equivalent", "different", "off"):
            assert words in shown
    assert "measured -0.0123 ± 0.002: equivalent; control: different" in rendering.html_line(record)
    assert "(decisive of 8)" in rendering.html_table(record)
    assert rendering.region(record) == "0.123 ± 0.1"


def test_what_is_not_as_it_must_be_is_marked() -> None:
    record = claim(passed=False, control_verdict="undecided")
    assert rendering.as_it_must(record, "verdict")
    assert not rendering.as_it_must(record, "control_verdict")
    assert rendering.text(record).startswith("FAILED claim a: S.")
    assert rendering.text(record).endswith("undecided (must be different)")
    assert "does not hold" in rendering.html_line(record)
    assert "✗ Claim a failed." in rendering.html_table(record)
