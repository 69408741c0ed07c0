"""What a claim needs to pass, and what a ledger refuses."""

import json

import numpy as np
import pytest
from scipy import stats

from onestep import claims


def ledger_with(measured, control, margin=0.1, **options):
    ledger = claims.Ledger("chapter")
    options = {"id": "a", "statement": "s", "equation": "e", "control_statement": "c"} | options
    claim = ledger.equivalence(measured=measured, control=control, margin=margin, **options)
    return ledger, claim


@pytest.mark.parametrize(
    ("measured", "control", "passed"),
    [
        (0.05, 0.2, True),
        (0.05, 0.05, False),  # a control that passes: the test has no power
        (0.2, 0.2, False),
        (0.1, 0.2, False),  # on the margin is not inside it
        (0.05, 0.1, False),
    ],
)
def test_exact_claims_pass_only_with_a_failing_control(measured, control, passed):
    ledger, claim = ledger_with(claims.exact(measured), claims.exact(control))
    assert claim.passed is passed
    if passed:
        assert "1 of 1" in str(ledger.settle())
    else:
        with pytest.raises(claims.ClaimFailed, match="a: s"):
            ledger.settle()


def test_an_undecided_control_is_a_failure():
    wide = claims.sample([-1.0, 1.5])
    _, claim = ledger_with(claims.exact(0.0), wide)
    assert claim.control_verdict == "undecided"
    assert not claim.passed


def test_every_entry_must_be_equivalent_and_one_control_entry_different():
    good, bad = claims.exact([0.0, 0.05]), claims.exact([0.0, 0.5])
    assert ledger_with(good, bad)[1].passed
    claim = ledger_with(bad, bad)[1]
    assert claim.verdict == "different"
    assert claim.value == 0.5


def test_the_largest_deviation_need_not_be_the_entry_nearest_to_failing():
    """Ten per cent for certain, and five give or take three: the second decides, not the first."""
    measured = claims.estimate([0.1, -0.05, 0.02], [0.0, 0.03, 0.0], 9)
    _, claim = ledger_with(measured, claims.exact(1.0), margin=0.2)
    assert (claim.value, claim.standard_error) == (-0.05, 0.03)
    assert (claim.largest, claim.largest_standard_error) == (0.1, 0.0)
    assert claim.to_json()["largest"] == 0.1
    shifted = claims.estimate([0.1, -0.05, 0.02], 0.0, 9)
    assert ledger_with(shifted, claims.exact(1.0), target=0.09)[1].largest == -0.05


def test_the_target_shifts_the_region():
    _, claim = ledger_with(claims.exact(-0.52), claims.exact(0.0), target=-0.5)
    assert claim.passed


@pytest.mark.parametrize(("shift", "expected"), [(0.1, 0.05), (0.0, None)])
def test_false_alarm_rate_of_the_equivalence_test(shift, expected):
    """At a true value on the margin the test says "equivalent" in 5 % of repetitions.

    2,000 repetitions: the count is binomial, and the bounds below are left in 1e-6 of all seeds.
    """
    rng = np.random.default_rng(20261123)
    draws = shift + 0.05 * rng.standard_normal((2000, 10))
    count = 0
    for row in draws:
        estimate = claims.sample(row)
        half = float(estimate.half_width(0.05))
        count += claims.verdict(abs(float(estimate.value)), half, 0.1) == "equivalent"
    if expected is None:
        assert count > 1900  # power inside the margin
    else:
        low, high = stats.binom.interval(1 - 1e-6, 2000, expected)
        assert low <= count <= high


def test_json_is_finite_and_complete():
    _, claim = ledger_with(claims.sample([0.0, 0.01, 0.02]), claims.exact([3.0]))
    record = json.loads(json.dumps(claim.to_json(), allow_nan=False))
    assert record["passed"] is True
    assert record["chapter"] == "chapter"
    bundle = claim._repr_mimebundle_()
    assert bundle[claims.CLAIM_MIME] == claim.to_json()
    assert "✓" in bundle["text/html"]


def test_html_escapes_what_the_author_wrote():
    _, claim = ledger_with(claims.exact(0.0), claims.exact(1.0), statement="a < b & c")
    assert "a &lt; b &amp; c" in claim._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ledger_with(claims.exact(0), claims.exact(1), margin=0.0), "margin"),
        (lambda: ledger_with(claims.exact(0), claims.exact(1), level=0.7), "level"),
        (lambda: claims.Ledger("c").settle(), "claims is empty"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_ids_are_unique_in_a_chapter():
    ledger, _ = ledger_with(claims.exact(0), claims.exact(1))
    with pytest.raises(ValueError, match="taken"):
        ledger.equivalence(
            id="a",
            statement="s",
            equation="e",
            measured=claims.exact(0),
            control=claims.exact(1),
            control_statement="c",
            margin=0.1,
        )
