"""Hermite expansions of activations: sigma(b g) = sum_p h_p(b) He_p(g), He_p probabilists'.

>>> from onestep import hermite
>>> hermite.coefficients("relu", degree=3, scale=2.0).round(6)
array([0.797885, 1.      , 0.398942, 0.      ])
>>> hermite.symbolic("relu", 2)
sqrt(2)*b/(4*sqrt(pi))
"""

from .arbitrary_precision import referee
from .exact import MU, B, P, formula, has_closed_form, smoothed, symbolic
from .expansion import HermiteExpansion
from .functions import GaussianFunction, OfActivation, OfPolynomial
from .kernels import arc_cosine_kernel, arcsine_kernel, kernel
from .local import LocalCoefficients, LocalHermite, local_coefficients
from .numeric import Certified, certified, coefficients, second_moment
from .polynomials import normalised_polynomials, sqrt_factorials
from .rules import (
    gauss,
    gauss_on_pieces,
    mean_square_slope,
    product,
    quasi_random,
)
from .scale_table import ScaleSeries, ScaleTable

__all__ = [
    "MU", "B", "Certified", "GaussianFunction", "HermiteExpansion", "LocalCoefficients",
    "LocalHermite", "OfActivation", "OfPolynomial", "P", "ScaleSeries", "ScaleTable",
    "arc_cosine_kernel", "arcsine_kernel", "certified", "coefficients", "formula", "gauss",
    "gauss_on_pieces", "has_closed_form", "kernel", "local_coefficients",
    "mean_square_slope", "normalised_polynomials", "product",
    "quasi_random", "referee", "second_moment", "smoothed", "sqrt_factorials", "symbolic",
]  # fmt: skip
