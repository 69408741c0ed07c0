"""The slow twin: one trial, following the equations one by one.

It takes the random objects of a trial and does with loops and dense solves what the engine does
with products: nothing here is shared with `onestep.network` but the draws.
"""

import math

import numpy as np
from numpy.polynomial import hermite_e


def scalar(activation, z):
    return float(activation(np.array([z]))[0])


def slope(activation, z):
    return float(activation.derivative(np.array([z]))[0])


def step(weights, X, y, activation, eta):
    """F^ = F + eta G, entry by entry."""
    k, n = weights.F.shape
    m = len(y)
    F = weights.F.copy()
    for i in range(k):
        row = np.zeros(n)
        for mu in range(m):
            f = sum(
                weights.w[j] * scalar(activation, weights.F[j] @ X[mu]) for j in range(k)
            ) / math.sqrt(k)
            z = weights.F[i] @ X[mu]
            row += weights.w[i] * (y[mu] - f) * slope(activation, z) * X[mu] / math.sqrt(k)
        F[i] += eta * row / m
    return F


def features(F, X, function, noise, zeta):
    k = len(F)
    Phi = np.array([[function(F[i] @ x) for x in X] for i in range(k)])
    return (Phi + noise * zeta) / math.sqrt(k)


def polynomial(coefficients, scale):
    def function(z):
        return sum(h * hermite_e.HermiteE.basis(p)(z / scale) for p, h in enumerate(coefficients))

    return function


def readout(Phi, y, ridge):
    k, m = Phi.shape
    w = np.linalg.inv(Phi @ Phi.T / m + ridge * np.eye(k)) @ Phi @ y / m
    return w, 0.5 * np.mean((y - Phi.T @ w) ** 2) + 0.5 * ridge * np.sum(w**2)


def generalization(w, F, X, y, function, noise):
    """With the expectation over the feature noise of the new inputs."""
    Phi = features(F, X, function, 0.0, 0.0)
    return 0.5 * np.mean((y - Phi.T @ w) ** 2) + 0.5 * noise**2 * np.sum(w**2) / len(F)
