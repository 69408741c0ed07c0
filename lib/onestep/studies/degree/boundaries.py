"""The points at which the book verifies the boundaries of the degree map, and their ladders.

Each boundary between degrees l and l + 1 has a segment where the spread decides and one where the
step does. A point on either side is tested with one pair of student and target,

    student  z + c He_p(z) / sqrt(p!),     target  s z + C He_p(z) / sqrt(p!),     p = l + 1,

in which degree p is present in both and no other degree beyond 1 is. The constants make the gap a
power of n at sizes that can be computed: small enough that it has not saturated, large enough to be
seen. For even p both signs of c are run on the same draws and averaged: terms odd in c have a
random sign and are noise; their mean cancels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from ... import activations
from ..._support import check
from ..._support.arrays import Array
from ...claims import Estimate, estimate
from ...degrees import gap_exponent
from ...network import HermiteModel, Model, Network, Problem
from ...theory import layer_errors
from ...theory.limit import Limit, coordinates

SIDES = ("low", "high")
"""Below and above a boundary, in strength."""


@dataclass(frozen=True)
class Boundary:
    """One segment of the boundary between degrees l and l + 1, with a point on either side.

    Segments are ``"spread"`` and ``"step"``, which of the two decides there, at an edge of the
    map; with ``"inner"`` before it, inside the map; with ``"rank"``, of several spikes per
    cluster; with ``"shifted"``, of three centres in a line; and ``"random"``, of a random
    direction. Degree l suffices at strength `low`, not at `high`; `student`, `linear` and
    `target` are the constants c, s and C, `samples` is m/n, and `separation` the chi of both
    points.

    Examples
    --------
    >>> boundary = Boundary("spread", 1, alpha=0.0, low=0.3, high=0.7, student=1.0)
    >>> boundary.exponent("low") < 0 < boundary.exponent("high"), boundary.signs
    (True, (1, -1))
    """

    segment: str
    degree: int
    alpha: float
    low: float
    high: float
    student: float
    linear: float = 0.0
    target: float = 0.0
    samples: int = 1
    rank: int = 1
    separation: tuple[float, float] | None = None

    @property
    def name(self) -> str:
        """Segment and degree in one word."""
        return f"{self.segment}/{self.degree}"

    @property
    def direction(self) -> str:
        """What the labels depend on, as for `onestep.degree`."""
        if self.separation is not None:
            return "shifted"
        return "random" if self.segment == "random" else "aligned"

    def beta(self, side: str) -> float:
        """Strength on the side ``"low"`` or ``"high"``."""
        return (self.low, self.high)[_index(side)]

    @property
    def signs(self) -> tuple[int, ...]:
        """Signs of c to average over: both for even p."""
        return (1, -1) if self.degree % 2 else (1,)

    def exponent(self, side: str) -> Fraction:
        """Exponent of the gap of degree l in the limit (`gap_exponent`)."""
        chi = 0.0 if self.separation is None else self.separation[_index(side)]
        return gap_exponent(self.alpha, self.beta(side), self.degree, self.direction, chi)

    def problem(self, side: str, n: int, sign: int = 1) -> Problem:
        """The problem of size n on one side; `sign` multiplies c. ``lambda k = 1``."""
        p = self.degree + 1
        unit = 1.0 / math.sqrt(math.factorial(p))
        # Labels of a random direction have a mean, which the student must be able to express.
        constant = "1 + " if self.direction != "aligned" else ""
        problem = Problem(
            n=n,
            m=self.samples * n,
            k=n,
            alpha=self.alpha,
            beta=self.beta(side),
            activation=f"{constant}z + {sign * self.student * unit:.12f}*he({p})",
            rank=self.rank,
            ridge=1.0 / n,
        )
        if self.separation is None:
            target = f"{self.linear}*z + {self.target * unit:.12f}*he({p})"
            return replace(problem, target=target, direction=self.direction)
        means = np.zeros((3, n))
        spacing = self.linear * n ** (self.separation[_index(side)] / 2)
        means[:, 0] = np.array([-1.0, 0.0, 1.0]) * spacing
        return replace(
            problem,
            target="class",
            weights=(1 / 3, 1 / 3, 1 / 3),
            means=tuple(map(tuple, means.tolist())),
            spread=0.0,
        )


def _index(side: str) -> int:
    return SIDES.index(check.choice("side", side, SIDES))


BOUNDARIES = (
    Boundary("spread", 1, 0.0, 0.35, 0.65, 0.3, 1.0, 1.0),
    Boundary("spread", 2, 0.0, 0.55, 0.85, 0.1, 1.0, 1.0),
    Boundary("spread", 3, 0.0, 0.68, 0.85, 0.03, 1.0, 1.0),
    Boundary("spread", 4, 0.0, 0.76, 0.9, 0.01, 1.0, 1.0),
    Boundary("step", 1, 1.0, 0.65, 0.9, 0.5, 0.4, 0.4, 4),
    Boundary("step", 2, 1.0, 0.77, 0.92, 0.1, 0.4, 0.2, 4),
    Boundary("step", 3, 1.0, 0.84, 0.92, 0.01, 0.8, 0.4, 4),
    Boundary("step", 4, 1.0, 0.88, 0.96, 0.01, 0.4, 0.2, 4),
    Boundary("random", 1, 0.95, 0.65, 0.95, 0.5, 1.5, 1.5, 4),
    Boundary("inner spread", 1, 0.25, 0.52, 0.78, 0.3, 1.0, 1.0),
    Boundary("inner spread", 2, 0.15, 0.7, 0.86, 0.1, 1.0, 1.0),
    Boundary("inner step", 1, 0.6, 0.65, 0.9, 0.5, 1.5, 1.5, 4),
    Boundary("inner step", 2, 0.6, 0.75, 0.92, 0.1, 1.5, 0.7, 4),
    Boundary("rank spread", 1, 0.0, 0.35, 0.65, 0.3, 1.0, 1.0, rank=3),
    Boundary("rank spread", 2, 0.0, 0.55, 0.75, 0.1, 1.0, 1.0, rank=3),
    Boundary("rank step", 1, 0.6, 0.65, 0.9, 0.5, 1.5, 1.5, 4, rank=3),
    Boundary("shifted spread", 1, 0.0, 0.0, 0.0, 0.3, 2.0, separation=(0.3, 0.65)),
    Boundary("shifted step", 1, 1.0, 0.45, 0.75, 0.3, 2.0, samples=4, separation=(0.2, 0.2)),
)
"""Both segments of every boundary up to l = 4, and the first boundary of a random direction."""


def measured_gap(boundary: Boundary, side: str, n: int, trial: int, seed: int = 0) -> float:
    """Gap of degree l of one trained layer, averaged over the sign of c for even p.

    In units of `onestep.theory.degree_gaps`.

    Examples
    --------
    >>> bool(measured_gap(BOUNDARIES[0], "low", n=50, trial=0) > 0)
    True
    """
    errors = [
        layer_errors(boundary.problem(side, n, sign), [boundary.degree], trial, seed)[1]
        for sign in boundary.signs
    ]
    return float(np.mean([model - network for network, model in errors]))


def predicted_gap(boundary: Boundary, side: str, sizes: Sequence[int]) -> Array:
    """Gap of degree l in the limit of many neurons, at each size.

    By `onestep.theory.limit.Limit`, with modes far below the kernel's ridge, as the gap falls with
    n. Averaged over the sign of c as `measured_gap` is.

    Examples
    --------
    >>> small, large = predicted_gap(BOUNDARIES[0], "low", [10**4, 10**6])
    >>> bool(large < small)
    True
    """
    found = [
        np.mean(
            [limit_gap(boundary.problem(side, n, sign), boundary.degree) for sign in boundary.signs]
        )
        for n in sizes
    ]
    return np.array(found)


def limit_gap(problem: Problem, degree: int) -> float:
    """Gap of a degree in the limit of many neurons, in units of `onestep.theory.degree_gaps`.

    Examples
    --------
    >>> problem = Problem(n=400, m=400, k=400, activation="he(2)", direction="aligned")
    >>> limit_gap(problem, 1) > 0.01, abs(limit_gap(problem, 2)) < 1e-9
    (True, True)
    """
    special = coordinates(problem)
    network, model = limit_errors(problem, [degree], share=1e-9)
    return 2 * (model - network) / special.labels.second_moment(special.inputs)


def limit_errors(problem: Problem, degrees: Sequence[int], share: float = 1e-2) -> list[float]:
    """Generalization errors in the limit: the network's, and those of polynomial models.

    By `onestep.theory.limit.Limit`, whose modes of less than a share of the ridge are left out.

    Examples
    --------
    >>> problem = Problem(activation="he(2)", direction="aligned")
    >>> network, line, parabola = limit_errors(problem, [1, 2])
    >>> abs(network / parabola - 1) < 1e-12, network < line
    (True, True)
    """
    special, student = coordinates(problem), activations.get(problem.activation)
    models: list[Model] = [Network(), *(HermiteModel(degree=degree) for degree in degrees)]
    errors = []
    for model in models:
        features = model.feature_map(student, problem.scale, 0)
        limit = Limit.of(special, problem.k, features, share=share)
        errors.append(limit.errors(problem.m, problem.ridge).generalization_error)
    return errors


def ladder_exponent(sizes: Sequence[int], gaps: Sequence[Array]) -> Estimate:
    """Exponent of the mean gap on a ladder, by least squares on a double logarithmic scale.

    Unlike `claims.exponent` it takes the logarithm of the mean over trials, not the mean of
    logarithms: a few neurons with large weights dominate high powers, and trials scatter. The
    standard error comes from the scatter at each size, to first order, with Satterthwaite's
    degrees of freedom. At least 2 sizes and 2 trials at each are needed, of positive mean.

    Examples
    --------
    >>> gaps = [np.array([4.0, 6.0]) / n for n in (10, 100)]
    >>> round(float(ladder_exponent([10, 100], gaps).value), 12)
    -1.0
    """
    x = np.log(np.asarray(sizes, dtype=float))
    means = np.array([np.mean(trials) for trials in gaps])
    counts = np.array([len(trials) for trials in gaps])
    if x.size != means.size or x.size < 2 or np.ptp(x) == 0 or counts.min() < 2:
        raise ValueError(f"sizes = {sizes!r} and trials {counts.tolist()}: 2 of each are needed")
    if means.min() <= 0:
        raise ValueError(f"gaps have the means {means.tolist()}: positive ones are needed")
    weight = (x - x.mean()) / np.sum((x - x.mean()) ** 2)
    relative = np.array([np.var(trials, ddof=1) for trials in gaps]) / (counts * means**2)
    parts = weight**2 * relative
    freedom = parts.sum() ** 2 / np.sum(parts**2 / (counts - 1))
    return estimate(weight @ np.log(means), math.sqrt(parts.sum()), float(freedom))
