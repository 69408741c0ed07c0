"""Which degree several fresh steps need: gaps by formula, on a ladder of n and as a map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ... import claims
from ..._support.arrays import Array
from ...network import Problem, draw
from ...theory import degree_gaps
from ..degree.boundaries import BOUNDARIES, limit_errors, limit_gap
from .fresh_steps import as_one_step

BOUNDARY = next(each for each in BOUNDARIES if (each.segment, each.degree) == ("step", 2))
"""Whose pair of student and target is used, on isotropic inputs."""


@dataclass(frozen=True)
class StepsLadder:
    """Gaps of degree 2 after several steps, at one side of its boundary and each of the sizes.

    ``measured``, trials at each size, in front of trained layers; ``limit`` and ``once``, (sizes,),
    where nothing is drawn: after as many steps, and after one. ``chance``, as many, of mean
    0: the excess of the second layers' sixth moment, on which the gap of degree 2 depends.
    """

    sizes: tuple[int, ...]
    measured: tuple[Array, ...]
    limit: Array
    once: Array
    chance: tuple[Array, ...]

    @classmethod
    def of(
        cls, side: str, steps: int, sizes: Sequence[int], trials: Sequence[int], seed: int = 0
    ) -> StepsLadder:
        """Compute one, with a number of trials for each size."""
        measured, chance, predicted = [], [], []
        for n, count in zip(sizes, trials, strict=True):
            problem = _problem_at(side, n, steps)
            measured.append(degree_gaps(problem, [BOUNDARY.degree], count, seed).gap.values[0])
            layers = (draw(problem, trial, seed).weights.w for trial in range(count))
            chance.append(np.array([np.mean((n * w**2) ** 3) / 15 - 1 for w in layers]))
            first, *_, last = as_one_step(problem)
            predicted.append([limit_gap(one, BOUNDARY.degree) for one in (last, first)])
        limit, once = np.array(predicted).T
        return cls(tuple(sizes), tuple(measured), limit, once, tuple(chance))

    def ratios(self, name: str) -> list[claims.Estimate]:
        """Measured gaps over ``"limit"`` or ``"once"``, at each size, freed of their chance."""
        units = getattr(self, name)
        parts = zip(self.measured, self.chance, units, strict=True)
        return [claims.controlled(values / unit, chance) for values, chance, unit in parts]


def _problem_at(side: str, n: int, steps: int) -> Problem:
    """The problem of size n below or above the boundary, after several fresh steps."""
    problem = BOUNDARY.problem(side, n)
    return replace(problem, weights=(1.0,), spread=0.0, direction="random", steps=steps)


def all_ratios(ladders: Iterable[StepsLadder], name: str) -> claims.Estimate:
    """Those of several ladders in one estimate."""
    return claims.gathered(each for one in ladders for each in one.ratios(name))


def gap_map(problem: Problem, strengths: Sequence[float], degree: int) -> Array:
    """Gap of a degree in the limit in units of the network's error, (strengths, steps).

    After each of the problem's steps, which have the size ``n^beta``.
    """
    found = []
    for beta in strengths:
        ones = as_one_step(replace(problem, step=float(problem.n) ** beta))
        errors = np.array([limit_errors(one, [degree]) for one in ones])
        found.append(errors[:, 1] / errors[:, 0] - 1)
    return np.array(found)
