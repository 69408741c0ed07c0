"""Errors of a convex readout on Gaussian classes, by the fixed point of Loureiro et al. (2021).

The readout minimises ``(1/m) sum l(y_i, w^T x_i + b) + (lambda/2) ||w||^2`` over m samples; in class
c, of probability rho_c and label y_c, x is N(mu_c, S_c). On a fresh input of class c the score is
``omega = m_c + b + sqrt(q_c) xi`` with a standard normal xi; on a sample that it has learned, it is
``z = prox_{V_c l(y_c, .)}(omega)``. With ``f_c = (z - omega) / V_c`` and ``a_c = -E df_c/d omega``,

    B = lambda I + sum_c rho_c a_c S_c,    w = B^{-1} sum_c rho_c E[f_c] mu_c,   m_c = mu_c^T w,
    V_c = (1/m) Tr S_c B^{-1},             q_c = w^T S_c w + (1/m) sum_c' rho_c' E[f_c'^2] T_cc',
    T_cc' = Tr S_c B^{-1} S_c' B^{-1},     and, with an intercept b, 0 = sum_c rho_c E[f_c].

Then the training loss is ``E l(y, z)``, the generalization loss ``E l(y, omega)``, and
``E ||w^||^2 = ||w||^2 + (1/m) sum_c rho_c E[f_c^2] Tr B^{-1} S_c B^{-1}``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import optimize, special
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from .._support import check
from .._support.arrays import Array
from ..network import Loss, Prediction, loss_of, require_digits

_TOLERANCE = 1e-10
_DAMPED = 60  # steps before the root finder, at most
_NEAR = 1e-3  # change of a step from which the root finder is sure


@dataclass(frozen=True)
class ClassErrors(Prediction):
    """Errors of a readout on Gaussian classes; NaN unless `status` is ``"converged"``.

    Attributes
    ----------
    class_error
        Probability that the sign of a fresh score is not that of its label; NaN where a label is 0.
    class_errors
        The same within each class; these and what follows are arrays, one entry a class.
    means, variances
        ``m_c`` and ``q_c``: those of a fresh score without the intercept.
    responses
        ``V_c``.
    intercept
        b, or 0 without one.
    norm
        ``E ||w^||^2``.

    Examples
    --------
    >>> found = gaussian_classes(
    ...     [[1.0], [-1.0]], [[1.0], [1.0]], [1, -1], m=100, ridge=0.1, loss="hinge"
    ... )
    >>> found.training_error - found.plain_training_error == 0.05 * found.norm
    True
    """

    class_error: float = math.nan
    class_errors: Array = field(kw_only=True)
    means: Array = field(kw_only=True)
    variances: Array = field(kw_only=True)
    responses: Array = field(kw_only=True)
    intercept: float = field(kw_only=True)
    norm: float = field(kw_only=True)


def gaussian_classes(
    means: Sequence[Sequence[float]] | Array,
    covariances: Sequence[Sequence[float]] | Sequence[Sequence[Sequence[float]]] | Array,
    labels: Sequence[float] | Array,
    weights: Sequence[float] | Array | None = None,
    *,
    m: float,
    ridge: float,
    loss: str | Loss = "square",
    intercept: bool = False,
) -> ClassErrors:
    """Errors of the readout ``argmin (1/m) sum l(y, w^T x + b) + (lambda/2) ||w||^2`` by formula.

    The limit of many inputs and samples, at a given ratio; nothing is drawn. Several readouts, one
    for each class against the rest, are several calls.

    Source: Loureiro et al. (2021).

    Parameters
    ----------
    means
        One row mu_c for each class, shape (classes, d).
    covariances
        S_c, shape (classes, d, d); or their diagonals, shape (classes, d).
    labels
        y_c: +1 or -1 for the losses that see a margin (logistic, hinge), any number for the others.
    weights
        rho_c: probabilities of the classes; None for equal ones.
    m
        Number of samples > 0, which need not be whole: only ratios such as m / d enter.
    ridge
        lambda > 0 of the objective above, in which the loss is a *mean* over the samples. For a
        sum over the samples, take ``lambda / m``. b has no ridge.
    loss
        ``"square"`` (half a squared residual), ``"logistic"``, ``"hinge"`` (``(1 - y z)_+``),
        ``"huber"`` (with threshold 1), or a loss such as ``onestep.network.huber(0.5)``.
    intercept
        Whether b is fitted; else it is 0.

    Raises
    ------
    ValueError
        If an argument is out of its range, or the readout does not exist or is not determined: with
        an intercept and labels of one value, or with labels that all vanish.

    Examples
    --------
    Two classes at -1 and +1 along one of 50 axes:

    >>> means = np.eye(1, 50) * [[1.0], [-1.0]]
    >>> few, many = (
    ...     gaussian_classes(means, np.ones((2, 50)), [1, -1], m=m, ridge=0.1, loss="logistic")
    ...     for m in (50, 5000)
    ... )
    >>> few.status, few.plain_training_error < many.plain_training_error
    ('converged', True)
    >>> best = special.ndtr(-1.0)
    >>> best < many.class_error < best + 0.01 < few.class_error
    True

    The published units, features ``x / sqrt(d)`` and a sum over the samples, are a scale:

    >>> d, m, published = 50, 100, 0.01
    >>> found = gaussian_classes(
    ...     means / d**0.5, np.full((2, d), 0.5 / d), [1, -1], m=m, ridge=published / m,
    ...     loss="logistic", intercept=True,
    ... )
    >>> found.status, abs(found.intercept) < 1e-9
    ('converged', True)
    """
    loss = loss_of(loss)
    mu, S, y, rho = _checked(means, covariances, labels, weights, loss, intercept)
    m, ridge = check.positive("m", m), check.positive("ridge", ridge)
    power = float(rho @ (np.sum(mu**2, axis=1) + _traces(S)))
    require_digits(ridge, power)
    features = _Diagonal(mu, S) if S.ndim == 2 else _Dense(mu, S)
    return _Readout(features, y, rho, m, ridge, loss, intercept).errors()


def _traces(S: Array) -> Array:
    return np.asarray(S.sum(axis=1) if S.ndim == 2 else np.einsum("cii->c", S))


class _Diagonal:
    """What the fixed point needs of the features, for diagonal covariances."""

    def __init__(self, mu: Array, S: Array) -> None:
        self.mu, self.S = mu, S

    def forms(self, ridge: float, a: Array) -> tuple[Array, ...]:
        """``mu Q mu^T``, ``mu Q S_c Q mu^T``, ``Tr S_c Q``, ``Tr S_c Q S_c' Q``, and for norms.

        Q is the inverse of ``ridge I + sum_c a_c S_c``; for norms are ``mu Q^2 mu^T`` and
        ``Tr Q S_c Q``.
        """
        Q = 1 / (ridge + a @ self.S)
        SQ, muQ = self.S * Q, self.mu * Q
        between = np.stack([(muQ * each) @ muQ.T for each in self.S])
        return muQ @ self.mu.T, between, SQ.sum(1), SQ @ SQ.T, muQ @ muQ.T, SQ @ Q


class _Dense:
    """The same for full covariances."""

    def __init__(self, mu: Array, S: Array) -> None:
        self.mu, self.S = mu, S

    def forms(self, ridge: float, a: Array) -> tuple[Array, ...]:
        """See `_Diagonal`."""
        d = self.mu.shape[1]
        B = np.tensordot(a, self.S, 1)
        B.flat[:: d + 1] += ridge
        Q = cho_solve(cho_factor(B, check_finite=False), np.eye(d), check_finite=False)
        SQ, muQ = self.S @ Q, self.mu @ Q
        between = muQ @ self.S @ muQ.T
        cross = np.array([[np.sum(one * other.T) for other in SQ] for one in SQ])
        norms = np.array([np.sum(Q * each) for each in SQ])
        return muQ @ self.mu.T, between, np.einsum("cii->c", SQ), cross, muQ @ muQ.T, norms


@dataclass(frozen=True)
class _Readout:
    """The fixed point in ``(o, log q, log V)``, with the offsets ``o_c = m_c + b``."""

    features: _Diagonal | _Dense
    y: Array
    rho: Array
    m: float
    ridge: float
    loss: Loss
    intercept: bool

    def errors(self) -> ClassErrors:
        """Solve, and average."""
        x, residual = _fixed_point(self._step, self._start())
        offsets, q, V = self._split(x)
        learned = self.loss.proximal(self.y, offsets, q, V)
        fresh = self.loss.proximal(self.y, offsets, q, np.zeros_like(V))
        G, _, _, cross, norms, spread = self._forms(learned.response)
        e, b = self._weights(G, learned.f, learned.response, offsets)
        norm = float(e @ norms @ e) + float(self.rho * learned.square @ spread) / self.m
        plain = float(self.rho @ learned.loss)
        wrong = special.ndtr(-np.sign(self.y) * offsets / np.sqrt(q))
        wrong = np.where(self.y == 0, math.nan, wrong)
        pull = self.rho * learned.response
        found = ClassErrors(
            plain + 0.5 * self.ridge * norm,
            plain,
            float(self.rho @ fresh.loss),
            self.ridge / float(pull.sum()) if pull.any() else math.inf,
            residual,
            left=self.m - float(pull @ cross @ pull),
            class_error=float(self.rho @ wrong),
            class_errors=wrong,
            means=offsets - b,
            variances=q,
            responses=V,
            intercept=b,
            norm=norm,
        )
        return found if residual <= _TOLERANCE else _failed(found)

    def _start(self) -> Array:
        start = np.zeros((3, self.rho.size))
        start[2] = np.log(self._forms(np.ones_like(self.rho))[2] / self.m + 1e-12)
        return start.ravel()

    def _split(self, x: Array) -> tuple[Array, Array, Array]:
        offsets, log_q, log_V = x.reshape(3, -1)
        return offsets, np.exp(np.clip(log_q, -80, 80)), np.exp(np.clip(log_V, -80, 80))

    def _forms(self, a: Array) -> tuple[Array, ...]:
        return self.features.forms(self.ridge, self.rho * a)

    def _weights(self, G: Array, f: Array, a: Array, offsets: Array) -> tuple[Array, float]:
        """Weights e of w in ``B^{-1} mu^T e``, and b, where f is linear in the offsets.

        A mean that all classes share moves every f by far more than f itself: these are solved
        for the next offsets, ``e = rho (f - a (mu w + b - o))``, instead of iterated.
        """
        pull = self.rho * a
        count = self.rho.size
        system = np.eye(count) + pull[:, None] * G
        right = self.rho * f + pull * offsets
        if not self.intercept:
            return np.linalg.solve(system, right), 0.0
        system = np.block([[system, pull[:, None]], [np.ones((1, count)), np.zeros((1, 1))]])
        *e, b = np.linalg.solve(system, np.append(right, 0.0))
        return np.array(e), float(b)

    def _step(self, x: Array) -> Array:
        offsets, q, V = self._split(x)
        averages = self.loss.proximal(self.y, offsets, q, V)
        G, between, traces, cross, _, _ = self._forms(averages.response)
        e, b = self._weights(G, averages.f, averages.response, offsets)
        q = between @ e @ e + cross @ (self.rho * averages.square) / self.m
        with np.errstate(divide="ignore"):
            logs = np.log(np.maximum([q, traces / self.m], 1e-35))
        return np.concatenate([G @ e + b, *logs])


def _fixed_point(step: Callable[[Array], Array], x: Array) -> tuple[Array, float]:
    """x with ``step(x) = x``, and by how much it is missed: damped steps, then a root finder."""
    try:
        for _ in range(_DAMPED):
            change = step(x) - x
            x = x + 0.7 * change
            if np.abs(change).max() < _NEAR:
                break
        x = optimize.root(lambda x: step(x) - x, x, tol=1e-14).x
        x = step(x)
        return x, float(np.abs(step(x) - x).max())
    except (LinAlgError, ValueError):
        return x, math.inf


def _failed(found: ClassErrors) -> ClassErrors:
    raise NotImplementedError


def _checked(means, covariances, labels, weights, loss, intercept):
    mu = np.asarray(means, dtype=float)
    S = np.asarray(covariances, dtype=float)
    y = np.asarray(labels, dtype=float)
    rho = np.full(len(mu), 1 / len(mu)) if weights is None else np.asarray(weights, dtype=float)
    return mu, S, y, rho
