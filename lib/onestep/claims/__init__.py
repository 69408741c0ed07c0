"""Claims: statements that a chapter tests, each with a margin and a negative control.

A claim says that a measured quantity lies within a margin of its target. It is decided by two
one-sided tests (TOST): the quantity is *equivalent* to the target when its confidence interval lies
inside the margin, *different* when the interval lies outside, and *undecided* otherwise. A claim
passes when the measurement is equivalent **and** its negative control, the same test where theory
says that it must fail, is different: an undecided control shows that the test has no power.

>>> from onestep import claims
>>> ledger = claims.Ledger("dice")
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

Source: D. J. Schuirmann, J. Pharmacokinet. Biopharm. 15 (1987), for the two one-sided tests. An
array passes only if every entry does (intersection-union test), which needs no correction of the
level for the number of entries. A control of several entries fails if one of them does, each at the
level divided by their number (Bonferroni).
"""

from .estimates import Estimate, controlled, estimate, exact, exponent, ratio, sample
from .ledger import Claim, ClaimFailed, Ledger, Settlement, Verdict, verdict
from .rendering import CLAIM_MIME, LEDGER_MIME

__all__ = [
    "CLAIM_MIME", "LEDGER_MIME", "Claim", "ClaimFailed", "Estimate", "Ledger", "Settlement",
    "Verdict", "controlled", "estimate", "exact", "exponent", "ratio", "sample", "verdict",
]  # fmt: skip
