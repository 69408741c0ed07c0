"""A problem: everything that defines one point of an experiment."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

from .._support import check
from ..inputs import CONSTRUCTIONS
from .losses import LOSSES
from .problem_fields import activation_name, is_sign, numbers, rows


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One setting of the paper, in its notation.

    Attributes
    ----------
    n, m, k
        Input dimension, number of samples (of the step and of the readout each), hidden width.
    alpha
        Weighting in [0, 1] between spread (0) and step size (1).
    beta
        Strength in [0, 1]: spread ``theta = n^{beta (1 - alpha)}``, step ``eta = n^{beta alpha}``.
    activation
        Name of the student's activation.
    target
        Name of the activation ``sigma_*`` that makes the labels, or ``"class"`` for labels +1
        (first cluster) and -1 (second), or one-hot vectors for more than two clusters.
    direction
        xi of the labels: ``"random"`` (Gaussian), ``"aligned"`` (along the sum of the first
        spikes), or n numbers, which are scaled to norm ``||Sigma||_op^{-1/2}`` as the others are.
        Without effect on class labels.
    weights
        ``rho``: probabilities of the clusters.
    rank
        d: spikes per cluster, all of strength theta.
    alignment
        Overlap in [-1, 1] between the spikes of the first and of every other cluster.
    construction
        ``"exact"``: spikes of one cluster are orthonormal and the overlap is exact.
        ``"published"``: as in the paper's experiments, where both hold up to O(n^{-1/2}) only.
    strengths
        None for spikes that all have strength theta; or one row of d numbers >= 0 for each cluster,
        in units of theta, with equal sums.
    spread, step
        None for the powers of n above; or theta >= 0 and eta >= 0 themselves, in their place.
    means
        None for centred clusters, or one mean vector of length n for each cluster.
    noise
        ``delta`` >= 0: standard deviation of the label noise.
    ridge
        lambda > 0 of the readout.
    loss
        Of the readout, a name in `onestep.network.LOSSES`: ``"square"``, ``"logistic"``,
        ``"hinge"`` or ``"huber"`` (of threshold 1). The step is by the square loss in any case.
        Others than the square take one output: class labels of two clusters, or numbers. The
        logistic and the hinge see signs without label noise: of numbers, ``"sign(z)"`` say.
    intercept
        Whether the readout has one, without ridge.

    Raises
    ------
    ValueError
        If an argument is out of its range; the message names it, its value and what is allowed.

    References
    ----------
    The setting and Figures 1-2 of arXiv 2503.00856; the book's chapter *The setting*.

    Examples
    --------
    >>> problem = Problem(n=100, m=200, k=150, alpha=0.25, beta=0.5)
    >>> round(problem.theta * problem.eta, 6)  # n^beta
    10.0
    >>> round(problem.trace * problem.scale**2, 6)  # n
    100.0
    >>> Problem(beta=1.5)
    Traceback (most recent call last):
        ...
    ValueError: beta = 1.5 is not allowed: a number in [0, 1] is needed
    """

    n: int = 1000
    m: int = 1000
    k: int = 1000
    alpha: float = 0.5
    beta: float = 0.74
    activation: str = "relu"
    target: str = "relu"
    direction: str | tuple[float, ...] = "random"
    weights: tuple[float, ...] = (0.5, 0.5)
    rank: int = 1
    alignment: float = 0.0
    means: tuple[tuple[float, ...], ...] | None = None
    noise: float = 0.0
    ridge: float = 1e-4
    construction: str = "exact"
    strengths: tuple[tuple[float, ...], ...] | None = None
    spread: float | None = None
    step: float | None = None
    loss: str = "square"
    intercept: bool = False

    def __post_init__(self) -> None:
        """Check every field, and give it the one type under which equal problems are equal."""
        checked: dict[str, Any] = {
            "n": check.integer("n", self.n, 2),
            "m": check.integer("m", self.m, 2),
            "k": check.integer("k", self.k, 1),
            "rank": check.integer("rank", self.rank, 1),
            "alpha": check.number("alpha", self.alpha, 0.0, 1.0),
            "beta": check.number("beta", self.beta, 0.0, 1.0),
            "alignment": check.number("alignment", self.alignment, -1.0, 1.0),
            "noise": check.number("noise", self.noise, 0.0),
            "ridge": check.positive("ridge", self.ridge),
            "direction": self._checked_direction(),
            "construction": check.choice("construction", self.construction, CONSTRUCTIONS),
            "activation": activation_name("activation", self.activation),
            "loss": check.choice("loss", self.loss, LOSSES),
            "intercept": check.instance("intercept", self.intercept, bool),
            "weights": numbers("weights", self.weights),
        }
        check.keep(self, **checked)
        if min(self.weights) < 0 or abs(math.fsum(self.weights) - 1) > 1e-12:
            raise ValueError(
                f"weights = {self.weights!r} is not allowed: numbers >= 0 that sum to 1 are needed"
            )
        if self.target != "class":
            check.keep(self, target=activation_name("target", self.target))
        elif len(self.weights) < 2:
            raise ValueError(
                f"target = 'class' is not allowed with weights = {self.weights!r}: "
                "class labels need at least 2 clusters"
            )
        self._check_loss()
        for name in ("spread", "step"):
            value = getattr(self, name)
            if value is not None:
                check.keep(self, **{name: check.number(name, value, 0.0)})
        if len(self.weights) * self.rank > self.n:
            raise ValueError(
                f"rank = {self.rank} is not allowed: len(weights) * rank = "
                f"{len(self.weights) * self.rank} must not exceed n = {self.n}"
            )
        if (self.direction, self.alignment, len(self.weights)) == ("aligned", -1.0, 2):
            raise ValueError(
                "alignment = -1.0 is not allowed with direction = 'aligned' and two clusters: "
                "their first spikes cancel, and have no common direction"
            )
        if self.means is not None:
            means = rows("means", self.means, len(self.weights), self.n)
            check.keep(self, means=means)
        if self.strengths is not None:
            found = rows("strengths", self.strengths, len(self.weights), self.rank)
            sums = [math.fsum(row) for row in found]
            if min(map(min, found)) < 0 or max(sums) - min(sums) > 1e-9 * max(sums):
                raise ValueError(
                    f"strengths = {found!r} is not allowed: numbers >= 0 with equal sums over "
                    "the clusters are needed"
                )
            check.keep(self, strengths=found)

    def _check_loss(self) -> None:
        margin, free = LOSSES[self.loss].margin, self.target != "class"
        two = not free and len(self.weights) == 2
        signs = (two or (free and is_sign(self.target))) and not self.noise
        if not (self.simple or (signs if margin else two or free)):
            raise ValueError(
                f"loss = {self.loss!r}, intercept = {self.intercept!r} are not allowed with target "
                f"= {self.target!r}, weights = {self.weights!r}, noise = {self.noise!r}: class "
                f"labels of two clusters or {'signs, without noise,' if margin else 'numbers'} "
                "are needed"
            )

    @property
    def simple(self) -> bool:
        """Whether the readout is plain ridge regression: the square loss without intercept."""
        return self.loss == "square" and not self.intercept

    def require_simple(self, what: str) -> None:
        """Refuse, by a ValueError, a loss or an intercept that `what` does not cover.

        Examples
        --------
        >>> Problem(loss="huber").require_simple("the limit")
        Traceback (most recent call last):
            ...
        ValueError: loss = 'huber' and intercept = False are not allowed: the limit covers the \
square loss without intercept
        """
        if not self.simple:
            raise ValueError(
                f"loss = {self.loss!r} and intercept = {self.intercept!r} are not allowed: {what} "
                "covers the square loss without intercept"
            )

    def _checked_direction(self) -> str | tuple[float, ...]:
        if isinstance(self.direction, str):
            return check.choice("direction", self.direction, ("random", "aligned"))
        xi = numbers("direction", self.direction)
        if len(xi) != self.n or not 0 < math.hypot(*xi) < 1e150:
            raise ValueError(
                f"direction has {len(xi)} numbers of norm {math.hypot(*xi):.3g}; n = {self.n} of a "
                "norm above 0 and below 1e150 are needed"
            )
        return xi

    @property
    def theta(self) -> float:
        """Spread: variance ``n^{beta (1 - alpha)}`` that every spike adds, or `spread`."""
        if self.spread is not None:
            return self.spread
        return float(self.n ** (self.beta * (1.0 - self.alpha)))

    @property
    def eta(self) -> float:
        """Step size ``n^{beta alpha}``, or `step`."""
        if self.step is not None:
            return self.step
        return float(self.n ** (self.beta * self.alpha))

    @property
    def trace(self) -> float:
        """``tr`` = Tr Sigma_c = n + d theta, or n plus the strengths of one cluster."""
        total = self.rank if self.strengths is None else math.fsum(self.strengths[0])
        return self.n + total * self.theta

    @property
    def scale(self) -> float:
        """``b = sqrt(n / tr)``: size of a neuron's bulk preactivation."""
        return math.sqrt(self.n / self.trace)

    def to_dict(self) -> dict[str, Any]:
        """All fields by name: what identities are made of.

        Without loss and intercept where these are the paper's: older identities stay as they were.
        """
        later = {"loss": "square", "intercept": False}
        return {
            name: value
            for name, value in asdict(self).items()
            if not (name in later and value == later[name])
        }

    def to_json(self) -> str:
        """`to_dict` as canonical JSON; floats by their shortest exact decimals."""
        return json.dumps(self.to_dict(), sort_keys=True)

    def draw_key(self) -> dict[str, Any]:
        """The fields that shape the random draws; they key the generators of `simulate`.

        Activation, target, label noise and readout act on finished draws. They stay out, so that
        problems which differ only in them see the same draws and can be compared in pairs.
        """
        downstream = ("activation", "target", "noise", "ridge", "loss", "intercept")
        # Fields that came later enter where they are used only: older draws stay what they were.
        later = {"construction": "exact", "strengths": None, "spread": None, "step": None}
        return {
            name: value
            for name, value in asdict(self).items()
            if name not in downstream and not (name in later and value == later[name])
        }
