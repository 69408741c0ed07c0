"""The special coordinates of an input: the finitely many directions along which it is not noise.

They are the spikes of all clusters, the means, the direction xi of the labels, and the direction of
the sampling noise of the step. In these coordinates, kappa, an input is again a Gaussian mixture;
all other dimensions are isotropic and tell nothing of the label. Nothing here is random: what the
random objects of a trial are in the limit of large n stands in their place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import hadamard

from ... import activations, hermite
from ..._support.arrays import Array, unit
from ...activations import Activation
from ...hermite import GaussianFunction
from ...inputs import (
    Classes,
    GaussianMixture,
    Labels,
    Mixture,
    SingleIndex,
    aligned_direction,
    scaled,
)
from ...network import Problem
from .layout import Layout


@dataclass(frozen=True)
class FirstStep:
    """What made the rows of the trained layer, in the special coordinates.

    Attributes
    ----------
    slope
        The student's derivative as the step takes it, whatever the features of the readout are: a
        jump of the activation counts nothing.
    variance, scale
        Of a row's coordinates before the step, and of its preactivation in the other dimensions.
    size
        ``eta / k``, the step of a neuron of unit second-layer weight.
    mean, noise
        ``E[x y^T]`` and its sampling noise, whose sum is v; each of shape (D, outputs).
    scatter
        Variance of the preactivation in the other dimensions that the step adds without a common
        direction, to a neuron of unit second-layer weight; shape (outputs,).

    Examples
    --------
    >>> small, large = (coordinates(Problem(n=100, m=100, k=100, step=s)).step for s in (1.0, 10.0))
    >>> large.size, small.noise.shape  # eta / k
    (0.1, (4, 1))
    """

    slope: Activation
    variance: float
    scale: float
    size: float
    mean: Array
    noise: Array
    scatter: Array


@dataclass(frozen=True, eq=False)  # equal to itself only, so that what follows from it is kept
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
    layout
        Which coordinates are what.

    Examples
    --------
    >>> special = coordinates(Problem(n=100, m=100, k=100, step=0.0))
    >>> tr = Problem(n=100).trace
    >>> np.allclose(special.neurons, np.eye(4) / tr), round(special.bulk_scale**2 * tr, 6)
    (True, 96.0)
    """

    inputs: GaussianMixture
    labels: Labels
    neurons: Array
    dimensions: int
    bulk_scale: float
    step: FirstStep
    layout: Layout

    def bulk_power(self, function: GaussianFunction) -> float:
        """``E f(b g)^2`` for a feature f of a neuron's bulk."""
        return float(function.second_moment(np.array([self.bulk_scale]), np.zeros(1))[0])


def coordinates(problem: Problem, overlaps: Sequence[float] | None = None) -> Coordinates:
    """Special coordinates of a problem, in the limit of large n.

    A drawn direction xi is not orthogonal, at finite n, to the drawn spikes and to the means: its
    overlaps with orthonormal directions of both are ``n^{-1/2}`` times standard normal numbers.
    Means are orthogonal to the spikes, as they are in the limit, and the published construction
    counts as the exact one.

    The row of neuron i is ``F_i + eta u_i v^T`` with ``u_i ~ N(0, (a_1/k)^2)`` and
    ``v = E[y x]`` plus sampling noise of norm ``(E y^2 n / m)^{1/2}`` in a direction of its own.
    So ``A = I / tr + (eta a_1 / k)^2 v v^T``, with a column of v for each output. The remainder of
    the step has no direction in common between neurons. To leading order it multiplies ``F_i`` by
    ``1 + (eta w_i / k^{1/2}) a_2 E y``, with ``a_2 = E sigma''(b g)``, and adds a vector of squared
    length ``(eta w_i / k^{1/2})^2 (n/m) E y^2 Var sigma'(b g)``: it makes the bulk larger, by
    O(n^{2 (alpha beta - 1)}).

    Source: the book's chapter *The network is kernel ridge regression*.

    Parameters
    ----------
    problem
        The setting.
    overlaps
        Of xi with the spikes' directions and with the span of the means, in units of ``n^{-1/2}``:
        one row of `overlap_signs`. None takes 1, the root mean square, for all of them.

    Raises
    ------
    ValueError
        If the special directions fill the input space, or the first spikes cancel and the labels
        are to be along their sum.

    Examples
    --------
    >>> special = coordinates(Problem(n=100, m=100, k=100))
    >>> special.neurons.shape, special.dimensions  # two spikes, xi, and the noise of the step
    ((4, 4), 96)
    """
    problem.require_one_step(
        "the limit (methods 'scalar', 'scalar-conditional'), in which rows are Gaussian,"
    )
    layout, inputs, given = _inputs(problem)
    dimensions = problem.n - inputs.n
    met = np.ones(layout.means.stop) if overlaps is None else np.asarray(overlaps, dtype=float)
    labels = _labels(problem, layout, inputs, given, met / math.sqrt(problem.n))
    power = output_powers(inputs, labels)
    noise = np.zeros((inputs.n, power.size))
    noise[layout.noise] = np.diag(np.sqrt(power * (dimensions + power.size) / problem.batch_size))
    mean = _mean_product(inputs, labels)
    v = mean + noise
    b = problem.scale
    sigma = activations.get(problem.activation)
    # Of sigma' as the step takes it: a jump of sigma counts nothing.
    h = hermite.coefficients(sigma.slope, 1, b)
    slope, curvature = float(h[0]), float(h[1]) / b
    step = problem.eta / problem.k
    common = step * curvature * np.linalg.norm(_mean_label(inputs, labels))
    square = float(hermite.mean_square_slope(problem.activation, b))
    scatter = step**2 * dimensions / problem.batch_size * power * max(square - slope**2, 0.0)
    variance = dimensions / problem.trace * (1 + common**2) + float(scatter.sum())
    return Coordinates(
        inputs=inputs,
        labels=labels,
        neurons=np.eye(inputs.n) / problem.trace + (step * slope) ** 2 * v @ v.T,
        dimensions=dimensions,
        bulk_scale=math.sqrt(variance),
        step=FirstStep(
            slope=sigma.slope,
            variance=1 / problem.trace,
            scale=math.sqrt(dimensions / problem.trace),
            size=step,
            mean=mean,
            noise=noise,
            scatter=scatter,
        ),
        layout=layout,
    )


def overlap_signs(problem: Problem) -> Array:
    """Overlaps at which what depends on their signs is to be averaged, shape (points, overlaps).

    A rule of two nodes for each overlap that matters, exact for quadratic functions of all of them:
    rows of a Hadamard matrix. Where spikes are orthogonal and clusters are centred, none matters.

    Examples
    --------
    >>> overlap_signs(Problem(n=100, m=100, k=100))
    array([[1., 1.]])
    >>> overlap_signs(Problem(n=100, m=100, k=100, alignment=0.5))  # of the second with the first
    array([[ 1.,  1.],
           [ 1., -1.]])
    """
    layout, _, given = _inputs(problem)
    first, spikes, end = problem.rank, layout.spikes.stop, layout.means.stop
    matter: list[int] = []
    if problem.target != "class":
        matter += range(spikes, end) if given is None else []
        oblique = problem.direction != "aligned" and 0 < abs(problem.alignment) < 1
        matter += range(first, spikes) if oblique else []
    if not matter:
        return np.ones((1, end))
    rule = hadamard(2 ** math.ceil(math.log2(len(matter) + 1)))
    signs = np.ones((len(rule), end))
    signs[:, matter] = rule[:, 1 : len(matter) + 1]
    return signs


def _inputs(problem: Problem) -> tuple[Layout, GaussianMixture, Array | None]:
    """Layout, law of the inputs, and a given direction of the labels on the span of the means."""
    clusters, rank = len(problem.weights), problem.rank
    Q, R = np.zeros((problem.n, 0)), np.zeros((0, clusters))
    if problem.means is not None:
        Q, sizes, turned = np.linalg.svd(np.asarray(problem.means).T, full_matrices=False)
        # A mean that is nothing beside the unit variance of the inputs has no coordinate.
        seen = sizes > 1e-12 * max(sizes.max(initial=0.0), 1.0)
        Q, R = Q[:, seen], sizes[seen, None] * turned[seen]
    by_class = problem.target == "class"
    # One-hot labels make a step of one direction for each output, each with a noise of its own.
    outputs = clusters if by_class and clusters > 2 else 1
    along_spikes = isinstance(problem.direction, str) and problem.direction == "aligned"
    layout = Layout.of(clusters * rank, len(R), int(not by_class and not along_spikes), outputs)
    D = layout.noise.stop
    if problem.n - D < 1:
        raise ValueError(f"n = {problem.n} is not allowed: more than {D} dimensions are needed")
    fresh = np.eye(D)[:, layout.spikes].reshape(D, clusters, rank).transpose(1, 0, 2)
    a = problem.alignment
    directions = a * fresh[:1] + np.sqrt(1 - a**2) * fresh
    directions[0] = fresh[0]
    relative = 1.0 if problem.strengths is None else np.asarray(problem.strengths)
    means = np.zeros((clusters, D))
    means[:, layout.means] = R.T
    inputs = GaussianMixture(
        weights=np.asarray(problem.weights),
        directions=directions,
        strengths=np.array(np.broadcast_to(problem.theta * relative, (clusters, rank))),
        means=means,
    )
    if isinstance(problem.direction, str):
        return layout, inputs, None
    direction = unit(np.asarray(problem.direction, dtype=float))
    return layout, inputs, Q.T @ direction


def _labels(
    problem: Problem,
    layout: Layout,
    inputs: GaussianMixture,
    given: Array | None,
    overlaps: Array,
) -> Labels:
    if problem.target == "class":
        return Classes(len(problem.weights), problem.noise)
    if problem.direction == "aligned":
        xi = aligned_direction(inputs)
        # The drawn spikes, and so their sum, meet the means by chance as well.
        xi[layout.means] += overlaps[layout.means] * np.linalg.norm(xi)
    else:
        xi = np.zeros(inputs.n)
        xi[: layout.means.stop] = overlaps
        if given is not None:
            xi[layout.means] = given
        xi[layout.direction] = np.sqrt(max(1 - float(xi @ xi), 0.0))
    return SingleIndex(scaled(xi, inputs), activations.get(problem.target), problem.noise)


def _mean_label(inputs: GaussianMixture, labels: Labels) -> Array:
    """``E y``, shape (outputs,)."""
    means = [labels.coefficients(inputs, c, 0)[0] for c in range(inputs.weights.size)]
    return np.atleast_1d(inputs.weights @ np.array(means))


def output_powers(inputs: Mixture, labels: Labels) -> Array:
    """``E y^2`` of every output."""
    if isinstance(labels, Classes) and labels.outputs:
        return inputs.weights + labels.noise**2
    return np.array([labels.second_moment(inputs)])


def _mean_product(inputs: GaussianMixture, labels: Labels) -> Array:
    """``E[x y^T]``, shape (D, outputs), by Stein's lemma within every cluster."""
    v = np.zeros((inputs.n, math.prod(labels.outputs)))
    for c, rho in enumerate(inputs.weights):
        a = labels.coefficients(inputs, c, 1).reshape(2, -1)
        v += rho * np.outer(inputs.means[c], a[0])
        v += rho * np.outer(inputs.covariance_times(c, labels.direction(inputs, c)), a[1])
    return v
