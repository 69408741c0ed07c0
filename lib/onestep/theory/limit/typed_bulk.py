"""Resolvent of the bulk of the features when it depends on the neurons' types.

For ``Sigma~ = A o (F F^T) + diag(eta)`` with ``A_ij = d_i^T d_j``, d_i and eta_i functions of the
type of neuron i, and rows of F iid N(0, (b^2/n) I_n) independent of the types, the diagonal of
``(Sigma~ + omega)^{-1}`` concentrates at

    g(u) = 1 / (omega + eta(u) + b^2 d(u)^T H^{-1} d(u)),    H = I + (k/n) b^2 E_u[g d d^T],

a system for the small symmetric matrix H. With one type it is the law of Marchenko and Pastur in
`onestep.spectrum.marchenko_pastur`. Derived in the book's chapter *The network is kernel ridge
regression*; the equation is that of a sample covariance with a variance profile.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .neuron_types import NeuronTypes

Values = NDArray[Any]  # real in, real out; complex in, complex out

_STEPS = 60


@dataclass(frozen=True)
class Resolvent:
    """The bulk at one omega.

    Attributes
    ----------
    omega
        Where.
    g, derivative, used
        At the types: g, its derivative in omega, and ``1 - omega g``.
    H, H_derivative
        The matrix of the fixed point and its derivative in omega.
    """

    omega: Any
    g: Values
    derivative: Values
    used: Values
    H: Values
    H_derivative: Values

    def extrapolated(self, omega: Any) -> Values:
        """H at a similar omega, to first order in log omega.

        No logarithmic slope of H is below -1: up to a factor e the result is positive.
        """
        return np.asarray(self.H + np.log(omega / self.omega) * self.omega * self.H_derivative)


@dataclass(frozen=True)
class TypedBulk:
    """The bulk of k features over n bulk dimensions of scale b.

    Attributes
    ----------
    types
        The neurons.
    k, n
        Width and number of bulk dimensions.
    scale
        b.
    """

    types: NeuronTypes
    k: int
    n: int
    scale: float

    @property
    def mean(self) -> float:
        """Mean eigenvalue of Sigma~."""
        size = self.types.rest + self.scale**2 * np.sum(self.types.slopes**2, axis=1)
        return float(self.types.weights @ size)

    def resolvent(self, omega: Any, start: Resolvent | None = None) -> Resolvent:
        """Solve for the resolvent at one omega.

        Parameters
        ----------
        omega
            Positive; or, with a `start` at its real part, complex with an imaginary part so small
            that its square is nothing: derivatives in omega are then exact to rounding.
        start
            The resolvent at a similar omega, which differs by a factor of at most e.

        Raises
        ------
        FloatingPointError
            If Newton's iteration does not settle.
        """
        w, d, eta = self.types.weights, self.types.slopes, self.types.rest
        size = d.shape[1]
        ratio = self.k / self.n * self.scale**2
        products = self._products
        H = self._start(omega, products) if start is None else start.extrapolated(omega)
        for _ in range(_STEPS):
            turned = d @ np.linalg.inv(H)  # H is symmetric and at least I
            own = eta + self.scale**2 * np.sum(d * turned, axis=1)
            g = 1 / (omega + own)
            miss = np.eye(size).ravel() + ratio * ((w * g) @ products) - H.ravel()
            squares = (turned[:, :, None] * turned[:, None, :]).reshape(len(d), size**2)
            weighted = ratio * products.T * (w * g**2)
            jacobian = np.eye(size**2) - self.scale**2 * weighted @ squares
            if np.abs(miss).max(initial=0) < 1e-13 * np.abs(H).max(initial=1):
                break
            H = H + np.linalg.solve(jacobian, miss).reshape(size, size)
        else:
            raise FloatingPointError(f"the bulk's equation did not settle at omega = {omega}")
        change = np.linalg.solve(jacobian, -weighted.sum(axis=1))
        derivative = g**2 * (self.scale**2 * squares @ change - 1)
        return Resolvent(omega, g, derivative, own * g, H, change.reshape(size, size))

    @functools.cached_property
    def _products(self) -> Values:
        d = self.types.slopes
        return np.asarray(np.einsum("ij,ik->ijk", d, d).reshape(len(d), d.shape[1] ** 2))

    def _start(self, omega: Any, products: Values) -> Values:
        """A few steps of the plain iteration, which cannot leave the positive matrices."""
        w, d, eta = self.types.weights, self.types.slopes, self.types.rest
        ratio = self.k / self.n * self.scale**2
        H = np.eye(d.shape[1])
        for _ in range(8):
            turned = np.linalg.solve(H, d.T).T
            g = 1 / (omega + eta + self.scale**2 * np.sum(d * turned, axis=1))
            H = np.eye(d.shape[1]) + ratio * ((w * g) @ products).reshape(H.shape)
        return H
