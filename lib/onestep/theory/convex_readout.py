"""Errors of a convex readout on Gaussian classes, by the fixed point of Loureiro et al. (2021).

The readout minimises ``(1/m) sum l(y_i, w^T x_i + b) + (lambda/2) ||w||^2`` over m samples; in
class c, of probability rho_c and label y_c, x is N(mu_c, S_c). On a fresh input of class c the
score is ``omega = m_c + b + sqrt(q_c) xi`` with a standard normal xi; on a sample that it has
learned, it is ``z = prox_{V_c l(y_c, .)}(omega)``. With ``f_c = (z - omega) / V_c`` and
``a_c = -E df_c/d omega``,

    B = lambda I + sum_c rho_c a_c S_c,    w = B^{-1} sum_c rho_c E[f_c] mu_c,   m_c = mu_c^T w,
    V_c = (1/m) Tr S_c B^{-1},             q_c = w^T S_c w + (1/m) sum_c' rho_c' E[f_c'^2] T_cc',
    T_cc' = Tr S_c B^{-1} S_c' B^{-1},     and, with an intercept b, 0 = sum_c rho_c E[f_c].

Then the training loss is ``E l(y, z)``, the generalization loss ``E l(y, omega)``, and
``E ||w^||^2 = ||w||^2 + (1/m) sum_c rho_c E[f_c^2] Tr B^{-1} S_c B^{-1}``.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from scipy import special
from scipy.linalg import LinAlgError

from .._support.arrays import Array
from ..network import Loss, Prediction, ProximalAverages, Status
from .class_features import Features
from .secants import Secants

_TOLERANCE = 1e-8
_FINE = 1e-12
_STEPS = 200  # before the secants, at most
# Size of the steps, and their last change from which secants are tried; should they fail, the next
# of these.
_ROUNDS = ((1.0, 5e-2), (0.7, 1e-3), (0.4, 1e-4), (0.2, 1e-6))
_LEAST = 1e-3  # response to which a step is linear, where f is flat
_FLAT = 1e-6  # of the response below which nothing holds the intercept
_DUST = 1e-35


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
    >>> from onestep.theory import gaussian_classes
    >>> found = gaussian_classes(
    ...     [[1.0], [-1.0]], [[1.0], [1.0]], [1, -1], m=100, ridge=0.1, loss="hinge"
    ... )
    >>> abs(found.training_error - found.plain_training_error - 0.05 * found.norm) < 1e-12
    True
    """

    class_error: float = math.nan
    class_errors: Array = field(kw_only=True)
    means: Array = field(kw_only=True)
    variances: Array = field(kw_only=True)
    responses: Array = field(kw_only=True)
    intercept: float = field(kw_only=True)
    norm: float = field(kw_only=True)
    intercept_scatter: float = field(kw_only=True)

    def without_numbers(self, status: Status, reason: str) -> ClassErrors:
        """The same with NaN for the errors and for what they rest on."""
        kept = ("kappa", "residual", "left")
        nothing: dict[str, Any] = {
            each.name: getattr(self, each.name) * math.nan
            for each in fields(self)
            if each.name not in kept and isinstance(getattr(self, each.name), float | np.ndarray)
        }
        return replace(self, **nothing, status=status, reason=reason)


@dataclass(frozen=True)
class Solution:
    """Of a fixed point: offsets, q and V of the nodes, averages, Q, w, b, and what is missed."""

    offsets: Array
    q: Array
    V: Array
    averages: ProximalAverages
    Q: Any
    w: Any
    b: float
    residual: float
    x: Array


@dataclass(frozen=True)
class ConvexReadout:
    """The fixed point in ``(o, log q, log V)``, with the offsets ``o_s = m_s + b``."""

    features: Features
    y: Array
    rho: Array
    m: float
    ridge: float
    loss: Loss
    intercept: bool
    label_noise: float = 0.0
    counted: bool = False  # whether m is a number of samples; else only ratios to it enter

    @functools.cached_property
    def _common(self) -> Array:
        """The mean of all inputs along the axes: the intercept's, so that the rest has digits."""
        return self.features.parts @ self.rho * float(self.intercept)

    @functools.cached_property
    def solution(self) -> Solution:
        """Of the fixed point, or the last that was tried."""
        x, residual = self._solve()
        averages, Q, w, _, b = self._readout(x)
        return Solution(*self._split(x), averages, Q, w, b, residual, x)

    def seen(self, q: Array) -> Array:
        """Variance of what the loss sees: noise of a label spreads its distance from the score."""
        return q + self.label_noise**2

    def errors(self) -> ClassErrors:
        """Solve, and average."""
        found = self.solution
        offsets, q, V, Q, w, b = found.offsets, found.q, found.V, found.Q, found.w, found.b
        learned, residual, x = found.averages, found.residual, found.x
        fresh = self._averages(offsets, q, np.zeros_like(V))
        pull = self.rho * learned.response
        norm = self.features.norm(w, Q, self.rho * learned.square / self.m)
        plain = float(self.rho @ learned.loss)
        wrong = self._wrong(offsets, q)
        told = ClassErrors(
            plain + 0.5 * self.ridge * norm,
            plain,
            float(self.rho @ fresh.loss),
            self.ridge / max(float(pull.sum()), _DUST),
            residual,
            left=self.m - float(pull @ self.features.spread(Q, pull)),
            class_error=float(self.rho @ wrong),
            class_errors=wrong,
            means=offsets - b,
            variances=q,
            responses=V,
            intercept=b,
            norm=norm,
            intercept_scatter=math.sqrt(self._intercept_variance(learned))
            / float(self.rho @ self._width(x)),
        )
        if not residual <= _TOLERANCE:
            failed = Prediction.failed(told.kappa, residual)
            return told.without_numbers(failed.status, failed.reason)
        if self.intercept and pull @ self._width(x) < _FLAT:
            return told.without_numbers(
                "out of range", "the loss is flat: the intercept is not determined"
            )
        return told

    def _wrong(self, offsets: Array, q: Array) -> Array:
        """Probability of the wrong sign at every node, that of its group."""
        groups = self.features.groups
        share = np.bincount(groups, self.rho)
        mean = (np.bincount(groups, self.rho * offsets) / share)[groups]
        variance = (np.bincount(groups, self.rho * (q + (offsets - mean) ** 2)) / share)[groups]
        found = special.ndtr(-np.sign(self.y) * mean / np.sqrt(variance))
        return np.where(self.y == 0, math.nan, found)

    def _start(self) -> Array:
        start = np.zeros((3, self.rho.size))
        Q = self.features.inverse(self.ridge, self.rho)
        start[2] = np.log(self.features.traces(Q) / self.m + _DUST)
        return start.ravel()

    def _split(self, x: Array) -> tuple[Array, Array, Array]:
        offsets, log_q, log_V = x.reshape(3, -1)
        return offsets, np.exp(np.clip(log_q, -80, 80)), np.exp(np.clip(log_V, -80, 80))

    def _readout(self, x: Array) -> tuple[ProximalAverages, Any, Any, Array, float]:
        """Averages, Q, w, the offsets that it makes, and b.

        A mean that all classes share moves every f by far more than f itself: f is taken as linear
        in the offsets, ``e = rho (f - a (mu w + b - o))``, and solved instead of iterated.
        """
        offsets, q, V = self._split(x)
        averages = self._averages(offsets, q, V)
        Q = self.features.inverse(self.ridge, self.rho * averages.response)
        parts, gram = self.features.parts - self._common[:, None], self.features.gram(Q)
        own = np.sum(parts * (gram @ parts), axis=0)
        least = np.minimum(_LEAST / self._width(x), 1 / (self.rho * own + _DUST))
        pull = self.rho * np.maximum(averages.response, least)
        right = self.rho * averages.f + pull * offsets
        # Along the axes: t = gram parts e, and e = right - pull (parts^T t + b), of sum 0.
        inner = pull - self.rho * averages.response if self.features.with_means else pull
        system = np.eye(len(gram)) + gram @ (parts * inner) @ parts.T
        known = gram @ (parts @ right)
        if self.intercept:
            row = parts @ pull
            system = np.block([[system, (gram @ row)[:, None]], [row, pull.sum()]])
            known = np.append(known, right.sum())
        found = np.linalg.solve(system, known)
        t, b = found[: len(gram)], float(found[len(gram) :].sum())
        c = parts @ (right - inner * (t @ parts) - pull * b)
        w = self.features.weights(Q, c)
        return averages, Q, w, t @ parts + b, b - float(self._common @ gram @ c)

    def _intercept_variance(self, averages: ProximalAverages) -> float:
        """Of b from sample to sample; 0 without one."""
        pull = float(self.rho @ averages.response)
        square = float(self.rho @ averages.square) * self.intercept
        return square / (self.m * max(pull, _DUST) ** 2)

    def _averages(self, offsets: Array, q: Array, V: Array) -> ProximalAverages:
        return self.loss.proximal(self.y, offsets, self.seen(q), V)

    def _step(self, x: Array) -> Array:
        averages, Q, w, made, _ = self._readout(x)
        spread = self.features.spread(Q, self.rho * averages.square)
        q = self.features.variances(w) + spread / self.m
        V = self.features.traces(Q) / self.m
        if self.counted:  # the intercept is one of the degrees of freedom
            q = q + self._intercept_variance(averages)
            V = V + self.intercept / (self.m * max(float(self.rho @ averages.response), _DUST))
        return np.concatenate([made, *np.log(np.maximum([q, V], _DUST))])

    def _width(self, x: Array) -> Array:
        """Change of the offsets over which f changes."""
        _, q, V = self._split(x)
        return V + np.sqrt(q) + self.loss.curvature

    def _scale(self, x: Array) -> Array:
        """Units of the unknowns."""
        return np.concatenate([self._width(x), np.ones(2 * self.rho.size)])

    def _solve(self) -> tuple[Array, float]:
        """The fixed point, and by how much it is missed: damped steps, then secants."""
        x, residual = self._start(), math.inf
        for size, near in _ROUNDS:
            try:
                x = self._damped(x, size, near)
                at, scale = x, self._scale(x)

                def moved(u: Array, at: Array = at, scale: Array = scale) -> Array:
                    return np.asarray((self._step(at + scale * u) - at) / scale)

                u, _ = Secants().solve(moved, 0 * x, _FINE)
                root = self._step(at + scale * u)
                scale = self._scale(root)
                scale[: self.rho.size] += np.abs(root[: self.rho.size])
                residual = float(np.max(np.abs(self._step(root) - root) / scale))
            except (LinAlgError, ValueError):
                continue
            if residual <= _TOLERANCE:
                return root, residual
        return x, residual

    def _damped(self, x: Array, size: float, near: float) -> Array:
        for _ in range(_STEPS):
            most = 2 * self._scale(x)
            change = self._step(x) - x
            x = x + size * np.clip(change, -most, most)
            if np.all(np.abs(change) < near * most):
                break
        return x
