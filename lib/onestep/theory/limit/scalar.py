"""The limit itself: errors of the readout by scalar equations, no random matrix drawn.

Let g(u) be the resolvent of the bulk at a neuron of type u (`onestep.theory.limit.typed_bulk`), and
m(u, kappa) the conditional mean of its feature (`onestep.theory.limit.neuron_types`). In the limit
the network is kernel ridge regression on the special coordinates of its inputs, at the ridge 1,
with the kernel

    K(kappa, kappa') = k E_u[g(u) m(u, kappa) m(u, kappa')],

in which every neuron counts by what its own bulk leaves of it. omega > 0 solves

    lambda k = omega (1 - df1/m),    df1 = k E_u[1 - omega g] - omega Tr (I + K)^{-1} dK / d omega,

and with ``f = K (I + K)^{-1} E[y | kappa, c]`` and ``df2 = df1 + omega d df1 / d omega``,

    2 generalization = [E y (y - f) - omega d/d omega E y (y - f)] / (1 - df2/m),
    2 training       = (lambda k / omega) E y (y - f).

Derived in the book's chapter *The network is kernel ridge regression*.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import interpolate

from ..._support import check
from ...network import FeatureMap, Prediction
from .coordinates import Coordinates
from .neuron_types import NeuronTypes, neuron_types
from .typed_bulk import Resolvent, TypedBulk

_TOLERANCE = 1e-11
_STEPS = 12


@dataclass(frozen=True)
class Limit:
    """A readout's errors in the limit, for any sample size and ridge."""

    types: NeuronTypes
    bulk: TypedBulk
    _known: dict[int, tuple[float, float, Resolvent]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @classmethod
    def of(cls, at: Coordinates, k: int, features: FeatureMap) -> Limit:
        """Limit for the features of a model, in the special coordinates of a problem."""
        power = float(features.gaussian.second_moment(np.array([at.bulk_scale]), np.zeros(1))[0])
        # Modes count against the ridge of the kernel, at least what the noise of the bulk makes it.
        types = neuron_types(at, features.gaussian, features.noise, floor=1e-2 * power / k)
        return cls(types, TypedBulk(types, k, at.dimensions, at.bulk_scale))

    def ridge_regression(self, m: int, ridge: float) -> Prediction:
        """Errors of ridge regression on m samples; arguments as `Spectrum.ridge_regression`.

        The ``kappa`` of the result is ``omega / k``, on the scale of lambda.
        """
        check.integer("m", m, 1)
        k = self.bulk.k
        target = check.positive("ridge", ridge) * k
        omega, residual, state = self._solve(m, target)
        if not residual <= _TOLERANCE:
            return Prediction.failed(omega / k, residual)
        df2 = float(state.df1) + self._derivative(omega, state.bulk)
        generalization = 0.5 * float((state.miss + state.change) / (1 - df2 / m))
        return Prediction(
            training_error=0.5 * target / omega * float(state.miss),
            plain_training_error=(target / omega) ** 2 * generalization,
            generalization_error=generalization,
            kappa=omega / k,
            residual=residual,
            status="converged",
        )

    def _solve(self, m: int, target: float) -> tuple[float, float, _State]:
        """Omega, the residual of its equation, and the state there.

        The degrees of freedom do not depend on m and the ridge: known at the points of a fixed grid
        they give a start from which a few secant steps suffice.
        """

        def open(df1: float, x: float) -> float:
            return 1 - df1 / m - target * math.exp(-x)

        # omega df1 is at most the trace of all that the features hold.
        spikes = float(self.types.weights @ np.sum(self.types.means**2, axis=1))
        high = target + self.bulk.k * (self.bulk.mean + spikes) / m
        left, right = math.floor(math.log(target)), math.ceil(math.log(high))
        while right - left > 1:
            middle = (left + right) // 2
            if open(self._at(middle)[0], middle) > 0:
                right = middle
            else:
                left = middle
        # Cubic through df1 and its slope at both ends, as a function of log omega.
        df1 = interpolate.CubicHermiteSpline(
            [left, right], *np.transpose([self._at(left)[:2], self._at(right)[:2]])
        )
        x = left + 0.5
        for _ in range(_STEPS):
            x -= open(float(df1(x)), x) / (target * math.exp(-x) - float(df1(x, 1)) / m)
            x = min(max(x, left), right)
        slope = target * math.exp(-x) - float(df1(x, 1)) / m
        state = self._state(math.exp(x), self._at(left)[2])
        value = open(float(state.df1), x)
        for _ in range(_STEPS):
            change = -value / slope
            if abs(change) < 1e-13 * max(abs(x), 1):
                break
            state = self._state(math.exp(x + change), state.bulk)
            value, before = open(float(state.df1), x + change), value
            x += change
            if abs(value) >= 0.5 * abs(before):
                break
            slope = (value - before) / change
        return math.exp(x), abs(value), state

    def _at(self, x: int) -> tuple[float, float, Resolvent]:
        """Degrees of freedom, their slope and the bulk at ``log omega = x``, computed once."""
        if x not in self._known:
            state = self._state(math.exp(x), None)
            slope = self._derivative(math.exp(x), state.bulk)
            self._known[x] = float(state.df1), slope, state.bulk
        return self._known[x]

    def _derivative(self, omega: float, bulk: Resolvent) -> float:
        """``omega d df1 / d omega``, exact to rounding, as nothing is subtracted."""
        step = 1e-20
        return float(self._state(omega * (1 + 1j * step), bulk).df1.imag) / step

    def _state(self, omega: Any, start: Resolvent | None) -> _State:
        types, k = self.types, self.bulk.k
        bulk = self.bulk.resolvent(omega, start)
        K = k * (types.means.T * (types.weights * bulk.g)) @ types.means
        change = k * (types.means.T * (types.weights * bulk.derivative * omega)) @ types.means
        solved = np.linalg.solve(
            np.eye(len(K)) + K, np.column_stack([change, types.label.astype(K.dtype)])
        )
        left = solved[:, len(K) :]  # (I + K)^{-1} label
        df1 = k * (types.weights @ bulk.used) - np.trace(solved[:, : len(K)])
        miss = types.y2 - float(np.sum(types.label**2)) + np.sum(types.label * left)
        return _State(df1, miss, np.sum(left * (change @ left)), bulk)


@dataclass(frozen=True)
class _State:
    """At one omega: degrees of freedom, ``E y (y - f)``, ``omega d E[y f] / d omega``, bulk."""

    df1: Any
    miss: Any
    change: Any
    bulk: Resolvent
