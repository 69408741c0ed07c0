"""The network as estimators of scikit-learn, with the error that the formula predicts.

The module needs scikit-learn, and nothing else does: ``pip install 'onestep[sklearn]'``.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import activations
from ._support import check
from ._support.arrays import Array, product
from .activations import Activation
from .experiment.moment_bias import moment_bias
from .experiment.own_network import OwnNetwork
from .inputs import LEAST, Classes, EmpiricalMixture, halves
from .network import LOSSES, Prediction, fit_readout, initialise, train

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise ImportError(
        f"onestep.estimators needs scikit-learn (pip install 'onestep[sklearn]'): {error}"
    ) from error

__all__ = ["OneStepClassifier", "OneStepRegressor"]

_BIAS = 0.05  # of a predicted error, as its inputs are so few


class _OneStep(BaseEstimator):  # type: ignore[misc]
    def __init__(
        self,
        width: int = 200,
        activation: str | Activation = "relu",
        step: float = 1.0,
        ridge: float = 1e-2,
        loss: str = "square",
        intercept: bool = False,
        random_state: Any = None,
    ) -> None:
        self.width = width
        self.activation = activation
        self.step = step
        self.ridge = ridge
        self.loss = loss
        self.intercept = intercept
        self.random_state = random_state

    @cached_property
    def prediction_(self) -> Prediction:
        """Errors of the fitted readout by formula, their status, and the reason if there are none.

        The formula is given the layer, and the moments of the inputs that it was not trained on. It
        is not asked if a class has few of these, and is out of range, too, where their number
        biases it by more than 5 % (`onestep.experiment.moment_bias`).
        """
        check_is_fitted(self)
        X, y, names = self._rest
        few = min(np.bincount(y)) if names else len(y)
        if few < LEAST:
            return Prediction.unasked(
                f"moments would be those of {few} inputs{' of a class' if names else ''}, as half "
                f"of the inputs are for the step: {LEAST} are needed"
            )
        asked, intercept = (len(y), self.ridge, self.loss), self.intercept
        try:
            own = OwnNetwork(self.layer_, self.activation, EmpiricalMixture(X, y, names))
            found = own.predict(*asked, intercept=intercept)
            bias = moment_bias(own, *asked, intercept=intercept)
        except ValueError as error:
            return Prediction.unasked(str(error))
        if found.status == "converged" and not abs(bias) <= _BIAS:
            return found.out_of_range(
                f"inputs are too few for their moments, which move the error by {bias:.0%}; "
                f"{_BIAS:.0%} are allowed"
            )
        return found

    @property
    def predicted_error_(self) -> float:
        """Generalization error of `prediction_`; NaN where the formula does not hold."""
        return self.prediction_.generalization_error

    def _train(self, X: Array, y: NDArray[Any], names: tuple[str, ...]) -> None:
        """Fit to classes 0 to C - 1, or to numbers of mean 0 and variance 1."""
        self.__dict__.pop("prediction_", None)
        loss = check.choice("loss", self.loss, LOSSES)
        width, step = check.integer("width", self.width, 1), check.magnitude("step", self.step)
        rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31 - 1))
        cluster = y if names else np.zeros(len(y), np.intp)
        means = np.stack([X[cluster == c].mean(axis=0) for c in range(max(len(names), 1))])
        power = float(np.mean((X - means[cluster]) ** 2))
        self.mean_, self.scale_ = X.mean(axis=0), power**-0.5 if power > 0 else 1.0
        X = (X - self.mean_) * self.scale_
        told = Classes(len(names)).codes[y] if names else y
        order = rng.permutation(len(X))
        first, second = (order[rows] for rows in halves(cluster[order]))
        start = initialise(width, X.shape[1], X.shape[1], rng, told.shape[1:])
        sigma = activations.get(self.activation)
        self.layer_ = train(start, [(X[first], told[first])], [step], sigma)
        fit = fit_readout(self._features(X[second]), told[second], self.ridge, loss, self.intercept)
        self.readout_, self.intercept_ = fit.weights, fit.intercept
        self._rest = X[second], y[second], names

    def _features(self, X: Array) -> Array:
        sigma = activations.get(self.activation)
        return np.asarray(sigma(product(self.layer_, X)) / np.sqrt(len(self.layer_)))

    def _scores(self, X: ArrayLike) -> Array:
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        scores = self._features((X - self.mean_) * self.scale_).T @ self.readout_
        return np.asarray(scores + self.intercept_)


class OneStepClassifier(ClassifierMixin, _OneStep):  # type: ignore[misc]
    """A network with one hidden layer for classes, trained as the theory has it.

    Inputs are moved and scaled by one vector and one number. The layer takes one gradient step on
    half of each class; then a readout is trained on the other half, which the layer has not seen:
    for this the formula holds.

    Parameters
    ----------
    width, activation
        k >= 1, and a name, an expression, or `onestep.activations.Activation`.
    step
        eta >= 0; 0 leaves the random layer as it is.
    ridge, loss, intercept
        lambda > 0, a name in `onestep.network.LOSSES`, and whether the readout has an intercept.
    random_state
        As everywhere in scikit-learn.

    Attributes
    ----------
    classes_
        The labels. The second of two has positive scores.
    layer_, readout_, intercept_
        F, shape (k, n), of inputs ``(x - mean_) scale_``; w; and b.
    prediction_, predicted_error_
        What the formula says of the readout; for this, the readout's inputs are kept.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = rng.choice(["cat", "dog"], 6000)
    >>> X = rng.standard_normal((6000, 20)) + np.where(y == "dog", 0.4, -0.4)[:, None]
    >>> found = OneStepClassifier(random_state=0).fit(X[:3000], y[:3000])
    >>> scores = found.decision_function(X[3000:])
    >>> measured = np.mean((np.where(y[3000:] == "dog", 1, -1) - scores) ** 2) / 2
    >>> found.score(X[3000:], y[3000:]) > 0.9, bool(abs(found.predicted_error_ - measured) < 0.02)
    (True, True)
    """

    def fit(self, X: ArrayLike, y: ArrayLike) -> OneStepClassifier:
        """Train on inputs (N, n) and their classes (N,), two or more."""
        inputs, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, index = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y has one class, {self.classes_[0]!r}: two or more are needed")
        self._train(inputs, index, tuple(map(str, self.classes_)))
        return self

    def decision_function(self, X: ArrayLike) -> Array:
        """Scores, shape (size,) for two classes, else (size, C): the largest decides."""
        scores = self._scores(X)
        return -scores if scores.ndim == 1 else scores

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The class of each input."""
        scores = self.decision_function(X)
        chosen = (scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)
        return np.asarray(self.classes_[chosen])


class OneStepRegressor(RegressorMixin, _OneStep):  # type: ignore[misc]
    """The same network for labels that are numbers; parameters as of `OneStepClassifier`.

    The loss is ``"square"`` or ``"huber"``, of labels moved and scaled to mean 0 and variance 1, as
    `predicted_error_` is: ``1 - 2 predicted_error_`` is the score that the formula expects of the
    square loss. To the formula, what of y is not linear in x is noise.

    Attributes
    ----------
    layer_, readout_, intercept_, prediction_, predicted_error_
        As of `OneStepClassifier`.
    label_mean_, label_scale_
        Mean and standard deviation of the labels.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((4000, 30))
    >>> y = 5 + X @ np.linspace(0, 1, 30) + rng.standard_normal(4000)
    >>> found = OneStepRegressor(activation="tanh", random_state=0).fit(X[:2000], y[:2000])
    >>> bool(abs(1 - 2 * found.predicted_error_ - found.score(X[2000:], y[2000:])) < 0.05)
    True
    """

    def fit(self, X: ArrayLike, y: ArrayLike) -> OneStepRegressor:
        """Train on inputs (N, n) and their labels (N,), two or more."""
        inputs, numbers = validate_data(
            self, X, y, dtype=np.float64, y_numeric=True, ensure_min_samples=2
        )
        check.choice("loss", self.loss, ("square", "huber"))
        self.label_mean_, self.label_scale_ = float(numbers.mean()), float(numbers.std()) or 1.0
        self._train(inputs, (numbers - self.label_mean_) / self.label_scale_, ())
        return self

    def predict(self, X: ArrayLike) -> Array:
        """The label of each input."""
        return np.asarray(self._scores(X) * self.label_scale_ + self.label_mean_)
