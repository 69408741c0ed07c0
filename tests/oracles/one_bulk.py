"""The limit to leading order: one bulk for all neurons, and a kernel that does not know of it.

Where spread makes little of a preactivation, the network is kernel ridge regression on the special
coordinates of its inputs, with the kernel of `oracles.wide_kernel`, at a ridge delta
that the bulk of the features sets. With ``Sigma~ = a^2 F F^T + h^2 I``, ``r(omega) = (1/k) Tr
(Sigma~ + omega)^{-1}``, ``delta = 1/(k r)`` and ``s = d log delta / d log omega``, omega > 0 solves

    lambda k = omega (1 - df1/m),   df1 = Tr Sigma~ (Sigma~ + omega)^{-1} + s Tr K (K + delta)^{-1},

and with ``f = K (K + delta)^{-1} E[y | kappa, c]`` and ``df2 = df1 + omega d df1 / d omega``,

    2 generalization = [E (y - f)^2 + (1 - s) E f (y - f)] / (1 - df2/m),
    2 training       = (lambda k / omega) E y (y - f).

Derived in the book's chapter *The network is kernel ridge regression*; the library's method
``"scalar"`` lets the bulk depend on the neurons, and is the same where they are alike. Quadrature
is over inputs here and over neurons there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize

from onestep import activations
from onestep._support.arrays import Array
from onestep.network import FeatureMap, Network, Prediction, Problem, require_digits
from onestep.spectrum import Bulk
from onestep.theory.limit import Coordinates, coordinates
from oracles.wide_kernel import WideKernel

_TOLERANCE = 1e-11


@dataclass(frozen=True)
class KernelLimit:
    """A readout's errors with an averaged bulk, for any sample size and ridge.

    Attributes
    ----------
    kernel
        Of the network on the special coordinates.
    bulk
        Of the features, averaged over neurons and inputs.
    """

    kernel: WideKernel
    bulk: Bulk

    @classmethod
    def of(cls, special: Coordinates, k: int, features: FeatureMap) -> KernelLimit:
        """Limit for the features of a model, in the special coordinates of a problem.

        Raises
        ------
        ValueError
            As `WideKernel.of`.
        """
        b, power = special.bulk_scale, special.bulk_power(features.gaussian)
        # The ridge delta = 1/(k r) is at least what the noise of the bulk makes it.
        kernel = WideKernel.of(special, features.gaussian, features.noise, floor=1e-2 * power / k)
        return cls(kernel, Bulk(k, special.dimensions, kernel.slope, kernel.noise, b))

    @classmethod
    def at(cls, problem: Problem) -> KernelLimit:
        """Limit of the network itself."""
        student = activations.get(problem.activation)
        features = Network().feature_map(student, problem.scale, 1)
        return cls.of(coordinates(problem), problem.k, features)

    def errors(self, m: int, ridge: float) -> Prediction:
        """Errors of ridge regression on m samples; arguments as `Spectrum.errors`.

        The ``kappa`` of the result is ``omega / k``, on the scale of lambda.
        """
        power = self.bulk.mean + float(self.kernel.eigenvalues.sum())
        target = require_digits(ridge, power) * self.bulk.k
        label = self.kernel.label

        def excess(log_omega: float) -> float:
            omega = float(np.exp(log_omega))
            return omega * (1 - self._df1(omega) / m) / target - 1

        # omega df1 is at most the trace of all that the features hold.
        high = target + self.bulk.k * power / m
        log_omega = float(
            optimize.brentq(excess, np.log(target), np.log(high) + 1e-9, xtol=1e-14, rtol=1e-14)
        )
        omega = float(np.exp(log_omega))
        residual = abs(excess(log_omega)) * target / omega
        if not residual <= _TOLERANCE:
            return Prediction.failed(omega / self.bulk.k, residual)
        p, slope = self._share(omega), self._log_slope(omega)
        # Exact to rounding, as nothing is subtracted.
        step = 1e-20
        change = self._log_slope(omega * (1 + 1j * step)).imag / step
        df2 = float(self.bulk.df2(omega)) + float(
            np.sum((slope + change) * p - slope**2 * p * (1 - p))
        )
        # E y f = sum c p, E f^2 = sum c p^2, where c = E[y e_j]^2 for the eigenfunctions e_j of K.
        miss = (
            self.kernel.y2 - float(np.sum(label * p)) - slope * float(np.sum(label * p * (1 - p)))
        )
        generalization = 0.5 * miss / (1 - df2 / m)
        return Prediction.solved(
            0.5 * target / omega * (self.kernel.y2 - float(np.sum(label * p))),
            (target / omega) ** 2 * generalization,
            generalization,
            kappa=omega / self.bulk.k,
            residual=residual,
            left=m - df2,
        )

    def _share(self, omega: float) -> Array:
        """``mu / (mu + delta)`` for every mode."""
        delta = 1 / (self.bulk.k * float(self.bulk.resolvent(omega)))
        return np.asarray(self.kernel.eigenvalues / (self.kernel.eigenvalues + delta))

    def _log_slope(self, omega: Any) -> Any:
        """``s = d log delta / d log omega`` in (0, 1], for a real or complex omega."""
        return (omega * self.bulk.squared_resolvent(omega) / self.bulk.resolvent(omega)).item()

    def _df1(self, omega: float) -> float:
        spikes = float(self._log_slope(omega)) * float(np.sum(self._share(omega)))
        return float(self.bulk.df1(omega)) + spikes
