"""What the oracles share: their errors, and the parts and averages of a function of a Gaussian."""

import math
from dataclasses import dataclass

import numpy as np

from onestep import hermite


@dataclass(frozen=True)
class Errors:
    training: float
    plain_training: float
    generalization: float


def parts(name):
    """Constant, linear coefficient, and the standard deviation of the rest, of f(g)."""
    h = hermite.coefficients(name, 1, 1.0)
    rest = hermite.second_moment(name, 1.0) - h[0] ** 2 - h[1] ** 2
    return float(h[0]), float(h[1]), math.sqrt(max(float(rest), 0.0))


def gauss(count):
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    return nodes, weights / weights.sum()
