"""Readouts trained by scipy's minimisers: a referee that shares nothing with the library."""

import numpy as np
from scipy import optimize


def _smooth(name, y, z):
    """Loss and slope in z."""
    if name == "logistic":
        return np.logaddexp(0, -y * z), -y / (1 + np.exp(y * z))
    r = z - y
    if name == "square":
        return 0.5 * r**2, r
    return np.where(abs(r) < 1, 0.5 * r**2, abs(r) - 0.5), np.clip(r, -1, 1)


def fit(name, X, y, ridge, intercept):
    """Weights and intercept of ``(1/m) sum l + (ridge/2) ||w||^2``."""
    m, d = X.shape
    exact = {"maxiter": 20_000, "maxfun": 100_000, "ftol": 1e-15, "gtol": 1e-9, "maxcor": 30}
    if name == "hinge":
        return _hinge(X, y, ridge, intercept, exact)

    def primal(v):
        loss, slope = _smooth(name, y, X @ v[:-1] + v[-1])
        gradient = np.append(X.T @ slope / m + ridge * v[:-1], intercept * slope.mean())
        return loss.mean() + 0.5 * ridge * v[:-1] @ v[:-1], gradient

    v = optimize.minimize(primal, np.zeros(d + 1), jac=True, method="L-BFGS-B", options=exact).x
    return v[:-1], v[-1]


def _hinge(X, y, ridge, intercept, options):
    """Its dual, a box; with an intercept also a plane, or a large feature where m is large."""
    m = y.size
    small = intercept and m <= 100
    size = 100.0 if intercept and not small else 0.0
    Z = np.column_stack([X, np.full(m, size)]) * y[:, None]

    def dual(p):
        w = Z.T @ p / (m * ridge)
        return 0.5 * ridge * w @ w - p.mean(), (Z @ w - 1) / m

    problem = {"fun": dual, "x0": np.full(m, 0.5), "jac": True, "bounds": [(0, 1)] * m}
    if small:
        plane = {"type": "eq", "fun": lambda p: y @ p, "jac": lambda p: y}
        options = {"ftol": 1e-13, "maxiter": 1000}
        p = optimize.minimize(**problem, method="SLSQP", constraints=plane, options=options).x
    else:
        p = optimize.minimize(**problem, method="L-BFGS-B", options=options).x
    w = (Z.T @ p / (m * ridge))[:-1]
    if not intercept:
        return w, 0.0
    kinks = y - X @ w  # the loss is linear in b between them
    losses = np.maximum(0, 1 - y * (X @ w + kinks[:, None])).mean(axis=1)
    return w, kinks[np.argmin(losses)]
