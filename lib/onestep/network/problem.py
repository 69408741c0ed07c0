"""A problem: everything that defines one point of an experiment."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

from .._support import check
from ..inputs import CONSTRUCTIONS
from . import problem_fields as field
from .losses import LOSSES
from .ridge import is_ridge_regression
from .step import SECOND_LAYERS
from .training import BATCHES, UPDATES


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One setting of the paper, in its notation.

    No quantity may exceed 1e30, so that what formulas make of several stays finite.

    Attributes
    ----------
    n, m, k
        Input dimension, number of samples (of a step and of the readout each), hidden width.
    alpha, beta
        Weighting in [0, 1] between spread (0) and step size (1), and strength in [0, 1]: spread
        ``theta = n^{beta (1 - alpha)}``, step ``eta = n^{beta alpha}``.
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
    rank, alignment
        d: spikes per cluster; and the overlap in [-1, 1] between the spikes of the first and of
        every other cluster.
    construction
        ``"exact"``: spikes of one cluster are orthonormal and the overlap is exact.
        ``"published"``: as in the paper's experiments, where both hold up to O(n^{-1/2}) only.
    strengths
        None for spikes that all have strength theta; or one row of d numbers >= 0 for each cluster,
        in units of theta, with equal sums.
    spread, step
        None for the powers of n above; or theta >= 0 and eta >= 0 themselves, in their place; as
        step also a size for each of the `steps`.
    means
        None for centred clusters, or one mean vector of length n for each cluster.
    noise
        ``delta`` >= 0: standard deviation of the label noise.
    ridge
        lambda > 0 of the readout.
    loss, intercept
        Of the readout: a name in `onestep.network.LOSSES`, and whether it has an intercept, without
        ridge. The step is by the square loss in any case. The logistic and the hinge see classes
        or signs, ``target="sign(z)"`` say, without label noise; three and more classes one by one
        against the rest, each by a readout of its own.
    steps, batch, step_samples
        Number of steps on the first layer, >= 1; whether each sees a sample of its own
        (``"fresh"``) or all that of the first (``"reused"``); its size, None for m.
    second_layer
        ``"gaussian"`` or ``"signs"`` of the same mean square, 1/k.
    update, decay
        Kind of the steps, a name in `onestep.network.UPDATES`; and weight decay >= 0, at most
        1 / eta: ``F <- (1 - eta decay) F + eta U``.

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
    step: float | tuple[float, ...] | None = None
    loss: str = "square"
    intercept: bool = False
    steps: int = 1
    batch: str = "fresh"
    step_samples: int | None = None
    second_layer: str = "gaussian"
    update: str = "gradient"
    decay: float = 0.0

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
            "noise": check.magnitude("noise", self.noise),
            "ridge": check.positive("ridge", self.ridge, check.MAGNITUDE),
            "direction": field.direction(self.direction, self.n),
            "construction": check.choice("construction", self.construction, CONSTRUCTIONS),
            "activation": field.activation_name("activation", self.activation),
            "loss": check.choice("loss", self.loss, LOSSES),
            "intercept": check.instance("intercept", self.intercept, bool),
            "weights": field.numbers("weights", self.weights),
        }
        check.keep(self, **checked)
        if min(self.weights) < 0 or abs(math.fsum(self.weights) - 1) > 1e-12:
            raise ValueError(
                f"weights = {self.weights!r} is not allowed: numbers >= 0 that sum to 1 are needed"
            )
        if self.target != "class":
            check.keep(self, target=field.activation_name("target", self.target))
        elif len(self.weights) < 2:
            raise ValueError(
                f"target = 'class' is not allowed with weights = {self.weights!r}: "
                "class labels need at least 2 clusters"
            )
        field.require_suitable_loss(self.loss, self.target, self.noise)
        self._check_training()
        if self.spread is not None:
            check.keep(self, spread=check.magnitude("spread", self.spread))
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
            check.keep(self, means=field.rows("means", self.means, len(self.weights), self.n))
        if self.strengths is not None:
            found = field.strengths(self.strengths, len(self.weights), self.rank)
            check.keep(self, strengths=found)

    def _check_training(self) -> None:
        samples, steps = self.step_samples, check.integer("steps", self.steps, 1)
        check.keep(
            self,
            steps=steps,
            step=field.step(self.step, steps),
            batch=check.choice("batch", self.batch, BATCHES),
            step_samples=None if samples is None else check.integer("step_samples", samples, 1),
            second_layer=check.choice("second_layer", self.second_layer, SECOND_LAYERS),
            update=check.choice("update", self.update, UPDATES),
        )
        check.keep(self, decay=field.decay(self.decay, self.step_sizes))

    @property
    def simple(self) -> bool:
        """Whether the readout is plain ridge regression: the square loss without intercept."""
        return is_ridge_regression(self.loss, self.intercept)

    def require_simple(self, what: str) -> None:
        """Refuse, by a ValueError, a loss or an intercept that `what` does not cover."""
        if not self.simple:
            raise ValueError(
                f"loss = {self.loss!r} and intercept = {self.intercept!r} are not allowed: {what} "
                "covers the square loss without intercept"
            )

    def require_one_step(self, what: str) -> None:
        """Refuse, by a ValueError, a training other than the paper's: `what` does not cover it."""
        covered = {"steps": 1, "second_layer": "gaussian", "update": "gradient", "decay": 0.0}
        for name, value in covered.items():
            if getattr(self, name) != value:
                raise ValueError(
                    f"{name} = {getattr(self, name)!r} is not allowed: {what} covers one gradient "
                    "step, without decay, behind a Gaussian second layer"
                )

    @property
    def theta(self) -> float:
        """Spread: variance ``n^{beta (1 - alpha)}`` that every spike adds, or `spread`."""
        if self.spread is not None:
            return self.spread
        return float(self.n ** (self.beta * (1.0 - self.alpha)))

    @property
    def eta(self) -> float:
        """Step size ``n^{beta alpha}``, or `step`; of several sizes, the first."""
        return self.step_sizes[0]

    @property
    def step_sizes(self) -> tuple[float, ...]:
        """Size of every step."""
        if isinstance(self.step, tuple):
            return self.step
        eta = float(self.n ** (self.beta * self.alpha)) if self.step is None else self.step
        return (eta,) * self.steps

    @property
    def batch_size(self) -> int:
        """Samples of a step: `step_samples`, or m."""
        return self.m if self.step_samples is None else self.step_samples

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
        """All fields, but for later ones where they are the paper's: identities are of these."""
        values = asdict(self)
        return {name: each for name, each in values.items() if (name, each) not in field.PAPER}

    def to_json(self) -> str:
        """`to_dict` as canonical JSON; floats by their shortest exact decimals."""
        return json.dumps(self.to_dict(), sort_keys=True)

    def draw_key(self) -> dict[str, Any]:
        """The fields that key the generators of `simulate`.

        Activation, target, label noise, readout and training act on draws. They stay out, so that
        problems which differ only in them see the same draws and can be compared in pairs.
        """
        downstream = {"activation", "target", "noise", "ridge"} | {name for name, _ in field.PAPER}
        if isinstance(self.step, tuple):
            downstream.add("step")
        # Fields that came later enter where they are used only: older draws stay what they were.
        later = {"construction": "exact", "strengths": None, "spread": None, "step": None}
        return {
            name: value
            for name, value in asdict(self).items()
            if name not in downstream and not (name in later and value == later[name])
        }
