"""A readout by any convex loss in the limit, where one bulk serves all inputs.

What `onestep.theory.limit.scalar` is to the square loss. Features have the averages of their noise
over inputs, and means of their own: with the response a_s of an input, ``a = sum_s rho_s a_s``, the
bulk is that of `scalar` at ``omega = lambda k / a``, the kernel between inputs is weighted by
``a_s / a``, and two numbers are left for all inputs,

    V = df1 / (m a),    q = w^T C w + E[f^2] df2 / (m a^2),

where ``a w^T C w`` is ``w^T (B - lambda) w`` less what the means make of it. With one response for
all inputs, as the square loss has it, df1 and df2 are those of `scalar`.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from ..._support.arrays import Array, RealOrComplex
from .bulk import TypedBulk
from .scalar_conditional import STEP, ConditionalLimit


class AveragedFeatures:
    """Traces and forms of Q with one bulk; see `onestep.theory.class_features.Features`.

    Source: the book's chapter *Other losses*.

    Parameters
    ----------
    limit
        Whose bulk is averaged over inputs. `convex_limit` takes this class as its `law`.

    Examples
    --------
    >>> from onestep import Problem, activations
    >>> from onestep.network import Network
    >>> from onestep.theory.limit import convex_limit, coordinates
    >>> problem = Problem(n=400, m=400, k=400, target="class")
    >>> features = Network().feature_map(activations.get("relu"), problem.scale, 1)
    >>> special = coordinates(problem)
    >>> found = convex_limit(special, 400, features, "logistic", law=AveragedFeatures)
    >>> found.errors(400, 1e-3).status
    'converged'
    """

    with_means = True

    def __init__(self, limit: ConditionalLimit) -> None:
        self._limit = limit
        B, C = limit.slopes
        averages = (C * limit.inputs) @ C.T
        self._bulk = TypedBulk(B, averages, limit.types, limit.k / limit.n)
        self._rest = limit.rest @ limit.inputs
        self._g: RealOrComplex | None = None
        self.parts, self.groups = limit.means[1][:, : limit.inputs.size], limit.groups

    def inverse(self, ridge: float, a: Array) -> Averaged:
        """See `Features`."""
        limit, bulk = self._limit, self._bulk
        total = float(a.sum())
        omega = ridge * limit.k / total
        self._g = bulk.resolvent(omega + self._rest, self._g)
        # An imaginary part carries the slopes in log omega.
        g = bulk.resolvent(omega * (1 + STEP) + self._rest, self._g)
        slope = omega * (1 + STEP) * bulk.response(g)(np.ones_like(g))
        P, modes = limit.means
        overlaps = (modes * np.tile(a / total, 2)) @ modes.T
        Psi, change = (limit.k * (P.T * np.tile(limit.types * x, 2)) @ P for x in (g, slope))
        left = np.linalg.inv(np.eye(len(Psi)) + overlaps @ Psi)
        used = limit.types @ (1 - omega * (1 + STEP) * g)
        df1 = limit.k * used - np.sum((left @ overlaps) * change.T)
        return Averaged(ridge, a, total, Psi @ left, df1)

    def traces(self, Q: Averaged) -> Array:
        """See `Features`."""
        return np.full(Q.a.size, Q.df1.real / Q.total)

    def spread(self, Q: Averaged, u: Array) -> Array:
        """See `Features`."""
        return np.full(Q.a.size, u.sum() * Q.df2 / Q.total**2)

    def gram(self, Q: Averaged) -> Array:
        """See `Features`."""
        return np.asarray(Q.kept.real / Q.total)

    def weights(self, Q: Averaged, c: Array) -> tuple[Averaged, Array]:
        """See `Features`: told by Q and c."""
        return Q, c

    def variances(self, w: tuple[Averaged, Array]) -> Array:
        """See `Features`."""
        Q, c = w
        own = self.parts.T @ (self.gram(Q) @ c)
        seen = c @ self.gram(Q) @ c - Q.ridged(c) - Q.a @ own**2
        return np.full(Q.a.size, max(float(seen), 0.0) / Q.total)

    def norm(self, w: tuple[Averaged, Array], Q: Averaged, u: Array) -> float:
        """See `Features`."""
        _, c = w
        return float((Q.ridged(c) + u.sum() * (Q.df1.real - Q.df2) / Q.total) / Q.ridge)


@dataclass(frozen=True)
class Averaged:
    """Q at responses a of the inputs, of sum `total`; slopes in log omega are imaginary."""

    ridge: float
    a: Array
    total: float
    kept: RealOrComplex
    df1: RealOrComplex

    @functools.cached_property
    def df2(self) -> float:
        """Of degrees of freedom."""
        return float(self.df1.real + self.df1.imag / STEP.imag)

    def ridged(self, c: Array) -> float:
        """``lambda ||w||^2``: what the form of c loses as lambda grows."""
        return float(-(c @ self.kept.imag @ c) / STEP.imag / self.total)
