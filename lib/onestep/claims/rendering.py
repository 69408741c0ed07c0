"""How a claim is written, everywhere: in a chapter, in the ledger, in prose and on a terminal.

All functions take a *record*: the fields of a claim as `Claim.to_json` wrote them. A value, a
target and a margin have three digits, a standard error two; in prose the error decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import floor, log10
from typing import Any

CLAIM_MIME = "application/vnd.onestep.claim+json"
"""Type of a claim among the outputs of a notebook."""

LEDGER_MIME = "application/vnd.onestep.ledger+json"
"""Type of a settled ledger among the outputs of a notebook."""

Record = Mapping[str, Any]

_WANTED = {"verdict": "equivalent", "control_verdict": "different"}


def number(value: float, standard_error: float = 0.0) -> str:
    """A number, with its standard error where it has one.

    >>> print(number(0.12345, 0.01234), number(-0.5))
    0.123 ± 0.012 -0.5
    """
    return f"{value:.3g}" + (f" ± {standard_error:.2g}" if standard_error else "")


def prose_number(value: float, standard_error: float, *, per_cent: bool = False) -> str:
    """A number within a sentence: a true minus sign, as many digits as the error allows.

    The spaces around ± and before % do not break.

    >>> print(*prose_number(-0.4523, 0.0212).split())
    −0.45 ± 0.02
    >>> print(*prose_number(0.0132, 0.0101, per_cent=True).split())
    1.3 ± 1.0 %
    """
    scale, unit = (100.0, "\N{NO-BREAK SPACE}%") if per_cent else (1.0, "")
    value, standard_error = scale * value, scale * standard_error
    if not standard_error:
        text = f"{value:.2g}" + unit
    else:
        digits = max(0, 1 - floor(log10(standard_error)) - (f"{standard_error:.0e}"[0] != "1"))
        error = f"{standard_error:.{digits}f}"
        text = f"{value:z.{digits}f}\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}{error}" + unit
    return text.replace("-", "\N{MINUS SIGN}")


def measured(record: Record) -> str:
    """The measurement, such as ``0.0123 ± 0.0045``."""
    return number(record["value"], record["standard_error"])


def control(record: Record) -> str:
    """The measurement of the control."""
    return number(record["control_value"], record["control_standard_error"])


def entries(count: int) -> str:
    """What to add to a number that stands for several entries; nothing for one.

    >>> entries(8), entries(1)
    (' (decisive of 8)', '')
    """
    return f" (decisive of {count})" if count > 1 else ""


def control_entries(record: Record) -> str:
    """What to add to the control's number: how many of its entries show the claim's power."""
    count, different = record["control_entries"], record["control_different"]
    return f" (decisive of {count}, {different} of them different)" if count > 1 else ""


def region(record: Record) -> str:
    """Where the measurement must lie: target and margin."""
    return f"{number(record['target'])} ± {number(record['margin'])}"


def mark(good: bool, words: str) -> str:
    """Words behind a mark that repeats in shape what a colour says.

    >>> print(mark(True, "equivalent"))
    ✓ equivalent
    """
    return f"{'✓' if good else '✗'} {words}"


def as_it_must(record: Record, name: str) -> bool:
    """Whether ``"verdict"`` or ``"control_verdict"`` is what it must be for the claim to pass."""
    return bool(record[name] == _WANTED[name])


def text(record: Record) -> str:
    """One claim on three lines: statement, measurement, control."""
    head = "PASSED" if record["passed"] else "FAILED"
    return (
        f"{head} claim {record['id']}: {record['statement']}\n"
        f"  measured {measured(record)}, target {number(record['target'])}, "
        f"margin {number(record['margin'])}: {_judged(record, 'verdict')}\n"
        f"  control ({record['control_statement']}) {control(record)}: "
        f"{_judged(record, 'control_verdict')}"
    )


def html_line(record: Record) -> str:
    """One claim on one line of HTML."""
    verdict = "holds" if record["passed"] else "<strong>does not hold</strong>"
    return (
        f"{escape(record['id'])}: {verdict} (measured {measured(record)}: "
        f"{escape(record['verdict'])}; control: {escape(record['control_verdict'])})"
    )


def html_table(record: Record) -> str:
    """One claim as the box that a chapter shows."""
    passed = "passed" if record["passed"] else "failed"
    rows = [
        ("measured", f"{measured(record)}{entries(record['entries'])}", record["verdict"]),
        ("must be", region(record), "margin as registered"),
        (
            f"control: {record['control_statement']}",
            f"{control(record)}{control_entries(record)}",
            record["control_verdict"],
        ),
    ]
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        f"<td>{escape(shown)}</td><td>{escape(remark)}</td></tr>"
        for name, shown, remark in rows
    )
    name = escape(record["id"])
    return (
        f'<div class="claim claim-{passed}" id="claim-{name}">'
        f"<p><strong>{mark(record['passed'], f'Claim {name} {passed}.')}</strong> "
        f"{escape(record['statement'])}</p>"
        f"<table><tbody>{body}</tbody></table></div>"
    )


def counts(records: Sequence[Record]) -> tuple[int, int]:
    """How many measurements are equivalent, and how many controls are different."""
    hold, fail = (sum(as_it_must(each, name) for each in records) for name in _WANTED)
    return hold, fail


def summary(records: Sequence[Record], profile: str) -> str:
    """The claims of a build in a line; `profile` names the sizes that it computed with."""
    return f"{tally(*counts(records), len(records))} ({profile} profile)"


def tally(hold: int, fail: int, total: int) -> str:
    """Counts of claims in a line.

    >>> tally(2, 3, 3)
    'claims: 2 of 3 hold, 3 of 3 controls fail as they must'
    """
    return f"claims: {hold} of {total} hold, {fail} of {total} controls fail as they must"


def sentence(words: str) -> str:
    """A line as a sentence.

    >>> sentence("claims: none")
    'Claims: none.'
    """
    return f"{words[0].upper()}{words[1:]}."


def _judged(record: Record, name: str) -> str:
    return f"{record[name]} (must be {_WANTED[name]})"
