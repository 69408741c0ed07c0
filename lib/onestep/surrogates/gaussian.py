"""Gaussian vectors that stand for features: given the special coordinates, and without them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from .. import hermite
from .._support.arrays import Array
from ..hermite import LocalHermite
from ..network import Moments, TrainedLayer
from .special import Split, SplitLayer

_NEGATIVE = 1e-8  # a covariance may have eigenvalues this negative, relative to its largest


@dataclass(frozen=True)
class Surrogate:
    """Features ``phi = known + sqrt(variance) zeta``, zeta fresh N(0, 1); shapes (k, size)."""

    known: Array
    variance: Array

    def sample(self, zeta: Array) -> Array:
        """The features for given zeta, shape (k, size)."""
        return np.asarray(self.known + np.sqrt(self.variance) * zeta)

    def squared_errors(self, w: Array, y: Array) -> Array:
        """``E (y - w^T phi)^2`` over zeta, exactly, for every input; shape (size,)."""
        return np.asarray((y - w @ self.known) ** 2 + w**2 @ self.variance)


def conditional(
    table: LocalHermite, layer: SplitLayer, inputs: Split
) -> tuple[Surrogate, Surrogate]:
    """Surrogates of the features that are Gaussian given cluster and special coordinates.

    The first is ``k^{-1/2} [h_0(m_i; b_i) + h_1(m_i; b_i) g_i / b_i + h*_1(m_i; b_i) zeta_i]``.
    The second keeps the norm of the bulk as well: ``h_2(m_i; b_i) t`` is added, t of `Split`,
    and its variance ``2 h_2^2 / dim`` taken from zeta's. The table is of the activation, for
    the scales of the layer and all means of its inputs.

    Source: the book's chapter *Conditional Gaussian equivalence*.
    """
    k, dimension = layer.scale.size, layer.special.bulk_dimension
    at = table(inputs.mean)
    known = inputs.bulk / layer.scale[:, None]
    known *= at.h1
    known += at.h0
    bent = known + at.h2 * inputs.norm
    # h*_1^2 >= 2 h_2^2: what is left for zeta is positive, up to the error of the table.
    rest = np.maximum(at.residual - 2.0 / dimension * at.h2**2, 0.0)
    root = np.sqrt(k)
    return Surrogate(known / root, at.residual / k), Surrogate(bent / root, rest / k)


@dataclass(frozen=True)
class Unconditional:
    """The Gaussian vector (phi, y) with the network's first two moments over all inputs."""

    mean: Array  # ``(E phi, E y)``, shape (k + 1,)
    second: Moments  # ``E phi phi^T``, ``E phi y``, ``E y^2``

    @classmethod
    def of(cls, layer: TrainedLayer) -> Unconditional:
        """Moments of the features ``k^{-1/2} sigma(F x)`` and the label, by Hermite series."""
        F, inputs = layer.F, layer.inputs
        phi, y = np.zeros(layer.k), 0.0
        for c, weight in enumerate(inputs.weights):
            spikes = F @ inputs.spikes(c)
            scale = np.sqrt(np.sum(F**2, axis=1) + np.sum(spikes**2, axis=1))
            phi += (
                weight * hermite.coefficients(layer.activation, 0, scale, F @ inputs.means[c])[:, 0]
            )
            y += float(weight * layer.labels.coefficients(inputs, c, 0)[0])
        return cls(np.append(phi / np.sqrt(layer.k), y), layer.moments())

    def sample(self, size: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Features of shape (k, size) and labels of shape (size,)."""
        M, q, y2 = self.second.M, self.second.q, self.second.y2
        joint = np.block([[M, q[:, None]], [q, np.array([[y2]])]])
        eigenvalues, U = linalg.eigh(joint - np.outer(self.mean, self.mean), check_finite=False)
        if not eigenvalues[0] >= -_NEGATIVE * eigenvalues[-1]:
            raise FloatingPointError(
                f"the covariance of features and label has the eigenvalue {eigenvalues[0]:g} "
                f"beside {eigenvalues[-1]:g}"
            )
        root = U * np.sqrt(np.maximum(eigenvalues, 0.0))
        both = root @ rng.standard_normal((self.mean.size, size)) + self.mean[:, None]
        return both[:-1], both[-1]
