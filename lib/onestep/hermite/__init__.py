"""Hermite expansions of activations: sigma(b g) = sum_p h_p(b) He_p(g), He_p probabilists'."""

from .arbitrary_precision import referee
from .exact import MU, B, P, formula, has_closed_form, smoothed, symbolic
from .expansion import HermiteExpansion
from .functions import GaussianFunction, OfActivation, OfPolynomial
from .kernels import arc_cosine_kernel, arcsine_kernel, kernel
from .local import LocalHermite as LocalHermite
from .local import local_coefficients as local_coefficients
from .numeric import BeyondTables as BeyondTables
from .numeric import Certified, certified, coefficients, second_moment
from .polynomials import normalised_polynomials as normalised_polynomials
from .polynomials import sqrt_factorials
from .rules import gauss as gauss
from .rules import gauss_on_pieces as gauss_on_pieces
from .rules import mean_square_slope as mean_square_slope
from .rules import product as product
from .rules import quasi_random as quasi_random
from .scale_table import ScaleSeries as ScaleSeries
from .scale_table import ScaleTable as ScaleTable

__all__ = [
    "MU", "B", "Certified", "GaussianFunction", "HermiteExpansion", "OfActivation", "OfPolynomial",
    "P", "arc_cosine_kernel", "arcsine_kernel", "certified", "coefficients", "formula",
    "has_closed_form", "kernel", "referee", "second_moment", "smoothed", "sqrt_factorials",
    "symbolic",
]  # fmt: skip
