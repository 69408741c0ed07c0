"""The outlier of the first-layer weights themselves: the learned direction as a singular vector.

The rows of ``F^ = F + eta G`` are noise but for what they share: on the special coordinates they
have the second moment ``A^``, of which ``A^ - I/tr`` is left when the noise is taken away, to
leading order ``(eta a_1/k)^2 v v^T``. So F^ is a matrix of iid entries of variance ``b^2/n`` plus
one of rank one and size s, ``s^2`` being k times the largest eigenvalue of ``A^ - I/tr``. With
``t = s/b`` and ``c = k/n`` the singular value ``b ((1 + t^2)(c + t^2))^{1/2} / t`` leaves the edge
``b (1 + c^{1/2})`` where ``t^4 > c``, with the squared cosines

    right, in input space:   1 - (c + t^2) / (t^2 (1 + t^2)),
    left, in neuron space:   1 - c (1 + t^2) / (t^2 (c + t^2)).

Source: Benaych-Georges and Nadakuditi (2012) for matrices with a rank-one part; Ba et al. (2022)
for the step. Derived in the book's chapter *One gradient step is nearly rank one*.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..._support.arrays import Array
from ...inputs import SingleIndex
from ...network import Problem
from .special_coordinates import coordinates, overlap_signs
from .trained_types import RESOLVED, trained_types


@dataclass(frozen=True)
class LayerOutlier:
    """Largest singular value of the trained layer, and what its vectors are.

    Attributes
    ----------
    edge
        Upper edge of the other singular values.
    singular_value
        NaN if hidden by them.
    index, step
        Squared cosines of the right singular vector, in input space, with xi (NaN for classes) and
        with v, the direction of the step; 0 if hidden.
    readout
        That of the left singular vector, in neuron space, with the second layer w; 0 if hidden.

    Examples
    --------
    >>> LayerOutlier(2.0, float("nan"), 0.0, 0.0, 0.0).edge
    2.0
    """

    edge: float
    singular_value: float
    index: float
    step: float
    readout: float


def layer_outlier(problem: Problem) -> LayerOutlier:
    """The outlier of the first-layer weights after the step, by formula.

    Source: the book's chapter *One gradient step is nearly rank one*.

    Parameters
    ----------
    problem
        Labels that are numbers, and do not depend on drawn overlaps of xi with spikes or means.

    Raises
    ------
    ValueError
        If the problem is not covered; the message names the field.

    Examples
    --------
    >>> found = layer_outlier(Problem(n=400, m=400, k=400, alpha=1.0, beta=0.9))
    >>> round(found.singular_value / found.edge, 2), round(found.step, 2)
    (2.05, 0.93)
    """
    require_no_overlaps(problem)
    special = coordinates(problem)
    v = special.step.mean + special.step.noise
    if v.shape[1] > 1:
        raise ValueError(
            f"target = {problem.target!r} is not allowed here with {v.shape[1]} classes: their "
            "step is of higher rank; labels that are numbers are needed"
        )
    u, scale, weights = trained_types(special, RESOLVED)
    # All n dimensions carry the noise, those of the special coordinates as well.
    b = math.sqrt(problem.n / special.dimensions * float(weights @ scale**2))
    shared = (u.T * weights) @ u - special.step.variance * np.eye(special.inputs.n)
    values, vectors = np.linalg.eigh(shared)
    c, square = problem.k / problem.n, problem.k * float(values[-1]) / b**2
    edge = b * (1 + math.sqrt(c))
    if square**2 <= c:
        return LayerOutlier(edge, math.nan, 0.0, 0.0, 0.0)
    right = 1 - (c + square) / (square * (1 + square))
    left = 1 - c * (1 + square) / (square * (c + square))
    labels, top = special.labels, vectors[:, -1]

    def along(direction: Array) -> float:
        return float(top @ direction) ** 2 / float(direction @ direction)

    return LayerOutlier(
        edge=edge,
        singular_value=b * math.sqrt((1 + square) * (c + square) / square),
        index=right * along(labels.xi) if isinstance(labels, SingleIndex) else math.nan,
        step=right * along(v[:, 0]),
        readout=left,
    )


def require_no_overlaps(problem: Problem) -> None:
    """Refuse problems in which spectra depend on the overlaps of a drawn xi.

    Raises
    ------
    ValueError
        If they do; the message names the field.
    """
    if len(overlap_signs(problem)) > 1:
        field = "alignment" if problem.means is None else "means"
        raise ValueError(
            f"{field}: spectra that depend on the drawn overlaps of xi are not covered; labels of "
            "orthogonal spikes and centred clusters, by class, or of a given direction are"
        )
