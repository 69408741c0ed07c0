"""Claims, and the ledger in which a chapter tests them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from . import rendering
from .estimates import Estimate

Verdict = Literal["equivalent", "different", "undecided"]
"""What the two one-sided tests find."""


class ClaimFailed(AssertionError):
    """Raised by `Ledger.settle` when a claim or its control did not come out as it must.

    Examples
    --------
    >>> issubclass(ClaimFailed, AssertionError)
    True
    """


def verdict(distance: float, half_width: float, margin: float) -> Verdict:
    """Two one-sided tests: where the interval ``distance ± half_width`` lies against `margin`.

    The distance, of a measurement from its target, is not negative; on the margin is not inside it.

    Examples
    --------
    >>> verdict(0.05, 0.02, 0.1), verdict(0.2, 0.02, 0.1), verdict(0.09, 0.02, 0.1)
    ('equivalent', 'different', 'undecided')
    """
    if distance + half_width < margin:
        return "equivalent"
    return "different" if distance - half_width > margin else "undecided"


@dataclass(frozen=True)
class Claim:
    """A tested statement; see `Ledger.equivalence` for the meaning of the fields.

    `value` and `standard_error` belong to the entry nearest to failing, `control_value` and
    `control_standard_error` to the entry of the control that lies farthest outside the margin
    (`control_different` counts those that are different);
    `largest` and `largest_standard_error` to the entry farthest from the target, for a number in
    prose: one that is nearer to it, but less certain, may be nearer to failing.
    In a notebook it shows as a box with its verdicts, beside the record that the builder reads.

    Examples
    --------
    >>> half = ("parabola", "half", "A half.", "eq-half", 0.5, 0.1, 0.05, 1, 0.5, 0.0, "equivalent")
    >>> moved, largest = ("moved", 1, 1.5, 0.0), (1, 0.5, 0.0)
    >>> [Claim(*half, *moved, found, *largest).passed for found in ("different", "equivalent")]
    [True, False]
    """

    chapter: str
    id: str
    statement: str
    equation: str
    target: float
    margin: float
    level: float
    entries: int
    value: float
    standard_error: float
    verdict: Verdict
    control_statement: str
    control_entries: int
    control_value: float
    control_standard_error: float
    control_verdict: Verdict
    control_different: int
    largest: float
    largest_standard_error: float

    @property
    def passed(self) -> bool:
        """Whether the claim holds and its control fails, as it must."""
        return self.verdict == "equivalent" and self.control_verdict == "different"

    def to_json(self) -> dict[str, Any]:
        """Every field and `passed`, as JSON types."""
        return {**asdict(self), "passed": self.passed}

    def __str__(self) -> str:
        return rendering.text(self.to_json())

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        record = self.to_json()
        return {
            rendering.CLAIM_MIME: record,
            "text/html": rendering.html_table(record),
            "text/plain": rendering.text(record),
        }


class Ledger:
    """The claims of one chapter, named as in the table of contents, in the order of their tests.

    Examples
    --------
    >>> from onestep import claims
    >>> ledger = Ledger("dice")
    >>> claim = ledger.equivalence(
    ...     id="mean", statement="A die shows 3.5 in the mean.", equation="eq-mean",
    ...     measured=claims.sample([3, 4, 2, 5, 4, 3, 4, 3]), target=3.5, margin=1,
    ...     control=claims.sample([6, 5, 6, 6, 5, 6, 6, 6]), control_statement="a loaded die",
    ... )
    >>> print(claim)
    PASSED claim mean: A die shows 3.5 in the mean.
      measured 3.5 ± 0.33, target 3.5, margin 1: equivalent (must be equivalent)
      control (a loaded die) 5.75 ± 0.16: different (must be different)
    >>> print(ledger.settle())
    Claims: 1 of 1 hold, 1 of 1 controls fail as they must.
    """

    def __init__(self, chapter: str) -> None:
        self.chapter = chapter
        self.claims: list[Claim] = []

    def equivalence(
        self,
        *,
        id: str,
        statement: str,
        equation: str,
        measured: Estimate,
        margin: float,
        control: Estimate,
        control_statement: str,
        target: float = 0.0,
        level: float = 0.05,
    ) -> Claim:
        """Test that `measured` lies within `margin` of `target`, and that `control` does not.

        The claim is kept in `claims`, whether or not it passed.

        Parameters
        ----------
        id, statement
            Name of the claim, unique in its chapter; and the claim in one sentence.
        equation
            Label in the book of the equation or theorem that the claim tests.
        measured, control
            From `exact`, `sample` or `estimate`. The claim holds when *every* entry of `measured`
            is equivalent; the control fails, as it must, when *some* entry is different at
            ``level`` divided by the number of its entries (Bonferroni).
        margin, target
            Half-width of the region of equivalence, positive, stated before the measurement; its
            centre.
        control_statement
            What was changed so that the same test must fail.
        level
            Level of each one-sided test, in (0, 0.5).
        """
        if any(claim.id == id for claim in self.claims):
            raise ValueError(f"id = {id!r} is taken; claims of a chapter need different ids")
        if not (0 < margin < np.inf):
            raise ValueError(f"margin = {margin!r} must be positive and finite")
        if not 0 < level < 0.5:
            raise ValueError(f"level = {level!r} must lie in (0, 0.5)")
        value, error, worst = _deciding(measured, target, margin, level, worst=True)
        farthest = int(np.argmax(np.abs(measured.value - target)))
        # Of many entries one is different by luck: each has its part of the level only.
        part = level / control.value.size
        control_value, control_error, best = _deciding(control, target, margin, part, worst=False)
        apart = np.abs(control.value - target) - control.half_width(part)
        claim = Claim(
            chapter=self.chapter,
            id=id,
            statement=statement,
            equation=equation,
            target=float(target),
            margin=float(margin),
            level=float(level),
            entries=measured.value.size,
            value=value,
            standard_error=error,
            verdict=worst,
            control_statement=control_statement,
            control_entries=control.value.size,
            control_value=control_value,
            control_standard_error=control_error,
            control_verdict=best,
            control_different=int(np.sum(apart > margin)),
            largest=float(measured.value.flat[farthest]),
            largest_standard_error=float(measured.standard_error.flat[farthest]),
        )
        self.claims.append(claim)
        return claim

    def settle(self) -> Settlement:
        """Close the chapter's ledger, in which a claim must have been tested.

        Raises
        ------
        ClaimFailed
            If a claim did not hold or a control did not fail; the message names all of them.
        """
        if not self.claims:
            raise ValueError("claims is empty: test at least one claim before settle()")
        failed = [claim for claim in self.claims if not claim.passed]
        if failed:
            raise ClaimFailed(
                f"{len(failed)} of {len(self.claims)} claims of chapter {self.chapter!r} failed\n"
                + "\n".join(str(claim) for claim in failed)
            )
        return Settlement(self.chapter, len(self.claims))


@dataclass(frozen=True)
class Settlement:
    """Displayed at the end of a chapter whose claims, so many, all passed.

    Examples
    --------
    >>> Settlement(chapter="parabola", claims=3).claims
    3
    """

    chapter: str
    claims: int

    def __str__(self) -> str:
        return rendering.sentence(rendering.tally(self.claims, self.claims, self.claims))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {rendering.LEDGER_MIME: asdict(self), "text/plain": str(self)}


def _deciding(
    measured: Estimate, target: float, margin: float, level: float, *, worst: bool
) -> tuple[float, float, Verdict]:
    """Entry that decides: nearest to failing (`worst`), or farthest outside the margin."""
    half = measured.half_width(level)
    distance = np.abs(measured.value - target)
    index = int(np.argmax(distance + half if worst else distance - half))
    decision = verdict(float(distance.flat[index]), float(half.flat[index]), margin)
    return float(measured.value.flat[index]), float(measured.standard_error.flat[index]), decision
