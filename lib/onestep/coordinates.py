"""The special coordinates of an input: the finitely many directions along which it is not noise.

They are the spikes of all clusters, the means, the direction xi of the labels, and the direction of
the sampling noise of the step. In these coordinates, kappa, an input is again a Gaussian mixture;
all other dimensions are isotropic and tell nothing of the label. Nothing here is random: what the
random objects of a trial are in the limit of large n stands in their place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import activations, hermite
from ._problem import Problem
from .labels import Classes, Labels, SingleIndex, scaled
from .mixture import Array, GaussianMixture


@dataclass(frozen=True)
class Coordinates:
    """The problem in its special coordinates.

    Attributes
    ----------
    inputs
        Law of kappa: a mixture in D dimensions.
    labels
        Law of the label given kappa.
    neurons
        A, shape (D, D): covariance of a row of the trained layer in these coordinates.
    dimensions
        ``n - D``: isotropic dimensions that are left.
    bulk_scale
        ``b = sqrt((n - D) / tr)``: size of a neuron's preactivation in those dimensions.
    """

    inputs: GaussianMixture
    labels: Labels
    neurons: Array
    dimensions: int
    bulk_scale: float


def coordinates(problem: Problem) -> Coordinates:
    """Special coordinates of a problem, in the limit of large n.

    A drawn direction xi and the drawn spikes are not orthogonal at finite n: their overlaps have
    the root mean square ``n^{-1/2}``, which is what is used. Means are orthogonal to the spikes, as
    they are in the limit, and the published construction counts as the exact one.

    The row of neuron i is ``F_i + eta u_i v^T`` with ``u_i ~ N(0, (a_1/k)^2)`` and
    ``v = E[y x]`` plus sampling noise of norm ``(E y^2 n / m)^{1/2}`` in a direction of its own.
    So ``A = I / tr + (eta a_1 / k)^2 v v^T``; the book derives it in the chapter on the rank-one
    step.

    Raises
    ------
    ValueError
        If labels are one-hot, or the special directions fill the input space.
    """
    clusters, rank = len(problem.weights), problem.rank
    if problem.target == "class" and clusters > 2:
        raise ValueError(
            f"target = 'class' is not allowed with {clusters} clusters here: labels must be numbers"
        )
    means = np.zeros((clusters, 0))
    if problem.means is not None:
        Q, R = np.linalg.qr(np.asarray(problem.means).T)
        means = R.T
    spikes, shifts = clusters * rank, means.shape[1]
    single = problem.target != "class"
    D = spikes + shifts + int(single) + 1
    if problem.n - D < 1:
        raise ValueError(f"n = {problem.n} is not allowed: more than {D} dimensions are needed")
    fresh = np.eye(D)[:, :spikes].reshape(D, clusters, rank).transpose(1, 0, 2)
    a = problem.alignment
    directions = a * fresh[:1] + np.sqrt(1 - a**2) * fresh
    directions[0] = fresh[0]
    relative = 1.0 if problem.strengths is None else np.asarray(problem.strengths)
    inputs = GaussianMixture(
        weights=np.asarray(problem.weights),
        directions=directions,
        strengths=np.array(np.broadcast_to(problem.theta * relative, (clusters, rank))),
        means=np.pad(means, ((0, 0), (spikes, D - spikes - shifts))),
    )
    law: Labels
    if single:
        law = SingleIndex(
            scaled(_direction(problem, directions, Q if shifts else None, D), inputs),
            activations.get(problem.target),
            problem.noise,
        )
    else:
        law = Classes(clusters, problem.noise)
    v = _mean_product(inputs, law)
    v[-1] = np.sqrt(law.second_moment(inputs) * (problem.n - D + 1) / problem.m)
    scale = float(np.sqrt((problem.n - D) / problem.trace))
    slope = float(hermite.coefficients(problem.activation, 1, problem.scale)[1]) / problem.scale
    step = problem.eta * slope / problem.k
    A = np.eye(D) / problem.trace + step**2 * np.outer(v, v)
    return Coordinates(inputs, law, A, problem.n - D, scale)


def _direction(problem: Problem, directions: Array, Q: Array | None, D: int) -> Array:
    """Xi up to its norm; the coordinate before the last is its own."""
    if problem.direction == "aligned":
        return np.asarray(directions[:, :, 0].sum(axis=0))
    xi = np.zeros(D)
    spikes = directions.shape[0] * directions.shape[2]
    xi[:spikes] = 1 / np.sqrt(problem.n)
    rest = 1 - spikes / problem.n
    if Q is not None and problem.direction != "random":
        given = np.asarray(problem.direction, dtype=float)
        along = Q.T @ given / np.linalg.norm(given)
        xi[spikes : spikes + Q.shape[1]] = along
        rest -= float(along @ along)
    xi[-2] = np.sqrt(max(rest, 0.0))
    return xi


def _mean_product(inputs: GaussianMixture, law: Labels) -> Array:
    """``E[y x]``, by Stein's lemma within every cluster."""
    v = np.zeros(inputs.n)
    for c, rho in enumerate(inputs.weights):
        a = law.coefficients(inputs, c, 1)
        v += rho * a[0] * inputs.means[c]
        v += rho * a[1] * inputs.covariance_times(c, law.direction(inputs, c))
    return v
