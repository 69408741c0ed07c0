"""The domain of validity of a formula: what its derivation assumes, in numbers.

Every formula replaces something random by its mean: quadratic forms of a sample's features, the
coordinates of the neurons, the step of a row. What fluctuates is measured here, from what the
solver has anyway, and compared with limits that were set by simulation. The book's chapter *Where
the formulas hold* shows the map.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np

from .._support.arrays import Array
from ..hermite import gauss_on_pieces
from ..inputs import Labels, Mixture
from ..network import FeatureMap, Prediction, TrainedLayer
from .limit import Coordinates, coordinate_rules
from .limit.trained_types import RESOLVED, trained_types

_NODES = gauss_on_pieces((0.0,), 24)


@dataclass(frozen=True)
class Conditions:
    """What the assumptions of the formulas rest on.

    Attributes
    ----------
    power
        ``E phi^2`` of a feature, before the factor ``k^{-1/2}``.
    tail
        ``E phi^4 / (E phi^2)^2`` of a feature, over neurons and inputs: 3 for Gaussian ones.
    scatter
        Relative standard deviation of the features' norm ``||phi||^2`` at given coordinates: by
        tails, if neurons have nothing else in common.
    coordinate_share
        Share of the preactivations' power along common axes, in [0, 1]: the root of the sum of
        squared shares, of the cluster where it is largest.
    unevenness
        The same over all inputs, with what neurons have in common to first order: what a formula
        that averages over inputs first neglects.
    label_tail
        ``E ||y||^4 / (E ||y||^2)^2`` of the labels: 3 for linear ones, 1 for classes.
    stretch
        Relative change of a neuron's bulk by the step; 0 where the layer itself is given.
    squares
        Neurons, or samples if these are fewer, for each of the ``n^2 / 2`` products of two
        directions, times the share of the features' variance that is of degree 2: how much of the
        products a readout can learn.
    width
        k.

    Examples
    --------
    >>> from onestep import Problem
    >>> from onestep.network import Network
    >>> layer = TrainedLayer.train(Problem(n=60, m=60, k=60, beta=0.0))
    >>> found = Conditions.of_layer(layer, layer.feature_map(Network(), 1))
    >>> round(found.tail), found.coordinate_share < 0.2  # relu: 3 / 2 over 1 / 4
    (6, True)
    """

    power: float
    tail: float
    scatter: float
    coordinate_share: float
    unevenness: float
    label_tail: float
    stretch: float = 0.0
    squares: float = 0.0
    width: int = 1

    def asked(self, m: int) -> Conditions:
        """The same for a readout on m samples: `squares` are those of the smaller of m and k."""
        return replace(self, squares=self.squares * min(m / self.width, 1.0))

    @classmethod
    def of_layer(cls, layer: TrainedLayer, features: FeatureMap) -> Conditions:
        """Conditions of a trained layer, for what a model puts in the place of its activation."""
        n, k = layer.inputs.n, layer.k
        laws = layer.laws()
        squares: list[float] = []
        # Clusters of one bulk have one product.
        known = {bulk: law.gram for bulk, law in {id(law.bulk): law for law in laws}.items()}
        for law in laws:
            gram, spikes = known[id(law.bulk)], law.spikes
            crossed = 2 * np.sum(spikes * (gram @ spikes)) + np.sum((spikes.T @ spikes) ** 2)
            square = float(np.sum(gram**2) + crossed)
            squares.append(square / float(np.sum(law.scale**2)) ** 2 - 1 / n - 1 / k)
        weights, scale, mean = ([getattr(law, name) for law in laws] for name in _OF_A_LAW)
        return cls._of(
            np.multiply.outer(weights, np.full(k, 1 / k)),
            np.array(scale),
            np.array(mean),
            features,
            squares,
            n,
            k,
            _label_tail(layer.labels, layer.inputs),
        )

    @classmethod
    def of_limit(cls, special: Coordinates, k: int, features: FeatureMap) -> Conditions:
        """Conditions in the limit: of its trained rows, each moved by a step of its own."""
        inputs, b = special.inputs, special.bulk_scale
        D = inputs.n
        rows, bulk, chances = trained_types(special, RESOLVED)
        squares, scale = [], []
        for c in range(inputs.weights.size):
            covariance = coordinate_rules.covariance(special, c)
            seen = covariance @ special.neurons
            squares.append(np.sum(seen * seen.T) / (b**2 + np.trace(seen)) ** 2)
            power = np.sum(rows @ covariance * rows, axis=1)
            scale.append(np.sqrt(bulk**2 + power))
        return replace(
            cls._of(
                np.multiply.outer(inputs.weights, chances),
                np.array(scale),
                inputs.means @ rows.T,
                features,
                squares,
                special.dimensions + D,
                k,
                _label_tail(special.labels, inputs),
            ),
            stretch=math.sqrt(max((b / special.step.scale) ** 2 - 1, 0.0)),
        )

    def told(self, found: Prediction) -> Prediction:
        """A prediction with these conditions."""
        told = {name: value for name, value in asdict(self).items() if name not in _UNTOLD}
        return replace(found, **told)

    @classmethod
    def _of(
        cls,
        weights: Array,
        scale: Array,
        mean: Array,
        features: FeatureMap,
        squares: list[float],
        n: int,
        k: int,
        label_tail: float,
    ) -> Conditions:
        """From the laws of preactivations and their weights, shape (clusters, neurons)."""
        present = weights.sum(axis=1)
        share2 = max(0.0, max(s for s, rho in zip(squares, present, strict=True) if rho))
        share = min(math.sqrt(share2), 1.0)
        power, tail, bend, square = _moments(weights, scale, mean, features)
        _, bulk_tail, _, _ = _moments(weights, scale * math.sqrt(1 - share), mean, features)
        return cls(
            power=power,
            tail=tail,
            scatter=math.sqrt((bulk_tail - 1) / k),
            coordinate_share=share,
            unevenness=math.sqrt((tail - 1) / k + 2 * bend**2 * (share2 + 1 / n)),
            label_tail=label_tail,
            squares=2 * k / n**2 * square,
            width=k,
        )


def _moments(
    weights: Array, scale: Array, mean: Array, features: FeatureMap
) -> tuple[float, float, float, float]:
    """``E phi^2``, ``E phi^4 / (E phi^2)^2``, how a scale's logarithm moves log E phi^2, by 2.

    And the share of the variance that is of degree 2 in the preactivations, whose weights, scales
    and means have the shape (clusters, neurons).
    """
    x, q = _NODES
    noise = features.noise**2
    with np.errstate(over="ignore", invalid="ignore"):
        f = features.function(mean[..., None] + scale[..., None] * x)
        f2 = f**2
        plain = float(np.sum(weights * (f2 @ q)))
        variance = float(np.sum(weights * (f2 @ q - (f @ q) ** 2))) + noise
        square = float(np.sum(weights * (f @ (q * (x**2 - 1))) ** 2)) / 2
    share = square / variance if 0 < variance < math.inf else 0.0
    power = plain + noise
    if not math.isfinite(power * power):
        return power, math.inf, math.inf, share
    fourth = float(np.sum(weights * (f2**2 @ q))) + 6 * noise * plain + 3 * noise**2
    bend = 0.5 * float(np.sum(weights * (f2 @ (q * (x**2 - 1)))))
    if not power:
        return 0.0, 1.0, 0.0, share
    return power, max(fourth / power**2, 1.0), bend / power, share


def _label_tail(labels: Labels, mixture: Mixture) -> float:
    """``E ||y||^4 / (E ||y||^2)^2``: f is a label without its noise, delta e, of O outputs."""
    x, q = _NODES
    outputs, noise2 = math.prod(labels.outputs), labels.noise**2
    second = fourth = 0.0
    for c, rho in enumerate(mixture.weights):
        f2 = np.sum(labels.mean(mixture, c, x).reshape(x.size, -1) ** 2, axis=1)
        second += rho * float(q @ f2)
        fourth += rho * float(q @ f2**2)
    fourth += noise2 * (2 * outputs + 4) * second + noise2**2 * outputs * (outputs + 2)
    second += noise2 * outputs
    return fourth / (second * second) if second else 1.0


_UNTOLD = ("power", "width")
_OF_A_LAW = ("weight", "scale", "mean")


@dataclass(frozen=True)
class Domain:
    """Where a method holds: the most, or the least, that quantities of a `Prediction` may be.

    Attributes
    ----------
    most, least
        Bounds by name.

    Examples
    --------
    >>> Domain({"scatter": 0.4}, {"left": 8.0}).exceeded({"scatter": 0.8, "left": 12.0})
    'scatter = 0.8 is above 0.4: features have tails that a sample does not average'
    """

    most: Mapping[str, float]
    least: Mapping[str, float]

    def exceeded(self, found: Mapping[str, float]) -> str:
        """The reason why the method does not hold, or nothing."""
        for name, value in found.items():
            if name in self.most and not value <= self.most[name]:
                return f"{name} = {value:.3g} is above {self.most[name]:g}: {_MEANINGS[name]}"
            if name in self.least and not value >= self.least[name]:
                return f"{name} = {value:.3g} is below {self.least[name]:g}: {_MEANINGS[name]}"
        return ""


_MEANINGS = {
    "scatter": "features have tails that a sample does not average",
    "coordinate_share": "few coordinates make the preactivations",
    "unevenness": "the features' norm differs too much between inputs",
    "weight_scatter": "inputs differ too much in how they weigh in the readout",
    "label_tail": "labels have tails that a sample does not average",
    "squares": "the readout learns products of two directions, which the method takes for noise",
    "stretch": "the step changes the bulk of the neurons",
    "left": "the readout uses nearly all samples, and its error is no mean",
}
