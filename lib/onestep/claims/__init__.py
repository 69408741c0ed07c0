"""Claims: statements that a chapter tests, each with a margin and a negative control.

A claim says that a measured quantity lies within a margin of its target. It is decided by two
one-sided tests (TOST): the quantity is *equivalent* to the target when its confidence interval lies
inside the margin, *different* when the interval lies outside, and *undecided* otherwise. A claim
passes when the measurement is equivalent **and** its negative control, the same test where theory
says that it must fail, is different: an undecided control shows that the test has no power.

Source: D. J. Schuirmann, J. Pharmacokinet. Biopharm. 15 (1987), for the two one-sided tests. An
array passes only if every entry does (intersection-union test), which needs no correction of the
level for the number of entries. A control of several entries fails if one of them does, each at the
level divided by their number (Bonferroni).
"""

from .estimates import Estimate, controlled, estimate, exact, exponent, gathered, ratio, sample
from .ledger import Claim, ClaimFailed, Ledger, Settlement, Verdict, verdict
from .rendering import CLAIM_MIME, LEDGER_MIME

__all__ = [
    "CLAIM_MIME", "LEDGER_MIME", "Claim", "ClaimFailed", "Estimate", "Ledger", "Settlement",
    "Verdict", "controlled", "estimate", "exact", "exponent", "gathered", "ratio", "sample",
    "verdict",
]  # fmt: skip
