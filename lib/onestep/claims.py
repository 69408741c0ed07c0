"""Claims: statements that a chapter tests, each with a margin and a negative control.

A claim says that a measured quantity lies within a margin of its target. It is decided by two
one-sided tests (TOST): the quantity is *equivalent* to the target when its confidence interval lies
inside the margin, *different* when the interval lies outside, and *undecided* otherwise. A claim
passes when the measurement is equivalent **and** its negative control, the same test where theory
says that it must fail, is different: an undecided control shows that the test has no power.

Source: D. J. Schuirmann, J. Pharmacokinet. Biopharm. 15 (1987), for the two one-sided tests. An
array passes only if every entry does (intersection-union test), which needs no correction of the
level for the number of entries.
"""

from __future__ import annotations

import html
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

CLAIM_MIME = "application/vnd.onestep.claim+json"
LEDGER_MIME = "application/vnd.onestep.ledger+json"

Verdict = Literal["equivalent", "different", "undecided"]


class ClaimFailed(AssertionError):
    """Raised by `Ledger.settle` when a claim or its control did not come out as it must."""


@dataclass(frozen=True)
class Estimate:
    """A measured quantity with its sampling error.

    Attributes
    ----------
    value, standard_error
        Arrays of one shape; the standard error is 0 where there is no sampling.
    degrees_of_freedom
        Of Student's t for the intervals, one number or one for each value; infinite without
        sampling error.
    """

    value: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    degrees_of_freedom: float | NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.value.size == 0:
            raise ValueError("value is empty: a claim needs at least one measurement")
        for name in ("value", "standard_error"):
            if not np.all(np.isfinite(getattr(self, name))):
                raise ValueError(f"{name} = {getattr(self, name)!r} must be finite")
        if np.any(self.standard_error < 0):
            raise ValueError(f"standard_error = {self.standard_error!r} must not be negative")
        if not np.all(np.asarray(self.degrees_of_freedom) > 0):
            raise ValueError(f"degrees_of_freedom = {self.degrees_of_freedom!r} must be positive")

    def half_width(self, level: float) -> NDArray[np.float64]:
        """Half-width of the two-sided interval of coverage ``1 - 2 * level``."""
        t = np.asarray(special.stdtrit(self.degrees_of_freedom, 1 - level))
        return t * self.standard_error


def exact(value: ArrayLike) -> Estimate:
    """Measurement without sampling error (a deterministic computation)."""
    array = np.asarray(value, dtype=float)
    return Estimate(array, np.zeros_like(array), np.inf)


def sample(draws: ArrayLike, axis: int = -1) -> Estimate:
    """Mean and standard error of independent draws along `axis`.

    Raises
    ------
    ValueError
        If there are fewer than two draws.
    """
    array = np.asarray(draws, dtype=float)
    if array.ndim == 0 or array.shape[axis] < 2:
        raise ValueError(f"draws has shape {array.shape}; axis {axis} must hold at least 2 draws")
    count = array.shape[axis]
    error = array.std(axis=axis, ddof=1) / np.sqrt(count)
    return Estimate(array.mean(axis=axis), error, count - 1)


def estimate(
    value: ArrayLike, standard_error: ArrayLike, degrees_of_freedom: ArrayLike
) -> Estimate:
    """Measurement whose standard error comes from elsewhere, such as a fitted exponent."""
    values, errors, freedom = np.broadcast_arrays(
        np.asarray(value, dtype=float),
        np.asarray(standard_error, dtype=float),
        np.asarray(degrees_of_freedom, dtype=float),
    )
    return Estimate(values, errors, freedom)


def verdict(distance: float, half_width: float, margin: float) -> Verdict:
    """Two one-sided tests: where the interval ``distance ± half_width`` lies against `margin`."""
    if distance + half_width < margin:
        return "equivalent"
    return "different" if distance - half_width > margin else "undecided"


def exponent(sizes: ArrayLike, values: ArrayLike) -> Estimate:
    """Exponent e of ``values ~ sizes^e`` by least squares on a double logarithmic scale.

    Parameters
    ----------
    sizes
        Shape (L,): the ladder, at least 2 different positive sizes.
    values
        Shape (L, T): T >= 1 independent positive draws at each size.

    Returns
    -------
    Estimate
        The slope and its standard error from the scatter about the line; L * T - 2 degrees of
        freedom.

    Raises
    ------
    ValueError
        If shapes disagree, a number is not positive, or fewer than 3 points are given.
    """
    x, y = np.asarray(sizes, dtype=float), np.asarray(values, dtype=float)
    if x.ndim != 1 or y.ndim != 2 or y.shape[0] != x.size or y.size < 3 or np.ptp(x) == 0:
        raise ValueError(
            f"sizes and values have shapes {x.shape} and {y.shape}; (L,), (L, T) needed"
        )
    if not (np.all(x > 0) and np.all(y > 0)):
        raise ValueError("sizes and values must be positive to be fitted by a power")
    # scipy.stats takes a second to import, and only this function needs it.
    from scipy import stats

    fit = stats.linregress(np.repeat(np.log(x), y.shape[1]), np.log(y).ravel())
    return estimate(fit.slope, fit.stderr, y.size - 2)


@dataclass(frozen=True)
class Claim:
    """A tested statement; see `Ledger.equivalence` for the meaning of the fields.

    `value` and `standard_error` belong to the entry nearest to failing, `control_value` and
    `control_standard_error` to the entry of the control that lies farthest outside the margin.
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

    @property
    def passed(self) -> bool:
        """Whether the claim holds and its control fails, as it must."""
        return self.verdict == "equivalent" and self.control_verdict == "different"

    def to_json(self) -> dict[str, Any]:
        """Every field and `passed`, as JSON types."""
        return {**asdict(self), "passed": self.passed}

    def __str__(self) -> str:
        head = "PASSED" if self.passed else "FAILED"
        return (
            f"{head} {self.id}: {self.statement}\n"
            f"  measured {_number(self.value, self.standard_error)}, "
            f"target {self.target:g}, margin {self.margin:g}: {self.verdict}\n"
            f"  control ({self.control_statement}) "
            f"{_number(self.control_value, self.control_standard_error)}: {self.control_verdict}"
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {CLAIM_MIME: self.to_json(), "text/html": _table(self), "text/plain": str(self)}


class Ledger:
    """The claims of one chapter, in the order in which they are tested."""

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

        Parameters
        ----------
        id
            Name of the claim, unique in its chapter.
        statement
            The claim in one sentence.
        equation
            Label in the book of the equation or theorem that the claim tests.
        measured, control
            From `exact`, `sample` or `estimate`. The claim holds when *every* entry of `measured`
            is equivalent; the control fails, as it must, when *some* entry is different.
        margin
            Half-width of the region of equivalence, stated before the measurement; positive.
        control_statement
            What was changed so that the same test must fail.
        target
            Centre of the region of equivalence.
        level
            Level of each one-sided test, in (0, 0.5).

        Raises
        ------
        ValueError
            If `id` is taken, `margin` is not positive and finite, or `level` is out of range.
        """
        if any(claim.id == id for claim in self.claims):
            raise ValueError(f"id = {id!r} is taken; claims of a chapter need different ids")
        if not (0 < margin < np.inf):
            raise ValueError(f"margin = {margin!r} must be positive and finite")
        if not 0 < level < 0.5:
            raise ValueError(f"level = {level!r} must lie in (0, 0.5)")
        value, error, worst = _summary(measured, target, margin, level, worst=True)
        control_value, control_error, best = _summary(control, target, margin, level, worst=False)
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
        )
        self.claims.append(claim)
        return claim

    def settle(self) -> Settlement:
        """Close the chapter's ledger.

        Raises
        ------
        ClaimFailed
            If a claim did not hold or a control did not fail; the message names all of them.
        ValueError
            If no claim was tested: a chapter without claims has nothing to settle.
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
    """Displayed at the end of a chapter whose claims all passed."""

    chapter: str
    claims: int

    def __str__(self) -> str:
        return f"{self.claims} of {self.claims} claims hold, and their controls fail, as they must."

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {LEDGER_MIME: asdict(self), "text/plain": str(self)}


def _summary(
    measured: Estimate, target: float, margin: float, level: float, *, worst: bool
) -> tuple[float, float, Verdict]:
    """Entry that decides: nearest to failing (`worst`), or farthest outside the margin."""
    half = measured.half_width(level)
    distance = np.abs(measured.value - target)
    index = int(np.argmax(distance + half if worst else distance - half))
    decision = verdict(float(distance.flat[index]), float(half.flat[index]), margin)
    return float(measured.value.flat[index]), float(measured.standard_error.flat[index]), decision


def _number(value: float, standard_error: float) -> str:
    return f"{value:.3g}" + (f" ± {standard_error:.2g}" if standard_error else "")


def _table(claim: Claim) -> str:
    """HTML table of one claim; the mark repeats in shape and words what the colour says."""
    passed = "passed" if claim.passed else "failed"
    mark = "✓" if claim.passed else "✗"
    entries = f" (decisive of {claim.entries})" if claim.entries > 1 else ""
    control_entries = f" (decisive of {claim.control_entries})" if claim.control_entries > 1 else ""
    measured = _number(claim.value, claim.standard_error)
    control = _number(claim.control_value, claim.control_standard_error)
    rows = [
        ("measured", f"{measured}{entries}", claim.verdict),
        ("must be", f"{claim.target:g} ± {claim.margin:.3g}", "margin stated beforehand"),
        (
            f"control: {claim.control_statement}",
            f"{control}{control_entries}",
            claim.control_verdict,
        ),
    ]
    body = "".join(
        "<tr>"
        + f'<th scope="row">{html.escape(row[0])}</th>'
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="claim claim-{passed}" id="claim-{html.escape(claim.id)}">'
        f"<p><strong>{mark} Claim {html.escape(claim.id)} {passed}.</strong> "
        f"{html.escape(claim.statement)}</p>"
        f"<table><tbody>{body}</tbody></table></div>"
    )
