"""Data and laws whose verdict is known beforehand."""

from __future__ import annotations

import numpy as np

from ..._support import streams
from ..._support.arrays import Array
from ...experiment.own_network import OwnNetwork
from ...inputs import Data, DenseMixture


def gaussian(mixture: DenseMixture, size: int, rng: np.random.Generator) -> Data:
    """Data that are Gaussian: drawn from a mixture.

    Examples
    --------
    >>> mixture = power_law(6, 1.5, np.random.default_rng(0))
    >>> gaussian(mixture, 90, np.random.default_rng(1)).X.shape
    (90, 6)
    """
    return Data.of(*mixture.sample(size, rng))


def clustered(n: int, size: int, rng: np.random.Generator, distance: float = 6.0) -> Data:
    """Data that are not: each class is a pair of clusters, which its covariance calls an axis.

    Inputs are N(0, I) around ``+-distance e_1`` in the first class and ``+-distance e_2`` in the
    second: the exclusive or.

    Examples
    --------
    >>> data = clustered(10, 20000, np.random.default_rng(0))
    >>> [float(data.X[data.y == c, 0].var().round()) for c in (0, 1)]
    [37.0, 1.0]
    """
    y, X = rng.integers(0, 2, size), rng.standard_normal((size, n))
    X[np.arange(size), y] += distance * rng.choice([-1.0, 1.0], size)
    return Data.of(X, y)


def numbered(
    n: int, size: int, rng: np.random.Generator, curved: float = 0.0, noise: float = 0.3
) -> Data:
    """Inputs of covariance ``diag(25, 1, ..., 1)``, and numbers that are linear in them, or not.

    ``y = (1 - curved) beta^T (x_1 / 5, x_2, ...) + curved (x_1^2 / 25 - 1) / 2^{1/2} + noise eps``
    with beta on the sphere.

    Examples
    --------
    >>> line, curve = (numbered(20, 9000, np.random.default_rng(0), each) for each in (0.0, 1.0))
    >>> [bool(abs(np.corrcoef(data.X[:, 0] ** 2, data.y)[0, 1]) > 0.9) for data in (line, curve)]
    [False, True]
    """
    beta, g = rng.standard_normal(n), rng.standard_normal((size, n))
    y = (1 - curved) * g @ beta / np.linalg.norm(beta) + curved * (g[:, 0] ** 2 - 1) / np.sqrt(2)
    X = g * np.where(np.arange(n), 1.0, 5.0)
    return Data.of(X, y + noise * rng.standard_normal(size))


def decaying(n: int, exponent: float, trace: float = 1.0) -> Array:
    """Eigenvalues proportional to ``j^-exponent``, whose sum is the trace times n.

    Examples
    --------
    >>> decaying(2, 1.0, trace=3.0)
    array([4., 2.])
    """
    eigenvalues = np.arange(1, n + 1.0) ** -exponent
    return np.asarray(n * trace * eigenvalues / eigenvalues.sum())


def power_law(
    n: int, exponent: float, rng: np.random.Generator, traces: tuple[float, float] = (1.0, 1.0)
) -> DenseMixture:
    """Two centred classes with eigenvalues ``j^-exponent``, on axes of their own.

    Parameters
    ----------
    n
        Input dimension.
    exponent
        a >= 0; 0 gives multiples of the identity.
    rng
        Source of the axes.
    traces
        Of the classes, in units of n.

    Examples
    --------
    >>> mixture = power_law(50, 2.0, np.random.default_rng(0), (1.0, 3.0))
    >>> mixture.traces, round(float(mixture.eigenvalues(0)[-1] / mixture.eigenvalues(0)[-2]), 6)
    (array([ 50., 150.]), 4.0)
    """
    covariances = []
    for trace in traces:
        U, _ = np.linalg.qr(rng.standard_normal((n, n)))
        S = (U * decaying(n, exponent, trace)) @ U.T
        covariances.append((S + S.T) / 2)
    return DenseMixture(np.array([0.5, 0.5]), np.array(covariances), np.zeros((2, n)))


def network(inputs: DenseMixture, activation: str, seed: int) -> OwnNetwork:
    """150 random neurons in front of a mixture.

    Examples
    --------
    >>> network(power_law(9, 1.5, np.random.default_rng(0)), "relu", seed=0).weights.shape
    (150, 9)
    """
    rng = streams.generator("own data", "neurons", seed)
    return OwnNetwork(rng.standard_normal((150, inputs.n)) / np.sqrt(inputs.n), activation, inputs)


def off(
    inputs: DenseMixture,
    activation: str,
    *,
    trials: int,
    seed: int,
    instead: DenseMixture | None = None,
) -> Array:
    """How far a formula is from networks on Gaussians: 150 random neurons, 200 samples.

    Parameters
    ----------
    inputs
        The law of the inputs.
    activation
        Of the network.
    trials, seed
        Readouts; root seed.
    instead
        Inputs that the formula is told of, where they are others.

    Returns
    -------
    ndarray
        Relative difference of the generalization error of every readout from the formula's.

    Examples
    --------
    >>> mixture = power_law(100, 1.2, np.random.default_rng(0))
    >>> bool(abs(off(mixture, "relu", trials=4, seed=0).mean()) < 0.1)
    True
    """
    own, told = (network(each, activation, seed) for each in (inputs, instead or inputs))
    formula = told.predict(200, 1e-2, guarded=False).generalization_error
    found = own.simulate(200, 1e-2, trials=trials, seed=seed, source="gaussians")
    return np.asarray(found.generalization_error / formula - 1)
