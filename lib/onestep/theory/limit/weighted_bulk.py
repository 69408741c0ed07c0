"""Resolvent of the bulk of features when inputs carry weights, and how it responds to them.

For slopes ``b m' = B C``, whose weighted averages over inputs are ``B S B^T``, the diagonal of the
resolvent concentrates at

    g = 1 / (eta + diag(B N B^T)),    N = (S^{-1} + ratio Gamma)^{-1},    Gamma = B^T diag(w g) B,

the equation of `onestep.theory.limit.typed_bulk` in a basis that the weights leave alone, so that
derivatives in the weights are simple. Analytic: an imaginary part so small that its square is
nothing is carried.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..._support.arrays import Array

Values = NDArray[Any]  # real in, real out; complex in, complex out

_NEWTON = 60  # steps at most; a handful is the rule


@dataclass(frozen=True)
class WeightedBulk:
    """The bulk at weights of the inputs.

    Attributes
    ----------
    B
        Slopes of the types in a basis that the weights leave alone, shape (N, L).
    S
        Averages over inputs in that basis, shape (L, L).
    w
        Weights of the types, shape (N,).
    ratio
        k/n.
    """

    B: Array
    S: Values
    w: Array
    ratio: float

    def resolvent(self, eta: Values, start: Values | None) -> Values:
        """Solve for g by Newton's method.

        Parameters
        ----------
        eta
            At the types, shape (N,); real and positive, or with the smallest imaginary parts.
        start
            A similar g; for a complex eta, the g of its real part.

        Raises
        ------
        FloatingPointError
            If the iteration does not settle.
        """
        g = start
        if g is None:
            g = 1 / eta
            for _ in range(8):  # the plain iteration cannot leave the positive numbers
                g = 1 / (eta + self._hold(g))
        if np.iscomplexobj(eta):  # the real part is solved: one step carries the imaginary part
            return g + self.response(g)((eta + self._hold(g) - 1 / g)[:, None])[:, 0]
        for _ in range(_NEWTON):
            mismatch = eta + self._hold(g) - 1 / g
            if np.abs(mismatch * g).max() < 1e-13:
                return g
            change = self.response(g)(mismatch[:, None])[:, 0]
            g = g * np.exp(np.clip(change / g, -2.0, 2.0))
        raise FloatingPointError("the bulk's equation did not settle")

    def dressing(self, g: Values) -> tuple[Values, Values]:
        """``E = (I + ratio S Gamma)^{-1}`` and ``Gamma E``, shapes (L, L)."""
        Gamma = (self.B.T * (self.w * g)) @ self.B
        E = np.linalg.inv(np.eye(len(self.S)) + self.ratio * self.S @ Gamma)
        return E, Gamma @ E

    def response(self, g: Values) -> Response:
        """How g responds to eta."""
        B = self.B
        turned = B @ (self.dressing(g)[0] @ self.S)
        pairs = [(X[:, :, None] * X[:, None, :]).reshape(len(X), -1) for X in (B, turned)]
        return Response(g**2, self.w, self.ratio * pairs[0], pairs[1])

    def _hold(self, g: Values) -> Values:
        return np.asarray(np.sum(self.B @ (self.dressing(g)[0] @ self.S) * self.B, axis=1))


class Response:
    """``-(I - diag(g^2) X Y^T diag(w))^{-1} diag(g^2)`` for matrices X, Y of few columns."""

    def __init__(self, g2: Values, w: Array, X: Values, Y: Values) -> None:
        self._g2, self._left, self._right = g2, g2[:, None] * X, Y.T * w
        self._core = np.eye(X.shape[1]) - self._right @ self._left

    def __call__(self, change: Values) -> Values:
        """Applied to columns."""
        direct = -self._g2[:, None] * change
        return np.asarray(direct + self._left @ np.linalg.solve(self._core, self._right @ direct))

    def transposed(self, row: Values) -> Values:
        """The transposed, applied to a vector."""
        pulled = np.linalg.solve(self._core.T, self._left.T @ row)
        return np.asarray(-self._g2 * (row + self._right.T @ pulled))
