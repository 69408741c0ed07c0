"""Deterministic equivalent of a readout by any convex loss: features Gaussian given the class."""

from __future__ import annotations

import numpy as np

from .._support import check
from .._support.arrays import Array
from ..inputs import Classes
from ..network import FeatureMap, Loss, Prediction, TrainedLayer, class_moments, loss_of
from .class_features import DenseClasses
from .convex_readout import ConvexReadout


class ClassEquivalent:
    """Means and covariances of the features in every class, and a loss.

    What `Spectrum` is to the square loss; of that, it is a variant that tells the classes apart.

    Source: Loureiro et al. (2021); with features in the place of the inputs, Dandi et al. (2023).

    Examples
    --------
    >>> from onestep.network import Problem
    >>> layer = TrainedLayer.train(Problem(n=60, m=80, k=60, target="class", beta=0.9))
    >>> from onestep.network import Network
    >>> solver = ClassEquivalent(layer, layer.feature_map(Network(), 1), "hinge")
    >>> found = solver.errors(m=80, ridge=1e-2)
    >>> found.status, found.training_error < found.generalization_error, found.accuracy > 0.5
    ('converged', True, True)
    """

    def __init__(
        self, layer: TrainedLayer, features: FeatureMap, loss: str | Loss, intercept: bool = False
    ) -> None:
        """Take the moments.

        Parameters
        ----------
        layer, features
            The layer, and what a model puts in the place of its activation.
        loss, intercept
            As for `onestep.theory.gaussian_classes`.

        Raises
        ------
        ValueError
            Unless labels are the classes of two clusters, without noise.
        """
        labels = layer.labels
        if not isinstance(labels, Classes) or labels.clusters != 2 or labels.noise:
            raise ValueError(
                f"labels = {labels!r} are not allowed with loss = {loss!r} and intercept = "
                f"{intercept!r}: the classes of two clusters (target = 'class'), without noise, "
                "are needed by this formula"
            )
        self._loss, self._intercept = loss_of(loss), intercept
        self._labels, self._weights = labels.codes, np.asarray(layer.inputs.weights)
        found = class_moments(layer.F, layer.inputs, labels, features.gaussian)
        noise = features.noise**2 / layer.k * np.eye(layer.k)
        # What all means share is the intercept's: without it, they keep their digits.
        self._common: Array = (self._weights if intercept else 0 * self._weights) @ found.means
        self._features = DenseClasses(found.means - self._common, found.covariances + noise)

    def errors(self, m: int, ridge: float) -> Prediction:
        """Errors of the readout on m samples; arguments as for `Spectrum.errors`."""
        check.integer("m", m, 1)
        found = ConvexReadout(
            self._features,
            self._labels,
            self._weights,
            m,
            check.positive("ridge", ridge),
            self._loss,
            self._intercept,
        ).errors(self._common)
        return Prediction(
            found.training_error,
            found.plain_training_error,
            found.generalization_error,
            found.kappa,
            found.residual,
            found.status,
            found.reason,
            found.left,
            accuracy=1 - found.class_error,
        )
