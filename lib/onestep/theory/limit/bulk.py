"""Resolvent of the bulk of the features when it depends on the neurons' types.

For ``Sigma~ = (B S B^T) o (F F^T)``, with slopes B of the neurons in some basis, their averages S
over inputs, and rows of F iid N(0, I_n/n), the diagonal of ``(Sigma~ + diag(eta))^{-1}``
concentrates at

    g = 1 / (eta + diag(B N B^T)),    N = (S^{-1} + ratio Gamma)^{-1},    Gamma = B^T diag(w g) B,

with weights w of the types and ``ratio = k/n``; eta holds what neurons do not share, and omega. In
the book S = I and ``N = H^{-1}``. Weights of the inputs change S and eta and leave B alone, so
that derivatives in them are simple. With one type it is the law of Marchenko and Pastur: there the
equation is quadratic, and `onestep.spectrum.marchenko_pastur` has its root in closed form, because
the density of the eigenvalues needs it at complex omega, where nothing here leads.

Analytic: an imaginary part so small that its square is nothing is carried, and with it a
derivative. Derived in the book's chapter *The network is kernel ridge regression*; the equation is
that of a sample covariance with a variance profile.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..._support.arrays import Array, RealOrComplex

_NEWTON = 60  # steps at most; a handful is the rule
_ROUNDING = 1e-13


@dataclass(frozen=True)
class TypedBulk:
    """The bulk of k features over n dimensions, for N types and slopes of L components.

    Source: the book's chapter *The network is kernel ridge regression*.

    Attributes
    ----------
    B
        Slopes of the types times the bulk's scale, shape (N, L).
    S
        Their averages over inputs in this basis, shape (L, L).
    w
        Weights of the types, shape (N,), of sum 1.
    ratio
        k/n.

    Examples
    --------
    Two types without slopes keep what they have alone:

    >>> bulk = TypedBulk(np.zeros((2, 1)), np.eye(1), np.array([0.5, 0.5]), ratio=1.0)
    >>> bulk.resolvent(np.array([1.0, 4.0]), None)
    array([1.  , 0.25])
    """

    B: Array
    S: RealOrComplex
    w: Array
    ratio: float

    def resolvent(self, eta: RealOrComplex, start: RealOrComplex | None) -> RealOrComplex:
        """Solve for g by Newton's method.

        Parameters
        ----------
        eta
            At the types, omega included, shape (N,); real and positive, or with the smallest
            imaginary parts.
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
                g = 1 / (eta + self.hold(g))
        if np.iscomplexobj(eta):  # the real part is solved: one step carries the imaginary part
            return g + self.response(g)(eta + self.hold(g) - 1 / g)
        # In logarithms, in which the plain iteration is a contraction: at the largest g the step
        # for 1/g would lead away.
        for _ in range(_NEWTON):
            inverse = eta + self.hold(g)
            mismatch = np.log(g * inverse)
            if np.abs(mismatch).max() < _ROUNDING:
                return g
            change = self.response(g, g / inverse)(inverse * mismatch)
            g = g * np.exp(np.clip(change / g, -2.0, 2.0))
        raise FloatingPointError("the bulk's equation did not settle")

    def beyond(self, eta: Array) -> Array | None:
        """Solve for g where -omega lies above the spectrum, so that all g are negative.

        Parameters
        ----------
        eta
            At the types, omega included, shape (N,).

        Returns
        -------
        Array or None
            None if -omega lies in the spectrum or below it.

        Examples
        --------
        >>> bulk = TypedBulk(np.ones((1, 1)), np.eye(1), np.ones(1), ratio=1.0)
        >>> bulk.beyond(np.array([-4.5])).round(6), bulk.beyond(np.array([-3.9]))  # the edge is 4
        (array([-0.333333]), None)
        """
        g = np.zeros_like(eta)
        # The map from -g to -1/(eta + hold(g)) increases and is convex: from 0, Newton's method
        # rises to its smallest fixed point, which is the resolvent, or there is none.
        for _ in range(_NEWTON):
            inverse = eta + self.hold(g)
            if np.any(inverse >= 0):
                return None
            change = self.response(g, inverse**-2)((g * inverse - 1) * inverse)
            if np.abs(change).max() <= _ROUNDING * np.abs(g).max():
                return g
            if np.any(change > 1e-9 / np.abs(inverse)):
                return None
            g = g + change
        return None

    def dressing(self, g: RealOrComplex) -> tuple[RealOrComplex, RealOrComplex]:
        """``E = (I + ratio S Gamma)^{-1}``, so that ``N = E S``, and ``Gamma E``; each (L, L)."""
        Gamma = (self.B.T * (self.w * g)) @ self.B
        E = np.linalg.inv(np.eye(len(self.S)) + self.ratio * self.S @ Gamma)
        return E, Gamma @ E

    def hold(self, g: RealOrComplex) -> RealOrComplex:
        """``diag(B N B^T)``: what the other neurons leave of a neuron's slope, shape (N,)."""
        return np.asarray(np.sum(self.B @ (self.dressing(g)[0] @ self.S) * self.B, axis=1))

    def response(self, g: RealOrComplex, g2: RealOrComplex | None = None) -> Response:
        """How g responds to eta; beside the solution, for a given `g2` in the place of ``g^2``."""
        B = self.B
        turned = B @ (self.dressing(g)[0] @ self.S)
        i, j = np.triu_indices(B.shape[1])  # (B turned^T)^2 by products of columns, each pair once
        X, Y = B[:, i] * B[:, j], turned[:, i] * turned[:, j]
        twice = self.ratio * np.where(i < j, 2.0, 1.0)
        return Response(g**2 if g2 is None else g2, self.w, twice * X, Y)


class Response:
    """``-(I - diag(g^2) X Y^T diag(w))^{-1} diag(g^2)`` for matrices X, Y of few columns."""

    def __init__(self, g2: RealOrComplex, w: Array, X: RealOrComplex, Y: RealOrComplex) -> None:
        self._g2, self._left, self._right = g2, g2[:, None] * X, Y.T * w
        self._core = np.eye(X.shape[1]) - self._right @ self._left

    def __call__(self, change: RealOrComplex) -> RealOrComplex:
        """Applied to a vector, or to columns."""
        direct = -(self._g2 * change.T).T
        return np.asarray(direct + self._left @ np.linalg.solve(self._core, self._right @ direct))

    def transposed(self, row: RealOrComplex) -> RealOrComplex:
        """The transposed, applied to a vector."""
        pulled = np.linalg.solve(self._core.T, self._left.T @ row)
        return np.asarray(-self._g2 * (row + self._right.T @ pulled))
