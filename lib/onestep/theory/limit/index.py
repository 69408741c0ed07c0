"""Errors in the limit of many neurons, when the label's index is all that there is to learn.

The features' mean given the coordinates of the input defines a kernel, averaged over neurons; the
rest of the features is a bulk. In this limit the readout is kernel ridge regression on those
coordinates, at a ridge that the bulk sets. Two coordinates matter for a single-index label: its
index g and the noise direction nu of the step, both standard normal. In cluster c, neuron i sees

    z_i = bulk + A_ic g + b_i (signal g + noise nu),    b_i ~ N(0, 1),

with A_ic ~ N(0, spread^2) from the first layer before the step. All other coordinates are counted
to the bulk, whose size is taken to be the same for every input: corrections of relative order
``theta / n`` are neglected.

The same kernel ridge regression as `onestep.theory.limit.kernel`, and other numbers on purpose: n
may be astronomically large here, so sizes are those of leading order (`coupling`, not
`coordinates`), the kernel is averaged over drawn A, b and not expanded about one covariance, and
its degrees of freedom count without the slope s of the ridge, as modes are few against m samples.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy import optimize

from ... import activations, hermite
from ..._support import check
from ..._support.arrays import Array
from ..._support.version import __version__
from ...degrees import default_degree
from ...hermite import GaussianFunction, OfActivation, gauss, product
from ...network import Model, Problem, named_models
from ...spectrum import Bulk
from .kernel_series import conditional_series, monomials

_DEGREE = 12
"""Largest total degree of the basis; label power above it counts as impossible to learn."""

_NODES = 11


@dataclass(frozen=True)
class Coupling:
    """How one neuron sees the label's index and the step's noise, in units of a preactivation.

    Attributes
    ----------
    spread
        Standard deviation of A_ic: what the first layer before the step gives to the index.
    overlap
        Correlation of A_ic between two clusters.
    signal, noise
        What the step gives to the index, and its sampling noise.
    index_scale
        Standard deviation of the label's index ``xi^T x`` within a cluster.

    Examples
    --------
    >>> problem = Problem(n=100, m=100, k=100)
    >>> seen = coupling(problem)  # xi across the spikes: what every cluster shows of it is the same
    >>> seen.overlap, round(seen.spread**2 * problem.trace, 12)
    (1.0, 1.0)
    """

    spread: float
    overlap: float
    signal: float
    noise: float
    index_scale: float


def coupling(problem: Problem) -> Coupling:
    """Sizes of a neuron's view of the label, to leading order in n.

    Parameters
    ----------
    problem
        Centred clusters of equal weight with an orthogonal spike each, and a single-index target.

    Raises
    ------
    ValueError
        If the problem is of another kind.

    Examples
    --------
    >>> aligned = coupling(Problem(n=10**6, m=10**6, k=10**6, direction="aligned"))
    >>> random = coupling(Problem(n=10**6, m=10**6, k=10**6))
    >>> aligned.signal > random.signal
    True
    """
    _require_simple(problem)
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


def index_limit(
    problem: Problem,
    models: Sequence[str | Model] = ("network", "hermite"),
    *,
    degree: int | None = None,
) -> xr.Dataset:
    """Training and generalization errors in the limit, without any random draw.

    Source: the book's chapter *Which degree?*.

    Parameters
    ----------
    problem
        As for `coupling`; n may be astronomically large. The derivation needs ``beta < 1``.
    models, degree
        As for `onestep.simulate`.

    Returns
    -------
    xarray.Dataset
        ``training_error``, ``generalization_error`` and ``delta``, the ridge of the kernel,
        dimension (model); ``attrs`` carry the problem, and ``label_power``, ``E y^2``.

    Raises
    ------
    ValueError
        If the problem is of another kind, or an argument is out of range.

    Examples
    --------
    >>> n = 10**8
    >>> strong = Problem(n=n, m=n, k=n, alpha=0.0, beta=0.7, direction="aligned", ridge=1e-9)
    >>> index_limit(strong, degree=1).generalization_error.values.round(4)  # degree 1 is too low
    array([0.0081, 0.0667])
    """
    resolved = named_models(models)
    degree = check.integer("degree", default_degree(problem) if degree is None else degree, 0)
    seen = coupling(problem)
    activation, target = activations.get(problem.activation), activations.get(problem.target)
    one, zero = np.array([seen.index_scale]), np.zeros(1)
    label = OfActivation(target)
    y = np.zeros(len(_BASIS))
    y[_BASIS[:, 1] == 0] = label.coefficients(_DEGREE, one, zero)[0]
    y2 = float(label.second_moment(one, zero)[0]) + problem.noise**2
    bulk = _bulk(problem)
    rows = []
    for model in resolved:
        gaussian = model.feature_map(activation, problem.scale, degree).gaussian
        same, cross = _kernels(gaussian, seen, problem.scale)
        rows.append(_ridge_regression(problem, bulk, same, cross, y, y2))
    names = ("training_error", "generalization_error", "delta")
    return xr.Dataset(
        {name: ("model", [row[i] for row in rows]) for i, name in enumerate(names)},
        coords={"model": [model.name for model in resolved]},
        attrs={"problem": problem.to_json(), "label_power": y2, "onestep_version": __version__},
    )


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
    features = monomials(y, _BASIS, series)
    rows = np.sqrt(weights)[:, None] * features
    # Clusters share b and the common part of A; the mean over the rest is what they have in common.
    _, inner = gauss(_NODES)
    shared = np.tensordot(rows.reshape(-1, _NODES, len(_BASIS)), np.sqrt(inner), axes=(1, 0))
    return rows.T @ rows, shared.T @ shared


def _ridge_regression(
    problem: Problem, bulk: Bulk, same: Array, cross: Array, y: Array, y2: float
) -> tuple[float, float, float]:
    """Errors of kernel ridge regression on the coordinates, and its ridge delta."""
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
    return training, 0.5 * bias / (1.0 - df2 / m), delta


def _bulk(problem: Problem) -> Bulk:
    return Bulk.of(problem.activation, problem.k, problem.n, problem.scale)


def _require_simple(problem: Problem) -> None:
    allowed = (
        "centred clusters of equal weight with an orthogonal spike each, and a single-index target"
    )
    problem.require_simple("the limit by the index")
    if problem.target == "class":
        raise ValueError(f"target = 'class' is not allowed: {allowed} are needed")
    if problem.rank != 1:
        raise ValueError(f"rank = {problem.rank!r} is not allowed: one spike a cluster is needed")
    if problem.strengths is not None:
        raise ValueError(f"strengths = {problem.strengths!r} is not allowed: equal ones are needed")
    if problem.means is not None:
        raise ValueError(f"means are not allowed: {allowed} are needed")
    if problem.alignment != 0.0:
        raise ValueError(f"alignment = {problem.alignment!r} is not allowed: {allowed} are needed")
    if np.ptp(problem.weights) > 1e-12:
        raise ValueError(f"weights = {problem.weights!r} is not allowed: {allowed} are needed")
