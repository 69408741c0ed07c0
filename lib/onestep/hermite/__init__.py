"""Hermite expansions of activations: sigma(b g) = sum_p h_p(b) He_p(g), He_p probabilists'.

>>> from onestep import hermite
>>> hermite.coefficients("relu", degree=3, scale=2.0).round(6)
array([0.797885, 1.      , 0.398942, 0.      ])
>>> hermite.symbolic("relu", 2)
sqrt(2)*b/(4*sqrt(pi))
"""

from onestep.hermite._coefficients import Certified, certified, coefficients, second_moment
from onestep.hermite._expansion import HermiteExpansion
from onestep.hermite._kernels import arc_cosine_kernel, arcsine_kernel, kernel
from onestep.hermite._plain import plain_gauss_hermite
from onestep.hermite._polynomials import (
    hermite_functions,
    normalised_polynomials,
    sqrt_factorials,
)
from onestep.hermite._referee import referee
from onestep.hermite._symbolic import MU, B, P, formula, has_closed_form, smoothed, symbolic

__all__ = [
    "MU",
    "B",
    "Certified",
    "HermiteExpansion",
    "P",
    "arc_cosine_kernel",
    "arcsine_kernel",
    "certified",
    "coefficients",
    "formula",
    "has_closed_form",
    "hermite_functions",
    "kernel",
    "normalised_polynomials",
    "plain_gauss_hermite",
    "referee",
    "second_moment",
    "smoothed",
    "sqrt_factorials",
    "symbolic",
]
