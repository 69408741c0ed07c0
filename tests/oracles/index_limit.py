"""Errors when the label's index is all that there is to learn, to leading order in n.

The mean of the features given the coordinates of the input defines a kernel, averaged over neurons;
the rest is a bulk of one size. Two coordinates matter for a single-index label: its index g and the
noise direction nu of the step, both standard normal. In cluster c, neuron i sees

    z_i = bulk + A_ic g + b_i (signal g + noise nu),    b_i ~ N(0, 1),

with A_ic ~ N(0, spread^2) from the first layer before the step. Sizes are those of leading order
(corrections of relative order ``theta / n`` and ``n^(beta - 1)`` are neglected), the kernel is
averaged over drawn A and b, and its degrees of freedom count without the slope s of the ridge, as
modes are few against m samples. The expansion of a feature is the library's; nothing else is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from onestep import activations, hermite
from onestep._support.arrays import Array
from onestep.hermite import GaussianFunction, OfActivation, gauss, product
from onestep.network import Model, Problem
from onestep.spectrum import Bulk
from onestep.theory.limit.kernel_series import conditional_series, monomials

_DEGREE = 12  # largest total degree of the basis; label power above it cannot be learned

_NODES = 11


@dataclass(frozen=True)
class Coupling:
    """How one neuron sees the label's index and the step's noise, in units of a preactivation.

    spread: standard deviation of A_ic; overlap: correlation of A_ic between two clusters; signal,
    noise: what the step gives to the index, and its sampling noise; index_scale: standard deviation
    of the label's index ``xi^T x`` within a cluster.
    """

    spread: float
    overlap: float
    signal: float
    noise: float
    index_scale: float


def coupling(problem: Problem) -> Coupling:
    """Sizes for centred clusters of equal weight with a spike each, and a single-index target."""
    clusters, theta = len(problem.weights), problem.theta
    top = 1.0 + theta / clusters  # operator norm of the mean covariance
    if problem.direction == "aligned":
        # Sigma_c xi in units of ||xi||: its square, and its product with another cluster's.
        own, other = 1.0 + (2.0 * theta + theta**2) / clusters, 1.0 + 2.0 * theta / clusters
        index_scale, spread, gain = 1.0, own / top, top
    else:
        # xi meets the spikes by O(n^{-1/2}) only, which is neglected.
        own = other = 1.0
        index_scale, spread, gain = top**-0.5, 1.0, top**-0.5
    target = activations.get(problem.target)
    h = hermite.coefficients(target, 1, index_scale)
    y2 = float(hermite.second_moment(target, index_scale)) + problem.noise**2
    # Of sigma' as the step takes it: the bulk of the features counts jumps, the step does not.
    student = activations.get(problem.activation).slope
    slope = float(hermite.coefficients(student, 0, problem.scale)[0])
    step = problem.eta * slope / problem.k
    return Coupling(
        spread=math.sqrt(spread / problem.trace),
        overlap=other / own,
        signal=step * gain * float(h[1]) / index_scale,
        noise=step * math.sqrt(y2 * problem.n / problem.m),
        index_scale=index_scale,
    )


def index_limit(problem: Problem, models: Sequence[Model]) -> Array:
    """Training and generalization error of each model, shape (2, models)."""
    seen = coupling(problem)
    activation, target = activations.get(problem.activation), activations.get(problem.target)
    one, zero = np.array([seen.index_scale]), np.zeros(1)
    label = OfActivation(target)
    y = np.zeros(len(_BASIS))
    y[_BASIS[:, 1] == 0] = label.coefficients(_DEGREE, one, zero)[0]
    y2 = float(label.second_moment(one, zero)[0]) + problem.noise**2
    bulk = Bulk.of(problem.activation, problem.k, problem.n, problem.scale)
    rows = []
    for model in models:
        gaussian = model.feature_map(activation, problem.scale, 1).gaussian
        same, cross = _kernels(gaussian, seen, problem.scale)
        rows.append(_ridge_regression(problem, bulk, same, cross, y, y2))
    return np.transpose(rows)


# Orders (p, q) of the basis He_p(g) He_q(nu) / sqrt(p! q!), p + q <= _DEGREE.
_BASIS = np.array([(p, q) for p in range(_DEGREE + 1) for q in range(_DEGREE + 1 - p)])


def _kernels(function: GaussianFunction, seen: Coupling, scale: float) -> tuple[Array, Array]:
    """Kernel in the basis, for two inputs of one cluster and of two different clusters."""
    grid, weights = product([gauss(_NODES)] * 3)
    b, common, own = grid.T
    A = math.sqrt(seen.overlap) * common + math.sqrt(1.0 - seen.overlap) * own
    y = np.column_stack([seen.spread * A + seen.signal * b, seen.noise * b])
    # Expanded at every point: at the largest n eigenvalues count that a table would not resolve.
    [(series, _)] = conditional_series(function, _DEGREE, scale, [y], [np.zeros(len(y))])
    features = series[:, _BASIS.sum(axis=1)] * monomials(y, _BASIS)
    rows = np.sqrt(weights)[:, None] * features
    # Clusters share b and the common part of A; the mean over the rest is what they have in common.
    _, inner = gauss(_NODES)
    shared = np.tensordot(rows.reshape(-1, _NODES, len(_BASIS)), np.sqrt(inner), axes=(1, 0))
    return rows.T @ rows, shared.T @ shared


def _ridge_regression(
    problem: Problem, bulk: Bulk, same: Array, cross: Array, y: Array, y2: float
) -> tuple[float, float]:
    """Errors of kernel ridge regression on the coordinates."""
    clusters, k, m = len(problem.weights), problem.k, problem.m
    mean, vectors = np.linalg.eigh((same + (clusters - 1) * cross) / clusters)
    mean = np.maximum(mean, 0.0)
    contrast = np.maximum(np.linalg.eigvalsh((same - cross) / clusters), 0.0)
    ev = np.concatenate([mean, np.tile(contrast, clusters - 1)])
    ridge = problem.ridge * k

    def excess(log_omega: float) -> float:
        omega = math.exp(log_omega)
        delta = 1.0 / (k * float(bulk.resolvent(omega)))
        df1 = float(bulk.df1(omega)) + float(np.sum(ev / (ev + delta)))
        return omega * (1.0 - df1 / m) - ridge

    # omega = ridge + omega df1 / m lies between the ridge and what the trace of the features adds.
    high = ridge + k * (bulk.mean + float(ev.sum()) * k) / m
    omega = math.exp(
        optimize.brentq(excess, math.log(ridge), math.log(high) + 1e-9, xtol=1e-13, rtol=1e-13)
    )
    r = float(bulk.resolvent(omega))
    delta = 1.0 / (k * r)
    df2 = float(bulk.df2(omega)) + float(np.sum((ev / (ev + delta)) ** 2))
    c = vectors.T @ y
    f = mean / (mean + delta) * c
    slope = omega * float(bulk.squared_resolvent(omega)) / r  # d log delta / d log omega
    bias = y2 - float(2.0 * f @ c - f @ f) + (1.0 - slope) * float(f @ (c - f))
    training = 0.5 * ridge / omega * (y2 - float(f @ c))
    return training, 0.5 * bias / (1.0 - df2 / m)
