"""The mean of the first gradient step, row by row.

A neuron of row u and second-layer weight z / k^{1/2} moves by (eta / k) z times

    E[y kappa sigma'(u^T kappa + b g)],

the part of the input beside kappa being noise of the scale b. By Stein's lemma this is a sum of the
label's direction, of the row itself, and of the means.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..._support.arrays import Array
from ...hermite import GaussianFunction
from ...inputs import Labels, Mixture
from .kernel_series import conditional_series

_DEGREE = 40  # of the series of the step's mean


def mean_gradient(
    inputs: Mixture,
    labels: Labels,
    halves: Sequence[Array],
    slope: GaussianFunction,
    scale: float,
    u: Array,
) -> tuple[Array, Array]:
    """``E[y kappa sigma']`` and ``E[y sigma'']`` of rows.

    Parameters
    ----------
    inputs, labels
        Law of kappa, in D dimensions, and of y given kappa.
    halves
        Symmetric square roots of the covariances, each (D, D).
    slope
        sigma' as the step takes it.
    scale
        b >= 0.
    u
        Rows, shape (N, D).

    Returns
    -------
    tuple
        Shapes (N, D, outputs) and (N, outputs).
    """
    points = [u @ half for half in halves]
    shifts = [u @ mean for mean in inputs.means] if np.any(inputs.means) else None
    expanded = conditional_series(slope, _DEGREE + 1, scale, points, shifts)
    p = np.arange(_DEGREE + 1)
    outputs = int(np.prod(labels.outputs))
    signal, bends = np.zeros((*u.shape, outputs)), np.zeros((len(u), outputs))
    for c, (rho, half, y, (series, _)) in enumerate(
        zip(inputs.weights, halves, points, expanded, strict=True)
    ):
        along = half @ labels.direction(inputs, c)
        a = labels.coefficients(inputs, c, _DEGREE + 1).reshape(_DEGREE + 2, -1)
        powers = np.vander(y @ along, _DEGREE + 1, increasing=True)
        # m' is the series itself, m'' has the coefficients sqrt(p + 1) f_(p+1).
        first = powers * series[:, :-1]
        second = powers * series[:, 1:] * np.sqrt(p + 1)
        bend = second @ a[:-1]  # E y m''
        # By Stein's lemma E[y x m'] = along E[y' m'] + (half u) E[y m''] in whitened x.
        gained = first @ (a[1:] * np.sqrt(p + 1)[:, None])
        signal += rho * np.multiply.outer(first @ a[:-1], inputs.means[c]).transpose(0, 2, 1)
        signal += rho * np.einsum("i,uo->uio", half @ along, gained)
        signal += rho * np.einsum("ui,uo->uio", y @ half, bend)
        bends += rho * bend
    return signal, bends
