"""The readout by a convex loss, to a certified duality gap.

With ``f_i = -l'(y_i, z_i)`` at the minimum, ``lambda w = (1/m) sum f_i phi_i``; any such f bounds
the minimum from below. Losses with a second derivative take Newton's method, those of a kink (the
hinge) an interior point of the dual problem (Mehrotra's predictor and corrector): every step of
either solves ``(lambda I + (1/m) Phi D Phi^T) dw = g`` for a diagonal D.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from .._support.arrays import Array
from .losses import Loss, against_the_rest, loss_of
from .ridge import (
    Readout,
    is_ridge_regression,
    require_digits,
    require_sample,
    ridge_regression,
)

_GAP = 1e-8  # of the objective: what is certified, and
_ENOUGH = 1e-10  # where an iteration ends
_STEPS = 100
_HALVINGS = 40
_SHORT = 0.99  # of the way to the boundary


def fit_readout(Phi: Array, y: Array, ridge: float, loss: str, intercept: bool) -> Readout:
    """`ridge_regression` where the readout is that, else `convex_regression`, output by output.

    Several outputs are one class each against the rest; errors are sums.
    """
    if is_ridge_regression(loss, intercept):
        return ridge_regression(Phi, y, ridge)
    if y.ndim == 1:
        return convex_regression(Phi, y, ridge, loss, intercept)
    columns = against_the_rest(y, loss_of(loss)).T
    fits = [convex_regression(Phi, each, ridge, loss, intercept) for each in columns]
    return Readout(
        np.stack([fit.weights for fit in fits], axis=1),
        sum(fit.training_error for fit in fits),
        sum(fit.plain_training_error for fit in fits),
        np.array([fit.intercept for fit in fits]),
        sum(fit.gap for fit in fits),
        fits[0].power,
    )


def convex_regression(
    Phi: Array, y: Array, ridge: float, loss: str | Loss, intercept: bool = False
) -> Readout:
    """Fit ``argmin (1/m) sum l(y_i, phi_i^T w + b) + (lambda/2) ||w||^2``.

    A few factorisations of a matrix of the smaller of k and m.

    Parameters
    ----------
    Phi, y
        As for `ridge_regression`; y of shape (m,), +1 and -1 for losses of a margin.
    ridge
        lambda > 0; at least 1e-15 of the mean ``||phi||^2``.
    loss
        A name in `LOSSES`, or a loss.
    intercept
        Whether b is fitted; it has no ridge.

    Raises
    ------
    ValueError
        As `ridge_regression`, or if labels do not suit the loss.
    FloatingPointError
        If the certified duality gap stays above 1e-8 of the objective.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> Phi, y = rng.standard_normal((3, 20)), np.repeat([1.0, -1.0], 10)
    >>> readout = convex_regression(Phi, y, 0.1, "logistic", intercept=True)
    >>> z = y * (Phi.T @ readout.weights + readout.intercept)
    >>> np.allclose(Phi @ (y / (1 + np.exp(z))) / 20, 0.1 * readout.weights)  # no gradient is left
    True
    """
    loss = loss_of(loss)
    power = _power(Phi, y, ridge, loss, intercept)
    k, m = Phi.shape
    # Weights are combinations of the samples: m coordinates of them are enough.
    basis, A = linalg.qr(Phi, mode="economic", check_finite=False) if k > m else (None, Phi)
    rows = np.vstack([A, np.ones(m)]) if intercept else A
    primal = _Primal(rows, y, ridge, loss, len(A))
    v, f = _newton(primal) if loss.curvature > 0 else _interior_point(primal)
    objective, plain, gap = primal.certified(v, f)
    if not gap <= _GAP * objective:
        raise FloatingPointError(
            f"loss = {loss.name!r}: the duality gap is {gap / objective:.1e} of the objective, "
            f"above {_GAP:g}, with ridge = {ridge!r}"
        )
    w = v[: len(A)]
    w = w if basis is None else basis @ w
    return Readout(w, objective, plain, float(v[-1]) if intercept else 0.0, gap, power)


@dataclass(frozen=True)
class _Primal:
    """The problem in v = (w, b); the rows of A beyond `size` have no ridge."""

    A: Array
    y: Array
    ridge: float
    loss: Loss
    size: int

    def objective(self, v: Array, z: Array) -> float:
        """With the regulariser, at scores ``z = A^T v``."""
        w = v[: self.size]
        return float(self.loss.value(self.y, z).mean()) + 0.5 * self.ridge * float(w @ w)

    def gradient(self, v: Array, f: Array) -> Array:
        """In v, where the slopes of the loss are -f."""
        g = np.asarray(-self.A @ f / self.y.size)
        g[: self.size] += self.ridge * v[: self.size]
        return g

    def solver(self, curvature: Array) -> Callable[[Array], Array]:
        """Inverse of the second derivative, where that of the loss is `curvature` >= 0."""
        root = self.A * np.sqrt(curvature / self.y.size)
        H = root @ root.T
        H.flat[:: len(H) + 1] += self.ridge
        if self.size < len(H):  # a flat loss does not hold b
            H[-1, -1] += 1e-12 - self.ridge
        factor = linalg.cho_factor(H, overwrite_a=True, check_finite=False)
        return lambda g: np.asarray(linalg.cho_solve(factor, g, check_finite=False))

    def certified(self, v: Array, f: Array) -> tuple[float, float, float]:
        """Objective, plain loss, and the gap to the dual objective at f, made feasible."""
        w, z = v[: self.size], v @ self.A
        if self.size < len(self.A):
            f = self._balanced(f)
        value = self.loss.value(self.y, z)
        dual = self.A[: self.size] @ f / (self.y.size * self.ridge)
        young = self.loss.conjugate(self.y, f) + value + f * z
        gap = float(young.mean()) + 0.5 * self.ridge * float(np.sum((w - dual) ** 2))
        return self.objective(v, z), float(value.mean()), gap

    def _balanced(self, f: Array) -> Array:
        """Slopes whose mean is 0, as b demands, moved into the room that their bounds leave."""
        low: Array | float = self.loss.low
        high: Array | float = self.loss.high
        if self.loss.margin:
            low, high = np.where(self.y > 0, low, -high), np.where(self.y > 0, high, -low)
        total = f.sum()
        room = np.clip(f - low if total > 0 else high - f, 0.0, 1.0)
        return np.asarray(f - total * room / max(float(room.sum()), 1e-300))


def _newton(primal: _Primal) -> tuple[Array, Array]:
    """Minimiser and slopes f, of a smooth loss."""
    v = np.zeros(len(primal.A))
    z = np.zeros(primal.y.size)
    for _ in range(_STEPS):
        f, curvature = primal.loss.slopes(primal.y, z)
        gradient, now = primal.gradient(v, f), primal.objective(v, z)
        step = -primal.solver(curvature)(gradient)
        change, drop, size = step @ primal.A, float(gradient @ step), 1.0
        for _ in range(_HALVINGS):
            if primal.objective(v + size * step, z + size * change) <= now + 0.1 * size * drop:
                break
            size *= 0.5
        v, z = v + size * step, z + size * change
        if -drop <= 1e-15 * now:
            break
    return v, primal.loss.slopes(primal.y, z)[0]


def _interior_point(primal: _Primal) -> tuple[Array, Array]:
    """Minimiser and slopes f, of a loss with bounds ``low < f < high``, of y f for a margin."""
    loss, m = primal.loss, primal.y.size
    sign = primal.y if loss.margin else np.ones(m)
    v, p = np.zeros(len(primal.A)), np.full(m, 0.5 * (loss.low + loss.high))
    u = np.ones((2, m))
    for _ in range(_STEPS):
        objective, _, gap = primal.certified(v, sign * p)
        if gap <= _ENOUGH * objective:
            break
        try:
            at = _Inside(primal, sign, v, p, u)
        except linalg.LinAlgError:  # no digits are left; the gap says how far it came
            break
        _, dp, du = at.direction(np.zeros_like(u))
        mu, ahead = at.centre(), at.centre(dp, du, at.reach(dp, du))
        dv, dp, du = at.direction((ahead / mu) ** 3 * mu - _OUTWARD * dp * du)
        size = at.reach(dp, du)
        v, p, u = v + size * dv, p + size * dp, u + size * du
    return v, sign * p


_OUTWARD = np.array([[1.0], [-1.0]])


class _Inside:
    """A point between the bounds, with slacks s and multipliers u.

    ``r - curvature p + u_low - u_high = 0`` and ``s u = mu``, where mu goes to 0.
    """

    def __init__(self, primal: _Primal, sign: Array, v: Array, p: Array, u: Array) -> None:
        loss, self.A, self.sign, self.u = primal.loss, primal.A, sign, u
        z = v @ primal.A
        self.s = np.stack([p - loss.low, loss.high - p])
        self.r = (1 - primal.y * z if loss.margin else primal.y - z) - loss.curvature * p
        self.D = 1 / np.maximum(loss.curvature + np.sum(u / self.s, axis=0), 1e-30)
        self.solve, self.gradient = primal.solver(self.D), primal.gradient(v, sign * p)

    def direction(self, target: Array) -> tuple[Array, Array, Array]:
        """Steps of v, p and u towards ``s u = target``."""
        right = self.D * (self.r + np.sum(_OUTWARD * target / self.s, axis=0))
        dv = -self.solve(self.gradient - self.A @ (self.sign * right) / right.size)
        dp = right - self.D * self.sign * (dv @ self.A)
        return dv, dp, (target - self.u * _OUTWARD * dp) / self.s - self.u

    def centre(self, dp: Array | float = 0.0, du: Array | float = 0.0, size: float = 0.0) -> float:
        """Mean of ``s u``, after a step of this size."""
        return float(np.mean((self.s + size * _OUTWARD * dp) * (self.u + size * du)))

    def reach(self, dp: Array, du: Array) -> float:
        """Largest step, at most 1, that stays inside."""
        most = max(float(np.max(-_OUTWARD * dp / self.s)), float(np.max(-du / self.u)))
        return min(1.0, _SHORT / most) if most > 0 else 1.0


def _power(Phi: Array, y: Array, ridge: float, loss: Loss, intercept: bool) -> float:
    """Mean ``||phi||^2`` of a sample that is allowed."""
    require_sample(Phi, y)
    if not (np.isfinite(Phi).all() and np.isfinite(y).all()):
        raise ValueError("Phi must be finite, and so must y")
    power = float(np.sum(Phi**2)) / y.size
    require_digits(ridge, power)
    if y.ndim > 1:
        raise ValueError(f"y has shape {y.shape}; one output is needed, as loss is {loss.name!r}")
    if loss.margin and not np.all(np.abs(y) == 1):
        raise ValueError(f"y must be +1 and -1, as loss is {loss.name!r}")
    if intercept and np.all(y == y[0]):
        raise ValueError(f"y is {y[0]:g} throughout: an intercept needs two values")
    return power
