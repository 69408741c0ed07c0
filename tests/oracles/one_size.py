"""Limits of one of the three sizes, and errors for labels that are noise."""

import numpy as np

from onestep.network import Errors
from onestep.studies.known.bulks import marchenko_pastur
from onestep.studies.known.random_features import parts


def many_samples(n, k, activation, target, noise, ridge):
    """Errors for ``m -> infinity``: ridge regression on the population of random features.

    Beside the constant, features are ``h_1 F x + h_* zeta`` with iid zeta, their covariance times
    k is ``h_1^2 F F^T + h_*^2``, and the label's linear part a_1 xi^T x has the overlap
    ``h_1 a_1 F xi`` with them, of square ``h_1^2 a_1^2 D / n`` with an eigenvector of F F^T.
    """
    _, h1, rest = parts(activation)
    _, a1, curved = parts(target)
    D, share = marchenko_pastur(k / n)
    covariance = h1**2 * D + rest**2
    shrunk = covariance + k * ridge
    overlap = share * (k / n) * (h1 * a1) ** 2 * D
    power = a1**2 + curved**2 + noise**2
    missed = power - np.sum(overlap * (covariance + 2 * k * ridge) / shrunk**2)
    minimum = power - np.sum(overlap / shrunk)
    return Errors(0.5 * float(minimum), 0.5 * float(missed), 0.5 * float(missed))


def kernel_ridge(kernel, X, y, X_test, y_test, ridge):
    """The readout for ``k -> infinity``: regression with ``E sigma(f^T x) sigma(f^T x')``."""
    dual = np.linalg.solve(kernel(X, X) + len(y) * ridge * np.eye(len(y)), y)
    plain = 0.5 * len(y) * ridge**2 * dual @ dual
    generalization = 0.5 * np.mean((y_test - kernel(X_test, X) @ dual) ** 2)
    return Errors(0.5 * ridge * y @ dual, plain, generalization)


def relu_kernel(X, Y):
    """Arc-cosine kernel (Cho and Saul 2009) of rows f ~ N(0, I/n)."""
    n = X.shape[1]
    sizes = np.outer(np.linalg.norm(X, axis=1), np.linalg.norm(Y, axis=1))
    angle = np.arccos(np.clip(X @ Y.T / sizes, -1, 1))
    return sizes / (2 * np.pi * n) * (np.sin(angle) + (np.pi - angle) * np.cos(angle))


def erf_kernel(X, Y):
    """Arcsine kernel (Williams 1996) of rows f ~ N(0, I/n)."""
    n = X.shape[1]
    sizes = np.outer(
        1 + 2 * np.sum(X**2, axis=1) / n,
        1 + 2 * np.sum(Y**2, axis=1) / n,
    )
    return 2 / np.pi * np.arcsin(2 * X @ Y.T / n / np.sqrt(sizes))


def noise_only(Phi, M, ridge):
    """Expected errors of the readout for labels that are unit noise, given the features.

    With ``P = Phi^T Phi + m lambda`` the minimum is ``(lambda/2) E y^T P^{-1} y``, and the fitted
    weights ``Phi P^{-1} y`` have the covariance ``Phi P^{-2} Phi^T``.
    """
    m = Phi.shape[1]
    inverse = np.linalg.inv(Phi.T @ Phi + m * ridge * np.eye(m))
    fitted = Phi @ inverse
    return Errors(
        training_error=0.5 * ridge * np.trace(inverse),
        plain_training_error=0.5 * m * ridge**2 * np.sum(inverse**2),
        generalization_error=0.5 * (1 + np.sum(fitted * (M @ fitted))),
    )
