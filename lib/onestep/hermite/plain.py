"""Plain Gauss-Hermite quadrature: how coefficients are often computed, and not well enough."""

from __future__ import annotations

import numpy as np

from .._support.check import positive
from ..activations import Activation, get
from .polynomials import (
    FloatArray,
    normalised_polynomials,
    require_degree,
    require_integer,
    sqrt_factorials,
)


def plain_gauss_hermite(
    activation: str | Activation, degree: int, scale: float = 1.0, nodes: int = 100
) -> FloatArray:
    """Return h_0..h_degree by one Gauss-Hermite rule, blind to kinks: a negative control.

    Exact for polynomials of degree below ``2 nodes - degree``; for a kink the error falls like
    1/nodes only. The paper's notebooks use 100 nodes. Use :func:`coefficients` for numbers.

    Parameters
    ----------
    activation
        Name, expression or Activation.
    degree
        In [0, 150].
    scale
        Standard deviation of the preactivation, above 0.
    nodes
        Number of nodes, in [1, 180]: above that the weights underflow.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    sigma, top = get(activation), require_degree(degree)
    b = positive("scale", scale)
    x, weight = np.polynomial.hermite_e.hermegauss(require_integer("nodes", nodes, 1, 180))
    averages = (weight / weight.sum() * sigma(b * x)) @ normalised_polynomials(x, top)
    return np.asarray(averages / sqrt_factorials(top))
