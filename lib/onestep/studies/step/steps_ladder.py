"""Which degree several fresh steps need: gaps by formula, on a ladder of n and as a map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..._support.arrays import Array
from ...network import Problem
from ...theory import degree_gaps
from ..degree.boundaries import BOUNDARIES, limit_gap
from .fresh_steps import as_one_step

BOUNDARY = next(each for each in BOUNDARIES if (each.segment, each.degree) == ("step", 2))
"""Whose pair of student and target is used, on isotropic inputs."""


@dataclass(frozen=True)
class StepsLadder:
    """Gaps of degree 2 after several steps, at one side of its boundary and each of the sizes.

    ``measured``, (sizes, trials), in front of trained layers; ``limit`` and ``once``, (sizes,),
    where nothing is drawn: after as many steps, and after one.
    """

    sizes: tuple[int, ...]
    measured: Array
    limit: Array
    once: Array

    @classmethod
    def of(
        cls, side: str, steps: int, sizes: Sequence[int], trials: int, seed: int = 0
    ) -> StepsLadder:
        """Compute one."""
        measured, limit, once = [], [], []
        for n in sizes:
            problem = problem_at(side, n, steps)
            measured.append(degree_gaps(problem, [BOUNDARY.degree], trials, seed).gap.values[0])
            first, *_, last = as_one_step(problem)
            limit.append(limit_gap(last, BOUNDARY.degree))
            once.append(limit_gap(first, BOUNDARY.degree))
        return cls(tuple(sizes), np.array(measured), np.array(limit), np.array(once))


def problem_at(side: str, n: int, steps: int) -> Problem:
    """The problem of size n below or above the boundary, after several fresh steps."""
    problem = BOUNDARY.problem(side, n)
    return replace(problem, weights=(1.0,), spread=0.0, direction="random", steps=steps)


def gap_map(problem: Problem, strengths: Sequence[float], degree: int) -> Array:
    """`limit_gap` after each of the problem's steps, for step sizes ``n^beta``; (beta, steps)."""
    sizes = [replace(problem, step=float(problem.n) ** beta) for beta in strengths]
    return np.array([[limit_gap(one, degree) for one in as_one_step(each)] for each in sizes])
