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
# Times a function at the nodes: its coefficients along 1, g and (g^2 - 1) / 2^(1/2).
_MODES = np.stack([np.ones_like(_NODES[0]), _NODES[0], (_NODES[0] ** 2 - 1) / math.sqrt(2)], axis=1)
_MODES *= _NODES[1][:, None]


@dataclass(frozen=True)
class FeaturePower:
    """``E phi^2``, ``E phi^4 / (E phi^2)^2``, how a scale's logarithm moves log E phi^2, by 2.

    Then the share of the variance that is of degree 2 in the preactivations, and the normalised
    Hermite coefficients up to degree 2 of each ``phi^2`` without its noise, shape (clusters,
    neurons, 3).

    Examples
    --------
    >>> from onestep import Problem
    >>> from onestep.network import Network, TrainedLayer
    >>> layer = TrainedLayer.train(Problem(n=60, m=60, k=60))
    >>> relu = layer.feature_map(Network(), 1)
    >>> one = np.ones((1, 1))
    >>> found = FeaturePower.of(one, one, 0 * one, relu)
    >>> round(found.power, 6), round(found.tail, 6), found.modes.round(6).tolist()
    (0.5, 6.0, [[[0.5, 0.797885, 0.707107]]])
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
            modes, own = f2 @ _MODES, f @ _MODES
            plain = float(np.sum(weights * modes[..., 0]))
            variance = float(np.sum(weights * (modes[..., 0] - own[..., 0] ** 2))) + noise
            square = float(np.sum(weights * own[..., 2] ** 2))
        share = square / variance if 0 < variance < math.inf else 0.0
        power = plain + noise
        if not math.isfinite(power * power):
            return cls(power, math.inf, math.inf, share, modes)
        fourth = float(np.sum(weights * (f2**2 @ q))) + 6 * noise * plain + 3 * noise**2
        if not power:
            return cls(0.0, 1.0, 0.0, share, modes)
        bend = float(np.sum(weights * modes[..., 2])) / (math.sqrt(2) * power)
        return cls(power, max(fourth / power**2, 1.0), bend, share, modes)

    def covariance(self, weights: Array, correlation: Array, labels: Array) -> float:
        """Relative covariance of ``||phi||^2`` and ``||y||^2``, by Mehler's formula.

        `correlation` is that of preactivations and index, shape (clusters, neurons), and `labels`
        are the modes of `LabelPower`.
        """
        if not (0 < self.power < math.inf):
            return 0.0
        powers = correlation[..., None] ** np.arange(3)
        each = np.sum(self.modes * powers * labels[:, None, :], axis=-1)
        return abs(float(np.sum(weights * (each - self.modes[..., 0])))) / self.power


@dataclass(frozen=True)
class LabelPower:
    """``E ||y||^4 / (E ||y||^2)^2``, and of ``||y||^2 / E ||y||^2`` the modes by cluster.

    These are normalised Hermite coefficients in the index up to degree 2, shape (clusters, 3).

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
        modes = f2 @ _MODES
        modes[:, 0] += noise2 * outputs
        return cls(fourth / second**2, modes / second)
