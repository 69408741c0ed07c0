"""The limit given the coordinates of an input: no random matrix, up to full strength.

`onestep.theory.limit.scalar` averages features over inputs before it asks what a sample does to the
readout. Near full strength the noise of a feature differs from input to input, and so do the
quadratic forms V(s), ``s = (c, kappa)``, of `onestep.theory.conditional`. Here their equations are
solved in the limit.

A sample weighs an input by ``W(s) = 1/(1 + V(s))``. With weighted averages over inputs in the place
of plain ones, neurons of types u have the means m, the slopes m' and the rest e of

    k S(s) = m m^T + m' m'^T o (F F^T) + diag(e),    at t = u^T kappa,

and with ``A(u, u') = E_s[W m'(u) m'(u')]``, ``eta(u) = E_s[W e(u)]`` and ``omega = lambda k`` the
resolvent g(u) of the bulk is that of `onestep.theory.limit.bulk`. Then

    V(s) = (1/m) d/dW(s) [log det(bulk) + log det(I + D K)]    (over the weight of s),

with the kernel ``K = k E_u[g m m]`` between inputs and D the diagonal of their weights times W. The
bulk's part is ``(k/m) E_u[e g] + (n/m) d_s^T (I - H^{-1}) d_s``, with d_s the slope in the
coordinates of A; the rest is of order 1/m. The minimum of the objective is half of

    E_s[W y^2] - y^T D K (I + D K)^{-1} D y.

Adding epsilon times the population's loss to the objective adds epsilon to W and, since the minimum
is stationary in the readout, epsilon times the generalization error to the minimum: that error is a
derivative in epsilon, through W, V and g. So is the norm of the readout, in lambda. Derived in the
book's chapter *The network is kernel ridge regression*.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, gmres

from ..._support import check
from ..._support.arrays import Array, RealOrComplex
from ...hermite import local_coefficients
from ...network import FeatureMap, Prediction, require_digits
from ..secants import Secants, positive
from .bulk import TypedBulk
from .coordinate_rules import LABELLED, mixture_rule
from .kernel_series import require_size
from .low_rank import factors
from .special_coordinates import Coordinates
from .trained_types import trained_types

RESOLVED = 2.5e-5  # powers of a coordinate's share of a preactivation below this do not count
_TOLERANCE = 1e-9
_RESTARTS = 4  # of the linear solver, at most
STEP = 1e-20j  # imaginary part that carries a derivative
_SLOPES = 1e-5  # share of their power below which modes of the slopes are left to the noise
_MEANS = 1e-4  # and modes of the means are left out, this one times 1/k, the ridge that they meet


@dataclass(frozen=True)
class ConditionalLimit:
    """A readout's errors in the limit, for any sample size and ridge; N types, S inputs.

    Source: the book's chapter *The network is kernel ridge regression*.

    Attributes
    ----------
    k, n
        Width, and dimensions of the bulk.
    types, inputs
        Weights, shapes (N,) and (S,), each of sum 1.
    rest
        Variance of a feature independent between neurons, shape (N, S).
    slopes
        Factors B, C of the slopes ``b m' = B C``, shapes (N, L) and (L, S).
    means
        Factors of what inputs share: the conditional means, then ``h_2`` times the fluctuation
        ``(2/n)^{1/2}`` of the bulk's norm; shapes (N, M) and (M, 2 S).
    label, unexplained
        ``E[y | s]``, and 0 for the norm's part, (2 S, outputs); ``E ||y||^2`` beyond that.
    groups
        Of every input, as of `mixture_rule`.

    Examples
    --------
    >>> from onestep import Problem, activations
    >>> from onestep.network import Network
    >>> from onestep.theory.limit import coordinates
    >>> problem = Problem(n=400, m=400, k=400, activation="tanh", target="class")
    >>> features = Network().feature_map(activations.get("tanh"), problem.scale, 1)
    >>> limit = ConditionalLimit.of(coordinates(problem), problem.k, features)
    >>> few, many = (limit.errors(m, ridge=1e-3) for m in (100, 10_000))
    >>> many.generalization_error < few.generalization_error
    True
    """

    k: int
    n: int
    types: Array
    inputs: Array
    rest: Array
    slopes: tuple[Array, Array]
    means: tuple[Array, Array]
    label: Array
    unexplained: float
    groups: NDArray[np.intp]

    @classmethod
    def of(
        cls,
        special: Coordinates,
        k: int,
        features: FeatureMap,
        rows: tuple[Array, Array, Array] | None = None,
        piece: int = LABELLED,
    ) -> ConditionalLimit:
        """Limit for the features of a model, in the special coordinates of a problem.

        `rows` are a quadrature, as of `trained_types`, over rows that no step of the problem made;
        `piece` are nodes on each smooth piece of the label, `SCORED` for other losses.

        Raises
        ------
        ValueError
            If there are too many spikes for the quadrature.
        """
        kappa, label, inputs, groups = mixture_rule(special, RESOLVED, piece)
        require_size(inputs.size**2, "scalar")  # of the kernel between inputs
        u, scale, types = rows or trained_types(special, (RESOLVED,))
        t = u @ kappa.T
        local = local_coefficients(features.gaussian, scale, t)
        h0, h1 = local.h0, local.h1
        norm = math.sqrt(2 / special.dimensions) * local.h2
        slopes = factors(h1, types, inputs, _SLOPES)
        require_size(slopes[0].size * len(slopes[1]), "scalar")  # of the response
        # What the factors leave of a slope is no longer shared.
        rest = local.residual - norm**2 + h1**2 - (slopes[0] @ slopes[1]) ** 2
        return cls(
            k=k,
            n=special.dimensions,
            types=types,
            inputs=inputs,
            rest=np.maximum(rest, 0.0) + features.noise**2,
            slopes=slopes,
            means=factors(
                np.block([[h0, norm], [norm, np.zeros_like(norm)]]),
                np.tile(types, 2),
                np.tile(inputs, 2),
                _MEANS / k,
            ),
            label=np.vstack([label, np.zeros_like(label)]),
            unexplained=special.labels.second_moment(special.inputs)
            - float(inputs @ np.sum(label**2, axis=1)),
            groups=groups,
        )

    @functools.cached_property
    def power(self) -> float:
        """``E ||phi||^2``."""
        B, C = self.slopes
        P, modes = self.means
        own, norm = np.hsplit((P[: self.types.size] @ modes) ** 2, 2)
        return float(self.types @ (self.rest + (B @ C) ** 2 + own + norm) @ self.inputs)

    def errors(self, m: int, ridge: float) -> Prediction:
        """Errors of ridge regression on m samples; arguments as `Spectrum.errors`.

        The ``kappa`` of the result is ``lambda / E[1 / (1 + V)]``.
        """
        check.integer("m", m, 1)
        omega = require_digits(ridge, self.power) * self.k
        state, residual, secants = self._solve(m, omega)
        kappa = ridge / float(self.inputs @ state.W)
        if not residual <= _TOLERANCE:
            return Prediction.failed(kappa, residual)
        by_loss, _ = self._derivative(state, secants, epsilon=1.0, log_ridge=0.0)
        by_ridge, opened = self._derivative(state, secants, epsilon=0.0, log_ridge=1.0)
        if math.isnan(by_loss + by_ridge):
            return Prediction.failed(kappa, residual)
        rise = kappa / ridge * (1 - float(self.inputs @ opened) / float(self.inputs @ state.W))
        return Prediction.solved(
            0.5 * float(state.minimum),
            0.5 * (float(state.minimum) - by_ridge),
            0.5 * by_loss,
            kappa=kappa,
            residual=residual,
            left=m / rise,  # d kappa / d lambda = m / (m - df2), where W is the same for all
        )

    def _solve(self, m: int, omega: float) -> tuple[State, float, Secants]:
        """The state at V(s), the relative residual of the equation of V, and its slope there."""
        state = State(self, m, omega, np.full(self.inputs.size, 0.5), None)

        def found(x: Array) -> Array:
            nonlocal state
            state = State(self, m, omega, 1 / (1 + np.exp(x)), state.g)
            return np.asarray(np.log(positive(state.V)))

        secants = Secants()
        _, residual = secants.solve(found, np.log(positive(state.V)), 0.01 * _TOLERANCE)
        return state, residual, secants

    def _derivative(
        self, state: State, secants: Secants, *, epsilon: float, log_ridge: float
    ) -> tuple[float, Array]:
        """Derivatives of the minimum and of W along a direction in epsilon and log lambda.

        ``W = 1/(1 + V(W, omega)) + epsilon`` changes with both: ``(W^-2 + V') dW = W^-2 epsilon -
        dV/d omega``, V' the derivative of V in W.
        """
        omega, V = state.omega * (1 + STEP * log_ridge), positive(state.V)
        by_ridge = State(self, state.m, omega, state.W + 0j, state.g).V.imag / STEP.imag

        def product(dW: Array) -> Array:
            moved = State(self, state.m, state.omega, state.W + STEP * dW, state.g)
            return np.asarray(dW / state.W**2 + moved.V.imag / STEP.imag)

        def operator(function: Callable[[Array], Array]) -> LinearOperator:
            size = state.W.size
            return LinearOperator((size, size), matvec=function, dtype=float)

        # The equation of log V has the same slope: dW = -V W^2 d log V.
        along, info = gmres(
            operator(product),
            epsilon / state.W**2 - by_ridge,
            M=operator(lambda r: V * state.W**2 * secants.inverse(r / V)),
            rtol=1e-10,
            restart=50,
            maxiter=_RESTARTS,
        )
        if info:  # no digits are left
            return math.nan, along
        moved = State(self, state.m, omega, state.W + STEP * along, state.g)
        return float(moved.minimum.imag) / STEP.imag, np.asarray(along)


class State:
    """Everything at given weights W(s) of the inputs.

    Analytic in W and omega: an imaginary part so small that its square is nothing carries a
    derivative, exact to rounding; `start` is then the g of the real part.
    """

    def __init__(
        self,
        limit: ConditionalLimit,
        m: int,
        omega: Any,
        W: RealOrComplex,
        start: RealOrComplex | None,
    ) -> None:
        k, w = limit.k, limit.types
        self.limit, self.m, self.omega, self.W = limit, m, omega, W
        size = W.size
        weights = limit.inputs * W
        B, C = limit.slopes
        self.bulk = bulk = TypedBulk(B, (C * weights) @ C.T, w, k / limit.n)
        self.g = g = bulk.resolvent(omega + _product(limit.rest, weights), start)
        E, among = bulk.dressing(g)
        self.dressed = E @ C

        # The kernel is K (I + D K)^{-1} = modes^T kept modes.
        P, modes = limit.means
        both = np.tile(weights, 2)
        overlaps = (modes * both) @ modes.T
        Psi = k * (P.T * np.tile(w * g, 2)) @ P
        self.left = np.linalg.inv(np.eye(len(Psi)) + overlaps @ Psi)
        self.kept = Psi @ self.left

        # V(s) is the derivative in the weight of s of log det B, bulk and spikes, over m.
        by_row = np.sum((P @ (self.left @ overlaps)) * P, axis=1)
        spikes = _forms(self.kept, modes)
        V = _product(limit.rest.T, k * w * g) + k * _forms(among, C) + self.through_bulk(by_row)
        self.V = (V + spikes[:size] + spikes[size:]) / m

        label = limit.label
        fitted = modes.T @ (self.kept @ (modes @ (label * both[:, None])))
        self.minimum = both @ np.sum(label * (label - fitted), axis=1)
        self.minimum = self.minimum + limit.unexplained * np.sum(weights)

    def through_bulk(self, by_row: RealOrComplex) -> RealOrComplex:
        """Slope, in the weights of the inputs, of ``k E_u[g r]`` for numbers r at (own, norm) u."""
        limit, B = self.limit, self.limit.slopes[0]
        taken = limit.k * limit.types * by_row.reshape(2, -1).sum(axis=0)
        pulled = self.bulk.response(self.g).transposed(taken)
        return _product(limit.rest.T, pulled) + _forms((B.T * pulled) @ B, self.dressed)


def _product(matrix: Array, vector: RealOrComplex) -> RealOrComplex:
    """Product of a real matrix, which is not copied to a complex one."""
    if not np.iscomplexobj(vector):
        return np.asarray(matrix @ vector)
    return np.asarray(matrix @ vector.real + 1j * (matrix @ vector.imag))


def _forms(matrix: RealOrComplex, columns: RealOrComplex) -> RealOrComplex:
    """``c^T matrix c`` for every column c."""
    return np.asarray(np.sum(columns * (matrix @ columns), axis=0))
