"""The published protocol, plainly: the slow twin at full size, against which `make bench` measures.

Written from the paper (arXiv 2503.00856): draw, one gradient step on the first layer, fresh sample,
ridge regression on the features of the network and of its Hermite polynomial, test sample. One
activation at a time, whole matrices, nothing shared; only the draws are those of the library, so
that both answer the same question.
"""

import numpy as np
from numpy.polynomial import hermite_e

from onestep import activations, network

MODELS = ("network", "hermite")
NODES = 100


def trial(problem, degree, seed=0):
    """Training and generalization error of each model, on a test sample of the readout's size."""
    sigma = activations.get(problem.activation)
    drawn = network.draw(problem, 0, seed, problem.m)
    F = step(drawn.weights.F, drawn.weights.w, drawn.step.X, drawn.step.y, sigma, problem.eta)
    zeta = drawn.zeta
    polynomial, noise = expansion(sigma, degree, problem.scale)
    found = {}
    for name, function, size in (("network", sigma, 0.0), ("hermite", polynomial, noise)):
        Phi = features(F, drawn.readout.X, function, size * zeta)
        test = features(F, drawn.test.X, function, 0.0)
        w = ridge_regression(Phi, drawn.readout.y, problem.ridge)
        fit = 0.5 * np.mean((drawn.readout.y - Phi.T @ w) ** 2)
        training = fit + 0.5 * problem.ridge * np.sum(w**2)
        generalization = 0.5 * np.mean((drawn.test.y - test.T @ w) ** 2)
        # The noise of new inputs has its expectation.
        found[name] = training, generalization + 0.5 * size**2 * np.sum(w**2) / len(F)
    return found


def step(F, w, X, y, sigma, eta):
    k, m = len(F), len(X)
    Z = F @ X.T
    error = y - sigma(Z).T @ w / np.sqrt(k)
    G = (np.outer(w, error) * sigma.derivative(Z)) @ X / (m * np.sqrt(k))
    return F + eta * G


def features(F, X, function, noise):
    return (function(F @ X.T) + noise) / np.sqrt(len(F))


def ridge_regression(Phi, y, ridge):
    k, m = Phi.shape
    return np.linalg.solve(Phi @ Phi.T / m + ridge * np.eye(k), Phi @ y / m)


def expansion(sigma, degree, scale):
    """The polynomial of an activation, and the size of what it leaves."""
    x, q = hermite_e.hermegauss(NODES)
    q = q / q.sum()
    values, roots = sigma(scale * x), [1.0]
    for p in range(1, degree + 1):
        roots.append(roots[-1] * p)
    h = [q @ (values * hermite_e.HermiteE.basis(p)(x)) / roots[p] for p in range(degree + 1)]
    left = q @ values**2 - sum(a**2 * root for a, root in zip(h, roots, strict=True))
    return lambda z: hermite_e.hermeval(z / scale, h), np.sqrt(max(left, 0.0))
