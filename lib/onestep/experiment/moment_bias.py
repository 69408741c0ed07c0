"""How far a formula is off because the moments of the data are those of finitely many inputs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..inputs import halves
from .own_network import OwnNetwork


def moment_bias(
    own: OwnNetwork, samples: int, ridge: float, loss: str = "square", *, intercept: bool = False
) -> float:
    """Bias of a predicted generalization error from the number of inputs, relatively.

    Means and covariances of N inputs have noise, which a formula takes for signal: its error is too
    small, by some c / N. So the moments of half of the inputs move it by as much again, which is
    what is returned, as the mean of both halves of every class.

    Parameters
    ----------
    own
        A network in front of an `onestep.inputs.EmpiricalMixture`.
    samples, ridge, loss, intercept
        As for `OwnNetwork.predict`.

    Raises
    ------
    ValueError
        If the network has a mixture, of which the moments are known, or a class one input.

    Examples
    --------
    >>> from onestep.inputs import EmpiricalMixture
    >>> F = np.random.default_rng(0).standard_normal((40, 20)) / 20**0.5
    >>> for N in (200, 2000):
    ...     X = np.random.default_rng(N).standard_normal((N, 20))
    ...     own = OwnNetwork(F, "tanh", EmpiricalMixture.from_arrays(X, X[:, 0] > 0))
    ...     print(-0.1 < moment_bias(own, samples=100, ridge=1e-2) < -0.02)
    True
    False
    """
    data = own.empirical
    parts_of = (replace(data, X=data.X[rows], y=data.y[rows]) for rows in halves(data.cluster))
    networks = (own, *(OwnNetwork(own.weights, own.activation, each) for each in parts_of))
    whole, *parts = (
        each.predict(samples, ridge, loss, intercept=intercept, guarded=False).generalization_error
        for each in networks
    )
    return float(np.mean(parts)) / whole - 1
