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
from ..network import FeatureMap, Prediction, TrainedLayer
from .limit import Coordinates, coordinate_rules
from .limit.trained_types import RESOLVED, trained_types
from .powers import FeaturePower, LabelPower


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
        tails, and by the norm of the input, which neurons have in common.
    coordinate_share
        Share of the preactivations' power along common axes, in [0, 1]: the root of the sum of
        squared shares, of the cluster where it is largest.
    unevenness
        The same over all inputs, with what neurons have in common to first order: what a formula
        that averages over inputs first neglects.
    label_tail
        ``E ||y||^4 / (E ||y||^2)^2`` of the labels: 3 for linear ones, 1 for classes.
    label_covariance
        Relative covariance of ``||y||^2`` and ``||phi||^2`` over inputs, in absolute value, the
        features' power to second order in the index: 0 where large labels have features like
        others.
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
    label_covariance: float = 0.0
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
        weights, scale, mean, index = ([getattr(law, name) for law in laws] for name in _OF_A_LAW)
        return cls._of(
            np.repeat(np.array(weights)[:, None] / k, k, axis=1),
            np.array(scale),
            np.array(mean),
            np.array(index),
            features,
            squares,
            n,
            k,
            LabelPower.of(layer.labels, layer.inputs),
        )

    @classmethod
    def of_limit(cls, special: Coordinates, k: int, features: FeatureMap) -> Conditions:
        """Conditions in the limit, over the trained rows: labels that move them make tails."""
        inputs = special.inputs
        rows, bulk, weights = trained_types(special, RESOLVED)
        neurons, size = (rows.T * weights) @ rows, float(weights @ bulk**2)
        squares: list[float] = []
        scale, index = [], []
        for c in range(inputs.weights.size):
            covariance = coordinate_rules.covariance(special, c)
            seen = covariance @ neurons
            seen /= size + np.trace(seen)
            squares.append(float(np.sum(seen * seen.T)))
            scale.append(np.sqrt(bulk**2 + np.sum(rows @ covariance * rows, axis=1)))
            index.append(rows @ (covariance @ special.labels.direction(inputs, c)) / scale[-1])
        return replace(
            cls._of(
                np.outer(inputs.weights, weights),
                np.array(scale),
                inputs.means @ rows.T,
                np.array(index),
                features,
                squares,
                special.dimensions + inputs.n,
                k,
                LabelPower.of(special.labels, inputs),
            ),
            stretch=math.sqrt(max((special.bulk_scale / special.step.scale) ** 2 - 1, 0.0)),
        )

    def told(self, found: Prediction, ridge: float) -> Prediction:
        """A prediction with these conditions.

        The features' scatter moves ``1 + V`` by the share ``V / (1 + V) = 1 - ridge / kappa`` of
        it: a method that does not measure that is told so, and for all it is what large labels
        lose by their features.
        """
        told = {name: value for name, value in asdict(self).items() if name not in _UNTOLD}
        share = 1 - ridge / found.kappa
        told["label_weight"] = share * self.label_covariance * self.label_tail / 3
        if math.isnan(found.weight_scatter):
            told["weight_scatter"] = share * self.scatter
        return replace(found, **told)

    @classmethod
    def _of(
        cls,
        weights: Array,
        scale: Array,
        mean: Array,
        index: Array,
        features: FeatureMap,
        squares: list[float],
        n: int,
        k: int,
        labels: LabelPower,
    ) -> Conditions:
        """From the laws of preactivations and their weights, shape (clusters, neurons).

        `index` is their correlation with that of the labels.
        """
        seen = zip(squares, weights.sum(axis=1), strict=True)
        share2 = max(0.0, max(square for square, rho in seen if rho))
        share = min(math.sqrt(share2), 1.0)
        found = FeaturePower.of(weights, scale, mean, features)
        bulk = FeaturePower.of(weights, scale * math.sqrt(1 - share), mean, features)
        return cls(
            power=found.power,
            tail=found.tail,
            scatter=math.sqrt((bulk.tail - 1) / k + 2 * found.bend**2 / n),
            coordinate_share=share,
            unevenness=math.sqrt((found.tail - 1) / k + 2 * found.bend**2 * (share2 + 1 / n)),
            label_tail=labels.tail,
            label_covariance=found.covariance(weights, index, labels.modes),
            squares=2 * k / n**2 * found.square,
            width=k,
        )


_UNTOLD = ("power", "width")
_OF_A_LAW = ("weight", "scale", "mean", "index")


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
    "label_weight": "large labels come with large features, and weigh less than others",
    "squares": "the readout learns products of two directions, which the method takes for noise",
    "stretch": "the step changes the bulk of the neurons",
    "left": "the readout uses nearly all samples, and its error is no mean",
}

_EVEN = {"unevenness": 0.4, "coordinate_share": 0.3, "label_tail": 12.0}
_GIVEN = {"scatter": 0.4, "coordinate_share": 0.8, "label_tail": 12.0, "squares": 0.04}
_WEIGHED = {"unevenness": 1.0, "coordinate_share": 0.8, "label_tail": 12.0}
_ONE_BULK = {**_EVEN, "stretch": 0.3, "squares": 0.04}
_BULKS = {**_GIVEN, "stretch": 0.3}
_LEAST = {"left": 8.0}

DOMAINS: Mapping[str, tuple[Domain, Domain]] = {
    "equivalent": (
        Domain({**_WEIGHED, "weight_scatter": 0.12, "label_weight": 0.25}, _LEAST),
        Domain(_EVEN, _LEAST),
    ),
    "conditional": (Domain({**_GIVEN, "weight_scatter": 0.15}, _LEAST), Domain(_GIVEN, _LEAST)),
    "scalar": (
        Domain({**_ONE_BULK, "weight_scatter": 0.15, "label_weight": 0.25}, _LEAST),
        Domain(_ONE_BULK, _LEAST),
    ),
    "scalar-conditional": (
        Domain({**_BULKS, "weight_scatter": 0.15}, _LEAST),
        Domain(_BULKS, _LEAST),
    ),
}
"""Of every method, for ridge regression and for other readouts, which do not know their weights."""
