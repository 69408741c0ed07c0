"""A problem: everything that defines one point of an experiment."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from . import activations, check


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
        (first cluster) and -1 (second).
    direction
        xi of the labels: ``"random"`` (Gaussian) or ``"aligned"`` (along the sum of the first
        spikes). Without effect on class labels.
    weights
        ``rho``: probabilities of the clusters.
    rank
        d: spikes per cluster, all of strength theta.
    alignment
        Overlap in [-1, 1] between the spikes of the first and of every other cluster.
    means
        None for centred clusters, or one mean vector of length n for each cluster.
    noise
        ``delta`` >= 0: standard deviation of the label noise.
    ridge
        lambda > 0 of the readout.

    Raises
    ------
    ValueError
        If an argument is out of its range; the message names it, its value and what is allowed.

    References
    ----------
    The setting and Figures 1-2 of arXiv 2503.00856; the book's chapter *The setting*.
    """

    n: int = 1000
    m: int = 1000
    k: int = 1000
    alpha: float = 0.5
    beta: float = 0.74
    activation: str = "relu"
    target: str = "relu"
    direction: str = "random"
    weights: tuple[float, ...] = (0.5, 0.5)
    rank: int = 1
    alignment: float = 0.0
    means: tuple[tuple[float, ...], ...] | None = None
    noise: float = 0.0
    ridge: float = 1e-4

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
            "direction": check.choice("direction", self.direction, ("random", "aligned")),
            "activation": _activation("activation", self.activation),
            "weights": _numbers("weights", self.weights),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        if min(self.weights) < 0 or abs(math.fsum(self.weights) - 1) > 1e-12:
            raise ValueError(
                f"weights = {self.weights!r} is not allowed: numbers >= 0 that sum to 1 are needed"
            )
        if self.target != "class":
            object.__setattr__(self, "target", _activation("target", self.target))
        elif len(self.weights) != 2:
            raise ValueError(
                f"target = 'class' is not allowed with weights = {self.weights!r}: "
                "labels -1/+1 need exactly 2 clusters"
            )
        if len(self.weights) * self.rank > self.n:
            raise ValueError(
                f"rank = {self.rank} is not allowed: len(weights) * rank = "
                f"{len(self.weights) * self.rank} must not exceed n = {self.n}"
            )
        if self.means is not None:
            object.__setattr__(self, "means", self._checked_means())

    def _checked_means(self) -> tuple[tuple[float, ...], ...]:
        assert self.means is not None
        rows = tuple(_numbers("means", row) for row in self.means)
        if len(rows) != len(self.weights) or any(len(row) != self.n for row in rows):
            lengths = [len(row) for row in rows]
            raise ValueError(
                f"means has rows of lengths {lengths}; {len(self.weights)} rows of length "
                f"n = {self.n} are needed"
            )
        return rows

    @property
    def theta(self) -> float:
        """Spread: variance ``n^{beta (1 - alpha)}`` that every spike adds."""
        return float(self.n ** (self.beta * (1.0 - self.alpha)))

    @property
    def eta(self) -> float:
        """Step size ``n^{beta alpha}``."""
        return float(self.n ** (self.beta * self.alpha))

    @property
    def trace(self) -> float:
        """``tr`` = Tr Sigma_c = n + d theta."""
        return self.n + self.rank * self.theta

    @property
    def scale(self) -> float:
        """``b = sqrt(n / tr)``: size of a neuron's bulk preactivation."""
        return math.sqrt(self.n / self.trace)

    def to_json(self) -> str:
        """All fields as canonical JSON; floats by their shortest exact decimals."""
        return json.dumps(asdict(self), sort_keys=True)

    def draw_key(self) -> dict[str, Any]:
        """The fields that shape the random draws; they key the generators of `simulate`.

        Activation, target, label noise and ridge act on finished draws. They stay out, so that
        problems which differ only in them see the same draws and can be compared in pairs.
        """
        downstream = ("activation", "target", "noise", "ridge")
        return {name: value for name, value in asdict(self).items() if name not in downstream}


def _activation(name: str, value: str) -> str:
    try:
        return activations.get(value).name
    except ValueError as error:
        raise ValueError(f"{name} = {value!r} is not allowed: {error}") from None


def _numbers(name: str, values: Sequence[float]) -> tuple[float, ...]:
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise ValueError(f"{name} = {values!r} is not allowed: a sequence of numbers is needed")
    numbers = tuple(check.number(f"{name}[{i}]", value) for i, value in enumerate(values))
    if not numbers:
        raise ValueError(f"{name} = {values!r} is not allowed: at least one number is needed")
    return numbers
