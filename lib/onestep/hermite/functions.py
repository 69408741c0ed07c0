"""What a scalar function of a Gaussian preactivation is, seen through Hermite polynomials.

Activations, and the polynomials that replace them, are expanded at the law N(mean, scale^2) of
*each* neuron, in ``He_p / sqrt(p!)``, so that ``E f(z) f'(z') = sum_p a_p a'_p r^p`` for two
neurons of correlation r (Mehler's formula; the book's chapter on the bivariate identity).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .._support.arrays import Array
from ..activations import Activation
from .expansion import HermiteExpansion
from .numeric import coefficients, second_moment
from .polynomials import normalised_polynomials, sqrt_factorials


class GaussianFunction(Protocol):
    """A function f of a preactivation z ~ N(mean, scale^2).

    Examples
    --------
    >>> from onestep import activations
    >>> f: GaussianFunction = OfActivation(activations.get("he(2)"))
    >>> f.second_moment(np.array([1.0]), np.array([0.0]))
    array([2.])
    """

    def coefficients(self, degree: int, scale: Array, mean: Array) -> Array:
        """``a_p = E[f(z) He_p(g)] / sqrt(p!)``, p <= degree; shape (k, degree + 1)."""

    def second_moment(self, scale: Array, mean: Array) -> Array:
        """``E f(z)^2``, shape (k,)."""


@dataclass(frozen=True)
class OfActivation:
    """An activation as a function of Gaussian preactivations.

    Examples
    --------
    >>> from onestep import activations
    >>> cube = OfActivation(activations.get("he(3)"))
    >>> cube.coefficients(3, np.ones(1), np.zeros(1)) ** 2
    array([[0., 0., 0., 6.]])
    """

    activation: Activation

    def coefficients(self, degree: int, scale: Array, mean: Array) -> Array:
        """See `GaussianFunction`; ranges and errors as `onestep.hermite.coefficients`."""
        return coefficients(self.activation, degree, scale, mean) * sqrt_factorials(degree)

    def second_moment(self, scale: Array, mean: Array) -> Array:
        """See `GaussianFunction`."""
        return second_moment(self.activation, scale, mean)


@dataclass(frozen=True)
class OfPolynomial:
    """A Hermite expansion as a function of preactivations of *another* mean and scale.

    Examples
    --------
    >>> square = OfPolynomial(HermiteExpansion.of("he(2)", degree=2))
    >>> square.coefficients(2, np.array([2.0]), np.array([1.0])).round(6)  # (1 + 2 g)^2 - 1
    array([[4.      , 4.      , 5.656854]])
    """

    expansion: HermiteExpansion

    def coefficients(self, degree: int, scale: Array, mean: Array) -> Array:
        """See `GaussianFunction`; exact, by a Gauss rule for polynomials of twice the degree."""
        top = self.expansion.degree
        nodes, weights = np.polynomial.hermite_e.hermegauss(top + 1)
        values = self.expansion(mean[:, None] + scale[:, None] * nodes)
        basis = normalised_polynomials(nodes, top)
        exact = values @ (weights[:, None] / np.sqrt(2 * np.pi) * basis)
        coefficients = np.zeros((scale.size, degree + 1))
        shared = min(degree, top) + 1
        coefficients[:, :shared] = exact[:, :shared]
        return coefficients

    def second_moment(self, scale: Array, mean: Array) -> Array:
        """See `GaussianFunction`."""
        coefficients = self.coefficients(self.expansion.degree, scale, mean)
        return np.asarray(np.sum(coefficients**2, axis=1))
