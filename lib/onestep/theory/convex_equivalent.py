"""Deterministic equivalents of a readout by any convex loss: Gaussian features given a node."""

from __future__ import annotations

import numpy as np

from .._support import check
from .._support.arrays import Array
from ..inputs import Classes, Labels
from ..network import (
    FeatureMap,
    Loss,
    Prediction,
    TrainedLayer,
    against_the_rest,
    class_moments,
    is_ridge_regression,
    loss_of,
)
from .class_features import DenseClasses, DenseFeatures, Features
from .convex_readout import ConvexReadout
from .one_against_rest import OneAgainstRest
from .stages import COARSE, FINE, Stages

_SCATTER = 0.3  # of an intercept, in units of the change over which the loss bends


class ConvexEquivalent:
    """Means and covariances of the features at every node, and a loss.

    A node is a class (`by_class`), or a class and coordinates of an input (`given_coordinates`).
    What `Spectrum` and `ConditionalFeatures` are to the square loss; of the first, `by_class` is a
    variant that tells the classes apart.

    Source: Loureiro et al. (2021); with features in the place of the inputs, Dandi et al. (2023);
    given coordinates, the book's chapter *Other losses*.

    Examples
    --------
    >>> from onestep.network import Network, Problem
    >>> layer = TrainedLayer.train(Problem(n=60, m=80, k=60, target="class", beta=0.9))
    >>> solver = ConvexEquivalent.by_class(layer, layer.feature_map(Network(), 1), "hinge")
    >>> found = solver.errors(m=80, ridge=1e-2)
    >>> found.status, found.training_error < found.generalization_error, found.accuracy > 0.5
    ('converged', True, True)
    """

    def __init__(
        self,
        features: Features,
        labels: Labels,
        y: Array,
        rho: Array,
        loss: str | Loss,
        intercept: bool,
    ) -> None:
        """Use one of the other two; y is that of every node, shape (nodes, outputs)."""
        self._loss, self._intercept = loss_of(loss), intercept
        self._y, self._classes = against_the_rest(y, self._loss), y.argmax(axis=1)
        if self._loss.margin and (np.any(np.abs(self._y) != 1) or labels.noise):
            raise ValueError(
                f"labels are not allowed with loss = {loss!r}: classes or signs, without noise, "
                "are needed"
            )
        self._rho, self._noise = rho, labels.noise
        self._features = features

    @classmethod
    def by_class(
        cls, layer: TrainedLayer, features: FeatureMap, loss: str | Loss, intercept: bool = False
    ) -> ConvexEquivalent:
        """Features Gaussian given the class.

        Parameters
        ----------
        layer, features
            The layer, and what a model puts in the place of its activation.
        loss, intercept
            As for `onestep.theory.gaussian_classes`.

        Raises
        ------
        ValueError
            Unless labels are classes; without noise, for a loss of the margin.
        """
        labels = layer.labels
        if not isinstance(labels, Classes):
            raise ValueError(
                f"labels are not allowed with loss = {loss!r} and intercept = {intercept!r}: "
                "classes (target = 'class') are needed by this formula; 'conditional' takes others"
            )
        found = class_moments(layer.F, layer.inputs, labels, features.gaussian)
        noise = features.noise**2 / layer.k * np.eye(layer.k)
        classes = DenseClasses(found.means, found.covariances + noise)
        rho = np.asarray(layer.inputs.weights)
        y = labels.codes.reshape(labels.clusters, -1)
        return cls(classes, labels, y, rho, loss, intercept)

    @classmethod
    def given_coordinates(
        cls, layer: TrainedLayer, features: FeatureMap, loss: str | Loss, intercept: bool = False
    ) -> ConvexEquivalent:
        """Features Gaussian given class and coordinates, as in `ConditionalFeatures`.

        Parameters
        ----------
        layer, features, loss, intercept
            As for `by_class`.

        Raises
        ------
        ValueError
            For a loss of the margin, unless labels are classes or signs, without noise.
        """
        side = COARSE if is_ridge_regression(loss, intercept) else FINE
        stages = Stages.of(layer, features.gaussian, features.noise, side)
        given = StagedFeatures(stages.about_the_mean() if intercept else stages)
        return cls(given, layer.labels, stages.label, stages.weight, loss, intercept)

    def errors(self, m: int, ridge: float) -> Prediction:
        """Errors of the readout on m samples; arguments as for `Spectrum.errors`."""
        m, ridge = check.integer("m", m, 1), check.positive("ridge", ridge, check.MAGNITUDE)
        readouts = [
            ConvexReadout(
                self._features, y, self._rho, m, ridge, self._loss, self._intercept, self._noise,
                counted=True,
            )
            for y in self._y.T
        ]  # fmt: skip
        found = OneAgainstRest(readouts, self._classes).errors()
        if found.status == "converged" and found.intercept_scatter > _SCATTER:
            found = found.without_numbers(
                "out of range",
                f"the loss is so flat that the intercept scatters from sample to sample by "
                f"{found.intercept_scatter:.2g} of what bends it; at most {_SCATTER:g} is needed",
            )
        return Prediction(
            found.training_error,
            found.plain_training_error,
            found.generalization_error,
            found.kappa,
            found.residual,
            found.status,
            found.reason,
            found.left,
            accuracy=found.accuracy,
        )


class StagedFeatures(DenseFeatures):
    """Features given class and coordinates."""

    with_means = True

    def __init__(self, stages: Stages) -> None:
        super().__init__(*stages.mean_factors())
        self._stages, self._covariances = stages, stages.centred()

    def sum(self, u: Array) -> Array:
        """See `DenseFeatures`."""
        return self._stages.sum(u)

    def traces(self, Q: Array) -> Array:
        """See `Features`."""
        return self._stages.traces(Q)

    def variances(self, w: Array) -> Array:
        """See `Features`."""
        return self._covariances.traces(np.outer(w, w))
