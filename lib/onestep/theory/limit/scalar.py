"""The limit itself: errors of the readout by scalar equations, no random matrix drawn.

Let g(u) be the resolvent of the bulk at a neuron of type u (`onestep.theory.limit.bulk`), and
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

import functools
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import interpolate

from ..._support import check
from ..._support.arrays import RealOrComplex
from ...network import FeatureMap, Prediction, require_digits
from .bulk import TypedBulk
from .neuron_types import NeuronTypes
from .special_coordinates import Coordinates
from .trained_types import resolved_down_to

_TOLERANCE = 1e-11
_STEPS = 12


@dataclass(frozen=True)
class Limit:
    """A readout's errors in the limit, for any sample size and ridge.

    Source: the book's chapter *The network is kernel ridge regression*.

    Attributes
    ----------
    types
        The neurons.
    k, n
        Width, and dimensions of the bulk.

    Examples
    --------
    >>> from onestep import Problem, activations
    >>> from onestep.network import Network
    >>> from onestep.theory.limit import coordinates
    >>> problem = Problem(n=400, m=400, k=400)
    >>> features = Network().feature_map(activations.get("relu"), problem.scale, 1)
    >>> limit = Limit.of(coordinates(problem), problem.k, features)
    >>> few, many = (limit.errors(m, ridge=1e-3) for m in (100, 10_000))
    >>> many.generalization_error < few.generalization_error
    True
    """

    types: NeuronTypes
    k: int
    n: int
    _known: dict[int, _State] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        special: Coordinates,
        k: int,
        features: FeatureMap,
        *,
        share: float = 1e-2,
    ) -> Limit:
        """Limit for the features of a model, in the special coordinates of a problem.

        Parameters
        ----------
        special, k, features
            Coordinates of a problem, its width, and what stands in the place of its activation.
        share
            Modes that make less than this share of the kernel's ridge are left out; less for
            differences of errors that fall with n.

        Raises
        ------
        ValueError
            If the quadrature over the types would be too large: too many spikes of large strength.
        """
        power = special.bulk_power(features.gaussian)
        # Modes count against the ridge of the kernel, at least what the noise of the bulk makes it.
        floor, resolved = share * power / k, resolved_down_to(1e-3 * share / k)
        types = NeuronTypes.of(special, features.gaussian, features.noise, floor, resolved)
        return cls(types, k, special.dimensions)

    @functools.cached_property
    def bulk(self) -> TypedBulk:
        """The bulk of the features."""
        return self.types.bulk(self.k / self.n)

    @functools.cached_property
    def power(self) -> float:
        """``E ||phi||^2``."""
        types = self.types
        shared = np.hstack([*np.split(types.means, 2), types.slopes])
        return float(types.weights @ (types.rest + np.sum(shared**2, axis=1)))

    def errors(self, m: int, ridge: float) -> Prediction:
        """Errors of ridge regression on m samples; arguments as `Spectrum.errors`.

        The ``kappa`` of the result is ``omega / k``, on the scale of lambda.
        """
        check.integer("m", m, 1)
        k = self.k
        target = require_digits(ridge, self.power) * k
        omega, residual, state = self._solve(m, target)
        if not residual <= _TOLERANCE:
            return Prediction.failed(omega / k, residual)
        df2 = float(state.df1) + self._derivative(state)
        generalization = 0.5 * float((state.miss + state.change) / (1 - df2 / m))
        return Prediction.solved(
            0.5 * target / omega * float(state.miss),
            (target / omega) ** 2 * generalization,
            generalization,
            kappa=omega / k,
            residual=residual,
            left=m - df2,
        )

    def _solve(self, m: int, target: float) -> tuple[float, float, _State]:
        """Omega, the residual of its equation, and the state there.

        The degrees of freedom do not depend on m and the ridge: known at the points of a fixed grid
        they give a start from which a few secant steps suffice.
        """

        def open(df1: float, x: float) -> float:
            return 1 - df1 / m - target * math.exp(-x)

        # omega df1 is at most the trace of all that the features hold.
        high = target + self.k * self.power / m
        left, right = math.floor(math.log(target)), math.ceil(math.log(high))
        while right - left > 1:
            middle = (left + right) // 2
            if open(float(self._on_grid(middle).df1), middle) > 0:
                right = middle
            else:
                left = middle
        # Cubic through df1 and its slope at both ends, as a function of log omega.
        df1 = interpolate.CubicHermiteSpline(
            [left, right],
            [float(self._on_grid(end).df1) for end in (left, right)],
            [self._derivative(self._on_grid(end)) for end in (left, right)],
        )
        x = left + 0.5
        for _ in range(_STEPS):
            x -= open(float(df1(x)), x) / (target * math.exp(-x) - float(df1(x, 1)) / m)
            x = min(max(x, left), right)
        slope = target * math.exp(-x) - float(df1(x, 1)) / m
        state = self._state(math.exp(x), self._on_grid(left))
        value = open(float(state.df1), x)
        for _ in range(_STEPS):
            change = -value / slope
            if abs(change) < 1e-13 * max(abs(x), 1):
                break
            state = self._state(math.exp(x + change), state)
            value, before = open(float(state.df1), x + change), value
            x += change
            if abs(value) >= 0.5 * abs(before):
                break
            slope = (value - before) / change
        return math.exp(x), abs(value), state

    def _on_grid(self, x: int) -> _State:
        """The state at ``log omega = x``, computed once."""
        if x not in self._known:
            self._known[x] = self._state(math.exp(x), None)
        return self._known[x]

    def _derivative(self, state: _State) -> float:
        """``omega d df1 / d omega``, exact to rounding, as nothing is subtracted."""
        step = 1e-20
        return float(self._state(state.omega * (1 + 1j * step), state).df1.imag) / step

    def _state(self, omega: Any, start: _State | None) -> _State:
        """State at omega, from one at a similar omega: a factor of at most e, or imaginary."""
        types, bulk, k = self.types, self.bulk, self.k
        eta = omega + types.rest
        g = bulk.resolvent(eta, None if start is None else start.extrapolated(omega.real))
        slope = omega * bulk.response(g)(np.ones_like(g))  # dg / d log omega
        K, change = k * types.kernel(g), k * types.kernel(slope)
        solved = np.linalg.solve(
            np.eye(len(K)) + K, np.column_stack([change, types.label.astype(K.dtype)])
        )
        left = solved[:, len(K) :]  # (I + K)^{-1} label
        used = g * (types.rest + bulk.hold(g))  # 1 - omega g
        return _State(
            omega=omega,
            df1=k * (types.weights @ used) - np.trace(solved[:, : len(K)]),
            miss=types.y2 - float(np.sum(types.label**2)) + np.sum(types.label * left),
            change=np.sum(left * (change @ left)),
            g=g,
            slope=slope,
        )


@dataclass(frozen=True)
class _State:
    """At one omega: degrees of freedom, ``E y (y - f)``, ``d E[y f]/d log omega``, g, its slope."""

    omega: Any
    df1: Any
    miss: Any
    change: Any
    g: RealOrComplex
    slope: RealOrComplex

    def extrapolated(self, omega: float) -> RealOrComplex:
        """G at a similar omega, to first order in logarithms: always positive."""
        return np.asarray(self.g * np.exp(np.log(omega / self.omega) * self.slope / self.g))
