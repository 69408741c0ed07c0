"""Deterministic equivalent of ridge regression: errors of the readout from population moments.

For m samples of features with ``M = E phi phi^T`` and ``q = E phi y``, the errors of ridge
regression concentrate around functions of the spectrum of M. With eigenpairs (ev, U) of M and
``c = U^T q``, the effective ridge kappa >= lambda solves

    lambda = kappa (1 - df1(kappa) / m),   df1 = sum ev / (ev + kappa),

and, with ``df2 = sum (ev / (ev + kappa))^2``,

    2 generalization = [E y^2 - sum c^2 (ev + 2 kappa) / (ev + kappa)^2] / (1 - df2 / m),
    2 training       = (lambda / kappa) [E y^2 - sum c^2 / (ev + kappa)],

the training error with its regulariser; without it, it is ``(lambda / kappa)^2`` times the
generalization error. Several outputs have their errors summed. These are the known equations
(Hastie et al. 2022; Bach 2024; Defilippis, Loureiro and Misiakiewicz 2024) with
``theta* = M^{-1} q`` eliminated, so that they hold, and are stable, for singular M.

They replace the weight of a sample, one over ``1 + V`` with ``V = phi^T (M + kappa)^{-1} phi / m``,
by that of the mean of V, ``df1 / m``: an error of second order in how ``1 + V`` scatters.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import linalg, optimize

from .._support import check, streams
from .._support.arrays import Array
from ..network import FeatureMap, Moments, Prediction, TrainedLayer, require_digits

_TOLERANCE = 1e-12
_SEEN = 500  # inputs that tell how weights scatter


class Spectrum:
    """Eigenvalues of M and the label's weight on them: all that the equivalent needs of a layer.

    One decomposition serves every ridge and every number of samples.

    Source: Hastie et al. (2022); Bach (2024); Defilippis, Loureiro and Misiakiewicz (2024); the
    book's chapter *Error curves without simulation*.

    Examples
    --------
    >>> from onestep.network import Problem
    >>> spectrum = Spectrum(TrainedLayer.train(Problem(n=40, m=50, k=30)).moments())
    >>> few, many = (spectrum.errors(m, ridge=1e-2) for m in (50, 500))
    >>> few.plain_training_error < many.plain_training_error < many.generalization_error
    True
    >>> few.kappa > many.kappa > 1e-2
    True
    """

    def __init__(
        self, moments: Moments, feature_noise: float = 0.0, seen: Array | None = None
    ) -> None:
        """Decompose.

        Parameters
        ----------
        moments
            Population moments of the features without noise.
        feature_noise
            Standard deviation h* of the independent noise in every feature before the factor
            ``k^{-1/2}``, >= 0; it adds ``h*^2 / k`` to every eigenvalue.
        seen
            Features of inputs of this law, without noise, shape (k, size): of these is
            ``weight_scatter``, which is NaN without.
        """
        check.number("feature_noise", feature_noise, 0.0)
        eigenvalues, U = linalg.eigh(moments.M, check_finite=False)
        self.eigenvalues: Array = np.maximum(eigenvalues, 0.0) + feature_noise**2 / eigenvalues.size
        outputs = moments.q.reshape(eigenvalues.size, -1)
        self.weights: Array = np.sum((U.T @ outputs) ** 2, axis=1)
        self.y2 = moments.y2
        self._seen = None if seen is None else (U.T @ seen) ** 2

    @classmethod
    def of(
        cls, layer: TrainedLayer, features: FeatureMap, moments: Moments | None = None
    ) -> Spectrum:
        """What the features of a model behind a layer need; moments, if they are here already."""
        X, _ = layer.inputs.sample(_SEEN, streams.generator("inputs of a spectrum"))
        with np.errstate(over="ignore", invalid="ignore"):
            seen = features.function(layer.preactivations(X)) / np.sqrt(layer.k)
        moments = layer.moments(features.gaussian) if moments is None else moments
        return cls(moments, features.noise, seen if np.all(np.isfinite(seen)) else None)

    def errors(self, m: int, ridge: float) -> Prediction:
        """Errors of ridge regression on m samples.

        Parameters
        ----------
        m
            Number of samples, >= 1.
        ridge
            lambda > 0, on the scale of the objective ``(1/2m) ||y - Phi^T w||^2 + (lambda/2)
            ||w||^2``.
        """
        check.integer("m", m, 1)
        ev = self.eigenvalues
        require_digits(ridge, float(ev.sum()))

        def excess(kappa: float) -> float:
            return float(kappa - np.sum(ev / (ev + kappa)) * kappa / m - ridge)

        # kappa = ridge + (kappa/m) df1 lies between ridge and ridge + Tr M / m.
        high = ridge + float(ev.sum()) / m
        kappa = (
            ridge
            if high == ridge
            else float(optimize.brentq(excess, ridge, high * (1 + 1e-12), xtol=1e-300, rtol=1e-14))
        )
        residual = abs(excess(kappa)) / kappa
        if not residual <= _TOLERANCE:
            return Prediction.failed(kappa, residual)
        df2 = float(np.sum((ev / (ev + kappa)) ** 2))
        bias = self.y2 - float(np.sum(self.weights * (ev + 2 * kappa) / (ev + kappa) ** 2))
        fit = self.y2 - float(np.sum(self.weights / (ev + kappa)))
        generalization = 0.5 * bias / (1 - df2 / m)
        return Prediction.solved(
            0.5 * ridge / kappa * fit,
            (ridge / kappa) ** 2 * generalization,
            generalization,
            kappa=kappa,
            residual=residual,
            left=m - df2,
            weight_scatter=self._weight_scatter(m, kappa),
        )

    def _weight_scatter(self, m: int, kappa: float) -> float:
        """Standard deviation over mean of ``1 + V``; independent noise moves V by its mean."""
        if self._seen is None:
            return math.nan
        resolvent = 1 / (self.eigenvalues + kappa)
        V = resolvent @ self._seen / m
        return float(np.std(V) / (1 + self.eigenvalues @ resolvent / m))
