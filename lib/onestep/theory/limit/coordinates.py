"""The special coordinates of an input: the finitely many directions along which it is not noise.

They are the spikes of all clusters, the means, the direction xi of the labels, and the direction of
the sampling noise of the step. In these coordinates, kappa, an input is again a Gaussian mixture;
all other dimensions are isotropic and tell nothing of the label. Nothing here is random: what the
random objects of a trial are in the limit of large n stands in their place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ... import activations, hermite
from ..._support.arrays import Array
from ...activations import Activation
from ...inputs import Classes, GaussianMixture, Labels, SingleIndex, scaled
from ...network import Problem


@dataclass(frozen=True)
class FirstStep:
    """What made the rows of the trained layer, in the special coordinates.

    Attributes
    ----------
    activation
        The student's: the step uses it whatever the features of the readout are.
    variance, scale
        Of a row's coordinates before the step, and of its preactivation in the other dimensions.
    size
        ``eta / k``, the step of a neuron of unit second-layer weight.
    noise
        Sampling noise of ``v = E[x y^T]``, shape (D, outputs).
    scatter
        Variance of the preactivation in the other dimensions that the step adds without a common
        direction, to a neuron of unit second-layer weight; shape (outputs,).
    """

    activation: Activation
    variance: float
    scale: float
    size: float
    noise: Array
    scatter: Array


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
        Size of a neuron's preactivation in those dimensions, root mean square over the neurons:
        ``sqrt((n - D) / tr)`` before the step, and a little more after it.
    step
        What made `neurons`, for spreads at which a row's step depends on the row.
    """

    inputs: GaussianMixture
    labels: Labels
    neurons: Array
    dimensions: int
    bulk_scale: float
    step: FirstStep


def coordinates(problem: Problem) -> Coordinates:
    """Special coordinates of a problem, in the limit of large n.

    A drawn direction xi and the drawn spikes are not orthogonal at finite n: their overlaps have
    the root mean square ``n^{-1/2}``, which is what is used. Means are orthogonal to the spikes, as
    they are in the limit, and the published construction counts as the exact one.

    The row of neuron i is ``F_i + eta u_i v^T`` with ``u_i ~ N(0, (a_1/k)^2)`` and
    ``v = E[y x]`` plus sampling noise of norm ``(E y^2 n / m)^{1/2}`` in a direction of its own.
    So ``A = I / tr + (eta a_1 / k)^2 v v^T``, with a column of v for each output. The remainder of
    the step has no direction in common between neurons. To leading order it multiplies ``F_i`` by
    ``1 + (eta w_i / k^{1/2}) a_2 E y``, with ``a_2 = E sigma''(b g)``, and adds a vector of squared
    length ``(eta w_i / k^{1/2})^2 (n/m) E y^2 Var sigma'(b g)``: it makes the bulk larger, by
    O(n^{2 (alpha beta - 1)}).

    Raises
    ------
    ValueError
        If the special directions fill the input space.
    """
    clusters, rank = len(problem.weights), problem.rank
    means = np.zeros((clusters, 0))
    if problem.means is not None:
        Q, R = np.linalg.qr(np.asarray(problem.means).T)
        means = R.T
    spikes, shifts = clusters * rank, means.shape[1]
    single = problem.target != "class"
    # One-hot labels make a step of one direction for each output, each with a noise of its own.
    outputs = clusters if not single and clusters > 2 else 1
    D = spikes + shifts + int(single) + outputs
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
    noise = np.zeros((D, outputs))
    power = _output_powers(inputs, law)
    noise[-outputs:] = np.diag(np.sqrt(power * (problem.n - D + outputs) / problem.m))
    v = _mean_product(inputs, law) + noise
    b = problem.scale
    h = hermite.coefficients(problem.activation, 2, b)
    slope, curvature = float(h[1]) / b, 2 * float(h[2]) / b**2
    step = problem.eta / problem.k
    A = np.eye(D) / problem.trace + (step * slope) ** 2 * v @ v.T
    common = step * curvature * np.linalg.norm(_mean_label(inputs, law))
    scatter = max(float(hermite.mean_square_slope(problem.activation, b)) - slope**2, 0.0)
    added = step**2 * (problem.n - D) / problem.m * power * scatter
    variance = (problem.n - D) / problem.trace * (1 + common**2) + float(added.sum())
    before = FirstStep(
        activation=activations.get(problem.activation),
        variance=1 / problem.trace,
        scale=float(np.sqrt((problem.n - D) / problem.trace)),
        size=step,
        noise=noise,
        scatter=added,
    )
    return Coordinates(inputs, law, A, problem.n - D, float(np.sqrt(variance)), before)


def _mean_label(inputs: GaussianMixture, law: Labels) -> Array:
    """``E y``, shape (outputs,)."""
    means = [law.coefficients(inputs, c, 0)[0] for c in range(inputs.weights.size)]
    return np.atleast_1d(inputs.weights @ np.array(means))


def _output_powers(inputs: GaussianMixture, law: Labels) -> Array:
    """``E y^2`` of every output."""
    if isinstance(law, Classes) and law.outputs:
        return inputs.weights + law.noise**2
    return np.array([law.second_moment(inputs)])


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
    """``E[x y^T]``, shape (D, outputs), by Stein's lemma within every cluster."""
    v = np.zeros((inputs.n, math.prod(law.outputs)))
    for c, rho in enumerate(inputs.weights):
        a = law.coefficients(inputs, c, 1).reshape(2, -1)
        v += rho * np.outer(inputs.means[c], a[0])
        v += rho * np.outer(inputs.covariance_times(c, law.direction(inputs, c)), a[1])
    return v
