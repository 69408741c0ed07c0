"""The limit itself for inputs of any spectrum: nothing is drawn, and no bulk is set apart.

On the eigen-axes of an input its Hermite polynomials are orthonormal; a neuron u holds of them the
vector f_u (`input_modes`) and, of what is left, the power r_u. With

    K = k E_u[g_u f_u f_u^T],    g_u = 1 / (omega + r_u + f_u^T (I + K)^{-1} f_u),
    lambda k = omega (1 - df1/m),    df1 = k (1 - omega E_u g_u),

the readout is ridge regression with the kernel K at the ridge 1: with h the coefficients of
``E[y | x]``, ``2 training = (lambda k / omega) E y (y - f)`` and

    2 generalization = [E y (y - f) - omega d/d omega E y (y - f)] / (1 - df2/m),

as in `onestep.theory.limit.scalar`, ``df2 = df1 + omega d df1 / d omega`` and
``E y (y - f) = E y^2 - |h|^2 + h^T (I + K)^{-1} h``. Of polynomials that are left out, what they
have in common with the label counts to first order in their part of K.

Rows before the step have no signs: K is zero between polynomials of different parity along any
axis, but those along which the step, or the means, move all rows. So it falls into small blocks.

These are the equations of random features with any kernel (Defilippis, Loureiro and Misiakiewicz
2024), with a resolvent for each kind of neuron. Derived in the book's chapter *Your data, your
network*.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize
from scipy.sparse.linalg import LinearOperator, gmres

from ..._support import check
from ..._support.arrays import Array
from ...network import FeatureMap, Prediction, require_digits
from ..secants import Secants
from .blocks import Blocks
from .held_modes import HeldModes
from .rows import TrainedRows

_TOLERANCE = 1e-9
_SEEN = 256  # inputs that tell how weights scatter


@dataclass(frozen=True)
class SpectrumLimit:
    """A readout's errors in the limit, for inputs whose clusters share eigen-axes.

    Attributes
    ----------
    blocks
        f_u of all rows, by parity.
    rest, power
        r_u, and ``E phi^2`` of every row.
    h
        Coefficients of the label, shape (modes, outputs).
    beside
        ``E phi_u y`` beside the modes, shape (rows, outputs).
    y2
        ``E ||y||^2``.
    k
        Width.
    seen, seen_beside
        Values of the modes at inputs of this law, shape (modes, size); and what the features hold
        there beside the modes, (rows, size).

    Examples
    --------
    >>> from onestep import Problem, activations
    >>> from onestep.inputs import DenseMixture
    >>> from onestep.network import Network
    >>> n = 60
    >>> t = np.arange(1, n + 1.0) ** -1.5
    >>> mixture = DenseMixture(np.ones(1), np.diag(n * t / t.sum())[None], np.zeros((1, n)))
    >>> problem = Problem(n=n, m=n, k=n, weights=(1.0,), target="sign(z)", direction=(1.0,) * n)
    >>> relu = Network().feature_map(activations.get("relu"), 1.0, 1)
    >>> limit = SpectrumLimit.of(TrainedRows.of(problem, mixture), relu)
    >>> few, many = (limit.errors(m, ridge=1e-2) for m in (60, 600))
    >>> many.generalization_error < few.generalization_error
    True
    """

    blocks: Blocks
    rest: Array
    power: Array
    h: Array
    beside: Array
    y2: float
    k: int
    seen: Array
    seen_beside: Array

    @classmethod
    def of(cls, trained: TrainedRows, features: FeatureMap) -> SpectrumLimit:
        """For the features of a model, behind trained rows.

        Raises
        ------
        TooLarge
            If more than 12,000 polynomials of an input matter.
        """
        axes, rows = trained.axes, trained.rows
        held = HeldModes.of(axes, rows, features, trained.k)
        columns, h = held.columns, held.label
        X, values = held.at_inputs(_SEEN)
        return cls(
            Blocks.of(columns, held.parity(trained.moved)),
            np.maximum(held.power - np.sum(columns**2, axis=0), 0.0),
            held.power,
            h,
            held.product_with_label - columns.T @ h,
            axes.labels.second_moment(axes.inputs),
            trained.k,
            values,
            features.function(rows @ X.T) - columns.T @ values,
        )

    def errors(self, m: int, ridge: float) -> Prediction:
        """Errors of ridge regression on m samples; arguments as `Spectrum.errors`."""
        check.integer("m", m, 1)
        k, blocks = self.k, self.blocks
        target = require_digits(ridge, float(self.power.mean())) * k
        g, omega, residual = self._solve(m, target)
        if not residual <= _TOLERANCE:
            return Prediction.failed(omega / k, residual)
        inverse = blocks.inverse(blocks.kernel(k * g))
        slope = self._slope(g, omega, inverse)
        df1 = k * (1 - omega * float(g.mean()))
        df2 = df1 - k * omega * float(g.mean() + slope.mean())
        fitted, left = self._fitted(inverse, g, self.h, self.beside)
        # Of its change with omega, the same orders.
        left = left - blocks.times(inverse, blocks.mean(k * g, self.beside))
        p = blocks.products(left)
        change = float(np.sum(left * blocks.times(blocks.kernel(k * slope), left)))
        change += k * float(slope @ np.sum(self.beside * (self.beside + 2 * p), axis=1)) / g.size
        miss = self.y2 - float(fitted.sum())
        generalization = 0.5 * (miss + change) / (1 - df2 / m)
        scatter = self._scatter(inverse, g)
        return Prediction.solved(
            0.5 * target / omega * miss,
            (target / omega) ** 2 * generalization,
            generalization,
            kappa=omega / k,
            residual=residual,
            left=m - df2,
            weight_scatter=scatter / (m + df1),
        )

    def _fitted(self, inverse: list[Array], g: Array, h: Array, q: Array) -> tuple[Array, Array]:
        """Power that the kernel fits, and ``(I + K)^{-1} h``, for functions in columns.

        With coefficients h, and ``q_u = E[phi_u function]`` beside the modes. There K is so small
        that its first order is enough.
        """
        left = self.blocks.times(inverse, h)
        both = q * (q + 2 * self.blocks.products(left))
        return np.sum(h * (h - left), axis=0) + self.k * (g @ both) / g.size, left

    def _scatter(self, inverse: list[Array], g: Array) -> float:
        """Standard deviation of ``phi^T (M + kappa)^{-1} phi`` over inputs and layers."""
        V, left = self._fitted(inverse, g, self.seen, self.seen_beside)
        # Of what the others do not tell of a neuron a layer has a sample of k.
        own = g[:, None] * (self.seen_beside + self.blocks.products(left)) ** 2
        return math.sqrt(np.var(V) + self.k * np.mean(np.var(own, axis=0)))

    def _solve(self, m: int, target: float) -> tuple[Array, float, float]:
        """G and omega, and the residual of their equations: what is held is their fixed point."""
        k = self.k

        def ridge(held: Array) -> float:
            def excess(x: float) -> float:
                omega = math.exp(x)
                return omega * (1 - k / m * float(np.mean(held / (omega + held)))) - target

            high = target + k / m * float(held.mean())
            if high == target:
                return target
            return math.exp(optimize.brentq(excess, math.log(target), math.log(high) + 1e-12))

        def mapped(x: Array) -> Array:
            held = np.exp(x)
            g = 1 / (ridge(held) + held)
            inverse = self.blocks.inverse(self.blocks.kernel(k * g))
            return np.log(self.rest + self.blocks.forms(inverse))

        x = np.log(0.5 * self.power)
        for _ in range(3):
            x = mapped(x)
        x, residual = Secants().solve(mapped, x, _TOLERANCE / 10)
        held = np.exp(x)
        omega = ridge(held)
        return 1 / (omega + held), omega, residual

    def _slope(self, g: Array, omega: float, inverse: list[Array]) -> Array:
        """``dg / d log omega``."""

        def product(change: Array) -> Array:
            change = change.ravel()
            return change + g**2 * self.blocks.response(
                inverse, self.blocks.kernel(self.k * change)
            )

        operator = LinearOperator((g.size, g.size), matvec=product, dtype=float)
        found, info = gmres(operator, -omega * g**2, rtol=1e-9, restart=60, maxiter=5)
        if info:
            raise FloatingPointError("the response of the neurons did not settle")
        return np.asarray(found)
