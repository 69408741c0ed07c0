"""Inputs on the eigen-axes that their clusters share, and how the step's sample moves all neurons.

Where eigenvalues are equal the axes are free to choose: the label's index, the means and the
sampling noise of the step then lie on few of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..._support import streams
from ..._support.arrays import Array, unit
from ...inputs import DenseMixture, Labels, Mixture, SingleIndex
from ...network import Problem, check_given, undrawn_labels
from ..limit.special_coordinates import output_powers

_SHARED = 1e-6  # of the largest eigenvalue, what covariances may have off the axes
_TURN = 1e-9  # of it, what chooses axes where eigenvalues are equal


@dataclass(frozen=True)
class SharedAxes:
    """The laws of inputs and labels on the axes.

    Attributes
    ----------
    inputs
        With diagonal covariances.
    eigenvalues
        Of every cluster, on the axes, shape (C, n).
    labels
        On the axes.
    noise
        Sampling noise of ``E[x y^T]`` in the step, of typical size, shape (n, outputs).

    Examples
    --------
    >>> problem = Problem(n=3, m=9, k=9, weights=(1.0,), direction=(0.0, 0.0, 1.0))
    >>> turned = np.array([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 3.0]])
    >>> mixture = DenseMixture(np.ones(1), turned[None], np.zeros((1, 3)))
    >>> axes = SharedAxes.of(problem, mixture)
    >>> axes.eigenvalues.round(6), axes.noise.shape
    (array([[1., 3., 3.]]), (3, 1))
    """

    inputs: DenseMixture
    eigenvalues: Array
    labels: Labels
    noise: Array

    @classmethod
    def of(cls, problem: Problem, mixture: Mixture) -> SharedAxes:
        """Of given inputs.

        Raises
        ------
        ValueError
            If the clusters do not share axes, or the direction of the labels is to be drawn.
        """
        check_given(problem, mixture)
        labels = undrawn_labels(problem, mixture)
        sigmas = np.array([_covariance(mixture, c) for c in range(mixture.weights.size)])
        powers = output_powers(mixture, labels)
        normal = streams.generator("sampling noise of a step").standard_normal(
            (problem.n, powers.size)
        )
        # Unequal parts of the clusters, so that no two axes are equal in the sum alone.
        pooled = np.tensordot(1 / np.sqrt(1.5 + np.arange(len(sigmas))), sigmas, axes=1)
        largest = float(np.linalg.norm(pooled, 2))
        chosen = [*mixture.means, *normal.T]
        if isinstance(labels, SingleIndex):
            chosen.insert(0, labels.xi)
        for part, direction in enumerate(chosen):
            if np.any(direction):
                pooled += _TURN * largest / (1 + part) * np.outer(*2 * [unit(direction)])
        U = np.linalg.eigh(pooled)[1]
        seen = U.T @ sigmas @ U
        eigenvalues = np.maximum(np.diagonal(seen, axis1=1, axis2=2), 0.0)
        for c, each in enumerate(eigenvalues):
            if not each.any():
                raise ValueError(f"inputs: covariance {c} is 0; some variance is needed")
        off = np.abs(seen - eigenvalues[:, None] * np.eye(problem.n)).max()
        if off > _SHARED * eigenvalues.max():
            raise ValueError(
                f"inputs: covariances have {off / eigenvalues.max():.1e} of the largest eigenvalue "
                "off common axes; clusters must share eigen-axes, as a single one does, or the "
                "method be 'equivalent' or 'conditional'"
            )
        if isinstance(labels, SingleIndex):
            labels = replace(labels, xi=U.T @ labels.xi)
        size = np.sqrt(mixture.weights @ eigenvalues / problem.batch_size)
        return cls(
            DenseMixture(
                mixture.weights,
                eigenvalues[:, None] * np.eye(problem.n),
                mixture.means @ U,
            ),
            eigenvalues,
            labels,
            size[:, None] * (U.T @ normal) * np.sqrt(powers),
        )


def _covariance(mixture: Mixture, c: int) -> Array:
    bulk, spikes = mixture.bulk(c), mixture.spikes(c)
    return (np.eye(mixture.n) if bulk is None else bulk) + spikes @ spikes.T
