"""Deterministic equivalent of ridge regression on features that are random in two stages.

Near full strength a neuron's spike coordinate is of the order of its bulk. Features are then
heteroscedastic: given ``s = (c, kappa)``, the cluster and the coordinates that matter, they are
Gaussian with ``S(s) = E[phi phi^T | s]`` and ``q(s) = E[phi y | s]``, and the quadratic forms of
`onestep.theory.equivalent` concentrate around numbers that depend on s. With

    B = lambda I + E_s[S(s) / (1 + V(s))],        V(s) = (1/m) Tr S(s) B^{-1},
    w = B^{-1} E_s[q(s) / (1 + V(s))],            T(s, s') = (1/m) Tr S(s) B^{-1} S(s') B^{-1},
    R(s) = E[(y - phi^T w)^2 | s] + E_{s'}[T(s, s') R(s') / (1 + V(s'))^2],

the errors are ``2 generalization = E R`` and, without the regulariser,
``2 training = E[R / (1 + V)^2]``; the regulariser adds ``lambda E ||w^||^2`` with
``E ||w^||^2 = ||w||^2 + (1/m) E_s[R / (1 + V)^2 Tr B^{-1} S(s) B^{-1}]``.

Derived in the book's chapter *The network is kernel ridge regression*.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from scipy.sparse.linalg import LinearOperator, gmres

from .._support import check
from .._support.arrays import Array
from ..hermite import GaussianFunction
from ..network import FeatureMap, Moments, Prediction, TrainedLayer
from .class_features import ridged_inverse
from .equivalent import Spectrum
from .secants import Secants, positive
from .stages import Stages

_TOLERANCE = 1e-9
_RESTARTS = 4  # of the linear solver, at most: what needs more has no digits left


class ConditionalFeatures:
    """A trained layer's features, given cluster and special coordinates.

    Source: the book's chapter *The network is kernel ridge regression*.

    Examples
    --------
    >>> from onestep.network import Problem
    >>> layer = TrainedLayer.train(Problem(n=40, m=50, k=30, activation="tanh"))
    >>> features = ConditionalFeatures(layer)
    >>> errors = features.errors(m=100, ridge=1e-2)
    >>> errors.status, abs(features.minimum(100, 1e-2) / errors.training_error - 1) < 1e-6
    ('converged', True)
    """

    def __init__(
        self,
        layer: TrainedLayer,
        function: GaussianFunction | None = None,
        feature_noise: float = 0.0,
    ) -> None:
        """Condition on the label's index and on the axes that dominate the preactivations.

        At most six axes, beside the index: those that make 5 % of the preactivations' variance, or
        20 % of what larger axes leave of it. What remains is treated to first order.

        Parameters
        ----------
        layer
            The layer, and the laws in front of it; errors of several outputs are summed.
        function
            Activation or polynomial of the features; None takes the layer's activation.
        feature_noise
            Standard deviation of independent noise in every feature, before ``k^{-1/2}``.

        Raises
        ------
        ValueError
            If a conditional mean lies where `onestep.hermite` refuses.
        """
        inputs, labels = layer.inputs, layer.labels
        self._y_noise = labels.second_moment(inputs) - sum(
            rho * labels.power(inputs, c) for c, rho in enumerate(inputs.weights)
        )
        self._stages = Stages.of(layer, function, feature_noise)
        self._weight, self._label = self._stages.weight, self._stages.label

    @classmethod
    def of(cls, layer: TrainedLayer, features: FeatureMap) -> ConditionalFeatures:
        """The features of a model behind a layer."""
        return cls(layer, features.gaussian, features.noise)

    def errors(self, m: int, ridge: float) -> Prediction:
        """Errors of ridge regression on m samples; arguments as `Spectrum.errors`.

        The ``kappa`` of the result is ``lambda / E[1 / (1 + V)]``.
        """
        check.integer("m", m, 1)
        V, Q, residual, secants = self._solve(m, ridge)
        kappa = ridge / float(self._weight @ (1 / (1 + V)))
        if not residual <= _TOLERANCE:
            return Prediction.failed(kappa, residual)
        w = Q @ self._stages.mean_times(self._label * (self._weight / (1 + V))[:, None])
        damping = self._weight / (1 + V) ** 2

        def open(R: Array) -> Array:
            return R - np.asarray(self._stages.traces(Q @ self._stages.sum(damping * R) @ Q) / m)

        def operator(function: Callable[[Array], Array]) -> LinearOperator:
            return LinearOperator((V.size, V.size), matvec=function, dtype=float)

        # The equation of V has the same slope, in log V.
        R, info = gmres(
            operator(open),
            self._conditional_risk(w),
            M=operator(lambda r: V * secants.inverse(r / V)),
            rtol=_TOLERANCE,
            restart=50,
            maxiter=_RESTARTS,
        )
        if info:
            return Prediction.failed(kappa, residual)
        norm = float(np.sum(w**2)) + float((damping * R) @ self._stages.traces(Q @ Q)) / m
        plain = 0.5 * float(damping @ R)
        return Prediction.solved(
            plain + 0.5 * ridge * norm,
            plain,
            0.5 * float(self._weight @ R),
            kappa=kappa,
            residual=residual,
            left=self._alone.errors(m, ridge).left,
        )

    def minimum(self, m: int, ridge: float) -> float:
        """Training error, regulariser included, as the minimum of the objective.

        ``(1/2) E_s[(E[y^2 | s] - q(s)^T w) / (1 + V(s))]``: equal to that of `errors`, on
        another way that needs neither R nor T.
        """
        V, Q, _, _ = self._solve(m, ridge)
        right = self._stages.mean_times(self._label * (self._weight / (1 + V))[:, None])
        w = Q @ right
        rest = np.sum(self._label * (self._label - self._stages.means(w)), axis=1) + self._y_noise
        return 0.5 * float((self._weight / (1 + V)) @ rest)

    @functools.cached_property
    def _alone(self) -> Spectrum:
        """The features as if all inputs had the same V."""
        return Spectrum(Moments(self._stages.sum(self._weight), np.zeros(self._stages.k), 1.0, 0.0))

    def _solve(self, m: int, ridge: float) -> tuple[Array, Array, float, Secants]:
        """``V(s)`` at the nodes, B^{-1}, the residual of the equation, and its slope, in log V."""
        start = positive(np.asarray(self._alone.errors(m, ridge).kappa / ridge - 1))
        Q = np.empty((0, 0))

        def found(x: Array) -> Array:
            nonlocal Q
            Q = ridged_inverse(self._stages.sum(self._weight / (1 + np.exp(x))), ridge)
            return np.asarray(np.log(positive(self._stages.traces(Q) / m)))

        secants = Secants()
        at = np.full(self._weight.size, np.log(start))
        x, residual = secants.solve(found, at, 0.1 * _TOLERANCE)
        return np.exp(x), Q, residual, secants

    def _conditional_risk(self, w: Array) -> Array:
        """``E[||y - w^T phi||^2 | s]`` at every node."""
        fit = self._stages.traces(w @ w.T)
        cross = np.sum(self._label * (self._label - 2 * self._stages.means(w)), axis=1)
        return np.asarray(cross + self._y_noise + fit)
