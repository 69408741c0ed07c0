"""The kernel before the step at quadrature nodes: an oracle for the basis of monomials."""

import numpy as np

from onestep import activations
from onestep.hermite import OfActivation, gauss, product

DEGREE = 60


def spike_strengths(problem, modes):
    """Leading eigenvalues of k K for orthogonal centred clusters with one spike each."""
    clusters = len(problem.weights)
    grid, weight = product([gauss(60), *[gauss(3)] * (clusters - 1)])
    spread, others = grid[:, 0] * np.sqrt(1 + problem.theta), grid[:, 1:]
    kappa = np.vstack([np.insert(others, c, spread, axis=1) for c in range(clusters)])
    root = np.sqrt(np.multiply.outer(problem.weights, weight).ravel())
    scale = np.sqrt((problem.n - clusters + np.sum(kappa**2, axis=1)) / problem.trace)
    function = OfActivation(activations.get(problem.activation))
    A = function.coefficients(DEGREE, scale, np.zeros_like(scale))
    correlation = kappa @ kappa.T / problem.trace / np.multiply.outer(scale, scale)
    K = np.zeros_like(correlation)
    for p in range(DEGREE, -1, -1):
        K = K * correlation + np.multiply.outer(A[:, p], A[:, p])
    return problem.k * np.linalg.eigvalsh(root[:, None] * K * root)[::-1][:modes]
