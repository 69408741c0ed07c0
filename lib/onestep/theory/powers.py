"""How the power of the features, and that of the labels, lie over inputs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .._support.arrays import Array
from ..hermite import gauss_on_pieces
from ..inputs import Labels, Mixture
from ..network import FeatureMap

_NODES = gauss_on_pieces((0.0,), 24)


@dataclass(frozen=True)
class FeaturePower:
    """``E phi^2``, ``E phi^4 / (E phi^2)^2``, how a scale's logarithm moves log E phi^2, by 2.

    Then the share of the variance that is of degree 2 in the preactivations, and of each feature
    without its noise ``E phi^2 (1, g, (g^2 - 1)/2)``, shape (clusters, neurons, 3).

    Examples
    --------
    >>> from onestep import Problem
    >>> from onestep.network import Network, TrainedLayer
    >>> layer = TrainedLayer.train(Problem(n=60, m=60, k=60))
    >>> relu = layer.feature_map(Network(), 1)
    >>> one = np.ones((1, 1))
    >>> found = FeaturePower.of(one, one, 0 * one, relu)
    >>> round(found.power, 6), round(found.tail, 6), found.modes.round(6).tolist()
    (0.5, 6.0, [[[0.5, 0.797885, 0.5]]])
    """

    power: float
    tail: float
    bend: float
    square: float
    modes: Array

    @classmethod
    def of(cls, weights: Array, scale: Array, mean: Array, features: FeatureMap) -> FeaturePower:
        """From the laws of preactivations, shape (clusters, neurons)."""
        x, q = _NODES
        noise = features.noise**2
        with np.errstate(over="ignore", invalid="ignore"):
            f = features.function(mean[..., None] + scale[..., None] * x)
            f2 = f**2
            modes = f2 @ np.stack([q, q * x, q * (x**2 - 1) / 2], axis=-1)
            plain = float(np.sum(weights * modes[..., 0]))
            variance = float(np.sum(weights * (modes[..., 0] - (f @ q) ** 2))) + noise
            square = float(np.sum(weights * (f @ (q * (x**2 - 1))) ** 2)) / 2
        share = square / variance if 0 < variance < math.inf else 0.0
        power = plain + noise
        if not math.isfinite(power * power):
            return cls(power, math.inf, math.inf, share, modes)
        fourth = float(np.sum(weights * (f2**2 @ q))) + 6 * noise * plain + 3 * noise**2
        if not power:
            return cls(0.0, 1.0, 0.0, share, modes)
        bend = float(np.sum(weights * modes[..., 2])) / power
        return cls(power, max(fourth / power**2, 1.0), bend, share, modes)

    def covariance(self, weights: Array, correlation: Array, labels: Array) -> float:
        """Relative covariance of ``||phi||^2`` and ``||y||^2``, by Mehler's formula.

        `correlation` is that of preactivations and index, shape (clusters, neurons), and `labels`
        are ``E[||y||^2 (1, z, z^2 - 1)]`` over their mean in each cluster, shape (clusters, 3).
        """
        if not (0 < self.power < math.inf):
            return 0.0
        powers = correlation[..., None] ** np.arange(3)
        each = np.sum(self.modes / self.power * powers * labels[:, None, :], axis=-1)
        noise = 1 - float(np.sum(weights * self.modes[..., 0])) / self.power
        return abs(float(np.sum(weights * each)) + noise - 1)


@dataclass(frozen=True)
class LabelPower:
    """``E ||y||^4 / (E ||y||^2)^2``, and ``E[||y||^2 (1, z, z^2 - 1)] / E ||y||^2`` by cluster.

    Examples
    --------
    >>> from onestep import Problem
    >>> from onestep.network import TrainedLayer
    >>> layer = TrainedLayer.train(Problem(n=60, m=60, k=60, target="class"))
    >>> abs(LabelPower.of(layer.labels, layer.inputs).modes.round(9)).tolist()  # y^2 is 1
    [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    """

    tail: float
    modes: Array

    @classmethod
    def of(cls, labels: Labels, mixture: Mixture) -> LabelPower:
        """Of labels f plus noise delta e, of O outputs, at the index z."""
        x, q = _NODES
        outputs, noise2 = math.prod(labels.outputs), labels.noise**2
        means = [
            labels.mean(mixture, c, x).reshape(x.size, -1) for c in range(len(mixture.weights))
        ]
        f2 = np.array([np.sum(each**2, axis=1) for each in means])
        plain = float(mixture.weights @ f2 @ q)
        fourth = float(mixture.weights @ f2**2 @ q)
        fourth += noise2 * (2 * outputs + 4) * plain + noise2**2 * outputs * (outputs + 2)
        second = plain + noise2 * outputs
        if not second:
            return cls(1.0, np.tile([1.0, 0.0, 0.0], (len(f2), 1)))
        modes = f2 @ np.stack([q, q * x, q * (x**2 - 1)], axis=-1)
        modes[:, 0] += noise2 * outputs
        return cls(fourth / second**2, modes / second)


def index_overlaps(rows: Array, labels: Labels, inputs: Mixture) -> Array:
    """Covariance of the preactivations of rows with the index, shape (clusters, neurons).

    Examples
    --------
    >>> from onestep import Problem
    >>> from onestep.network import TrainedLayer
    >>> layer = TrainedLayer.train(Problem(n=60, m=60, k=30))
    >>> index_overlaps(layer.F, layer.labels, layer.inputs).shape
    (2, 30)
    """
    clusters = range(len(inputs.weights))
    seen = [inputs.covariance_times(c, labels.direction(inputs, c)) for c in clusters]
    return np.array(seen) @ rows.T
